"""Moving a ticket from one status to another: the one function that does."""

from __future__ import annotations

import datetime as dt

from common import journal
from common.actors import Actor
from common.journal import Kind
from tickets import events
from tickets.models import StatusLabel, Ticket
from tickets.rules import check_move
from tickets.services.locking import save
from tickets.vocabulary import FINAL_STATUSES, OPEN_STATUSES, Status


def move(ticket: Ticket, status: str, *, by: Actor, at: dt.datetime, **columns: object) -> bool:
    """Give the locked `ticket` its new status and record it; tell whether anything changed.

    columns: what else becomes true of the ticket in the same write. A label that is not named among it goes with the
    old status, and is told as a detail that changed: the event of the status is read by customers too.
    Raises: InvalidTransition for a move that rules.MOVES does not have.
    """
    old, label = ticket.status, ticket.label if "label" not in columns else None
    if status == old:
        return False
    check_move(old, status)
    columns |= {"status": status, "updated_at": at}
    if label is not None:
        columns["label"] = None  # it was a kind of the old status
    if status == Status.SOLVED:
        columns["solved_at"] = at
    elif old == Status.SOLVED and status == Status.OPEN:
        columns["solved_at"] = None
    if status not in OPEN_STATUSES and ticket.snoozed_until is not None:
        columns["snoozed_until"] = None  # what is done waits for nothing
    if status in FINAL_STATUSES:
        columns["closed_at"] = at
    save(ticket, **columns)
    journal.record(_kind(old, status), subject=ticket, by=by, at=at, data={"status": {"from": old, "to": status}})
    if label is not None:
        record_label(ticket, old=label, new=None, by=by, at=at)
    return True


def record_label(
    ticket: Ticket, *, old: StatusLabel | None, new: StatusLabel | None, by: Actor, at: dt.datetime
) -> None:
    recorded = {"status_label": {"from": old and old.name, "to": new and new.name}}
    journal.record(events.FIELDS_CHANGED, subject=ticket, by=by, at=at, data={"changes": recorded})


def _kind(old: str, new: str) -> Kind:
    if old == Status.SOLVED and new == Status.OPEN:
        return events.REOPENED
    return {
        Status.SOLVED: events.SOLVED,
        Status.CLOSED: events.CLOSED,
        Status.CANCELLED: events.CANCELLED,
    }.get(Status(new), events.STATUS_CHANGED)
