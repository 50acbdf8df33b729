"""Where rooms to the right show what they know of a ticket: on its pages, in the console, and in the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from common.slots import PageSlot, Slot
from tickets.models import Message, Ticket


@dataclass(frozen=True)
class Panel:
    """A panel beside a ticket in the console. Each is fetched by itself, so none can hold up the conversation.

    read: takes the ticket and who looks at it; returns what the template takes as `panel`, or None where there is
    nothing to show.
    """

    key: str
    title: str
    permission: str
    template: str
    read: Callable[[Ticket, User], Mapping[str, Any] | None]
    is_first: bool = False


PANELS: dict[str, Panel] = {}


def add_panel(panel: Panel) -> None:
    """Show `panel` beside every ticket, below those that came before, or above what is the page's own."""
    PANELS[panel.key] = panel


SLA: Slot[Ticket] = Slot(
    "promises of a ticket",
    shape="{first_response_due_at, next_response_due_at, resolution_due_at: instant or None; breached, paused: bool}",
)
PROMISES_IN_FULL: Slot[Ticket] = Slot(
    "the clocks of a ticket, inside the API's answer about it",
    shape="a function of `is_staff` that returns what GET /tickets/{ticket_id}/sla answers",
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


@dataclass(frozen=True)
class Kept:
    """Promises whose verdict fell on a day. tier: a key, or empty."""

    day: dt.date
    tier: str
    met: int
    broken: int


@dataclass(frozen=True)
class KeptAsked:
    """Whose promises, and when: days of the present zone. organization: its number; None for those of all."""

    since: dt.datetime
    until: dt.datetime
    organization: int | None = None


PROMISES_KEPT: PageSlot[KeptAsked] = PageSlot("how promises were kept day by day", shape="[Kept]")


def promises_kept(asked: KeptAsked) -> list[Kept]:
    """Return the days on which verdicts fell, by tier; nothing where nobody keeps promises."""
    return [row for rows in PROMISES_KEPT.ask(asked) for row in rows]
