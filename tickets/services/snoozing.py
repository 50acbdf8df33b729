"""Putting a ticket aside until a time, or until its customer writes. Its promises go on meanwhile."""

from __future__ import annotations

import datetime as dt

from common import journal
from common.actors import SYSTEM, Actor
from common.errors import Conflict, Invalid
from common.time import now
from tickets import events
from tickets.access import require_sight, require_work
from tickets.models import Ticket
from tickets.services.cascade import service
from tickets.services.locking import lock, save

LONGEST = dt.timedelta(days=365)
WOKEN_AT_ONCE_MOST = 500


@service
def snooze_ticket(ticket: Ticket, *, until: dt.datetime, by: Actor, at: dt.datetime | None = None) -> Ticket:
    """Take an open ticket out of the queue until `until`, within a year.   Raises: Conflict, Invalid, NotAllowed."""
    at = at or now()
    ticket = lock(ticket)
    require_sight(by, ticket)
    require_work(by, ticket)
    if not ticket.is_open:
        raise Conflict(f"{ticket.reference} is {ticket.get_status_display().lower()}: it is in nobody's way.")
    if not at < until <= at + LONGEST:
        raise Invalid("Choose a time between now and a year from now.", field="until", code="out_of_range")
    if until != ticket.snoozed_until:
        save(ticket, snoozed_until=until, updated_at=at)
        journal.record(events.SNOOZED, subject=ticket, by=by, at=at, data={"until": until.isoformat()})
    return ticket


@service
def wake_ticket(ticket: Ticket, *, by: Actor, at: dt.datetime | None = None) -> Ticket:
    """Bring a ticket back before its time. Twice is harmless."""
    ticket = lock(ticket)
    require_sight(by, ticket)
    require_work(by, ticket)
    wake(ticket, by=by, at=at or now(), reason="")
    return ticket


def wake(ticket: Ticket, *, by: Actor, at: dt.datetime, reason: str) -> bool:
    """Bring the locked `ticket` back, and tell whether it was away. reason: in words, "" where somebody did it."""
    if ticket.snoozed_until is None:
        return False
    save(ticket, snoozed_until=None, updated_at=at)
    journal.record(events.WOKEN, subject=ticket, by=by, at=at, data={"reason": reason})
    return True


def wake_due(at: dt.datetime | None = None) -> int:
    """Bring back the tickets whose time has come, each once, and return how many came."""
    at = at or now()
    due = Ticket.objects.filter(snoozed_until__lte=at).order_by("snoozed_until", "pk")
    return sum(_wake_if_due(ticket, at) for ticket in due[:WOKEN_AT_ONCE_MOST])


@service
def _wake_if_due(ticket: Ticket, at: dt.datetime) -> bool:
    ticket = lock(ticket)
    is_due = ticket.snoozed_until is not None and ticket.snoozed_until <= at
    return is_due and wake(ticket, by=SYSTEM, at=at, reason="its time had come")
