"""Taking a ticket for spam."""

from __future__ import annotations

from accounts.models import User
from common import journal
from common.actors import Actor
from common.time import now
from tickets import events
from tickets.access import require_work
from tickets.models import Tag, Ticket
from tickets.services.cascade import service
from tickets.services.locking import lock, save
from tickets.services.people import block_sender
from tickets.services.status import move
from tickets.vocabulary import OPEN_STATUSES, SPAM, Status


@service
def mark_as_spam(ticket: Ticket, *, by: Actor, is_blocking: bool = False) -> Ticket:
    """Tag the ticket as spam and cancel it, without a word to whoever sent it. Twice is harmless.

    is_blocking: also take no more tickets from the requester's address; for whoever may block senders.
    Raises: NotAllowed.
    """
    ticket = lock(ticket)
    require_work(by, ticket)
    pattern = ""
    if is_blocking and isinstance(by, User):
        pattern = block_sender(ticket.requester.email, by=by, reason=f"Spam: {ticket.reference}").pattern
    if not ticket.tags.filter(name=SPAM).exists():
        ticket.tags.add(Tag.objects.get_or_create(name=SPAM)[0])
        save(ticket)
        journal.record(events.MARKED_AS_SPAM, subject=ticket, by=by, data={"pattern": pattern} if pattern else {})
    if ticket.status in OPEN_STATUSES:
        move(ticket, Status.CANCELLED, by=by, at=now())
    return ticket
