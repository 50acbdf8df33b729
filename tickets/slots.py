"""Where rooms to the right show what they know of a ticket: on its pages, in the console, and in the API."""

from accounts.models import User
from common.slots import Slot
from tickets.models import Message, Ticket

PANELS: Slot[Ticket] = Slot(
    "panels beside a ticket",
    shape="{permission: needed to see the panel, is_first: before all that is the page's own; and what is shown of it}",
)
SLA: Slot[Ticket] = Slot(
    "promises of a ticket",
    shape="{first_response_due_at, next_response_due_at, resolution_due_at: instant or None; breached, paused: bool}",
)
MESSAGES: Slot[Message] = Slot(
    "what the way in says of a message",
    shape="{by, warning: words; folded: safe HTML; url: of the original; each may be ''; troubles: [sentence]}",
)
PROMISES: Slot[Ticket] = Slot(
    "who answers by when, as the ticket's customers read it",
    shape='as components/promise.html takes it: {"text": words or safe HTML, "why": words, "tone": "", "glyph": ""}',
)
UNREACHABLE: Slot[User] = Slot("people to whom nothing is mailed", shape="why, in words")
EXPECTATIONS: Slot[User] = Slot(
    "how soon a new ticket of this person is answered, beside the form that opens one",
    shape="as components/facts.html takes its rows: [(priority in words, how soon)]",
)
TIMES_LEFT: Slot[Ticket] = Slot(
    "the time left to a ticket's nearest promise, in a row of the queue",
    shape='{"look": fine, warning, breached, paused or none; "arc": 0 to 37.7; "words": how long; "name": of what}',
)
