"""Taking a ticket for a change, and leaving it changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from common.errors import Stale
from common.time import now
from tickets.models import Ticket


def lock(ticket: Ticket, *, expected_version: int | None = None) -> Ticket:
    """Return the ticket as it is now, locked until the transaction ends.

    The lock leaves its key alone, so that rows which only name the ticket can be written meanwhile: a monitor
    that holds the ticket's clocks writes such rows, and would else wait for us while we wait for it.
    Raises: Stale where it is no longer the version the caller read.
    """
    locked = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    if expected_version is not None and locked.version != expected_version:
        raise Stale(
            f"{locked.reference} was changed by somebody else since you opened it. Look at it again, then repeat.",
            data={"version": locked.version},
        )
    return locked


def save(ticket: Ticket, **columns: Any) -> None:
    """Write `columns` to the locked `ticket` as its next version."""
    for name, value in columns.items():
        setattr(ticket, name, value)
    ticket.version += 1
    ticket.updated_at = max(columns.get("updated_at", now()), ticket.updated_at)
    ticket.save(update_fields=[*columns, "version", "updated_at"])


def set_next_due(ticket_id: int, due_at: dt.datetime | None) -> None:
    """Note when the next promise for the ticket falls due. It is no change of the ticket: its version stays."""
    Ticket.objects.filter(pk=ticket_id).exclude(next_due_at=due_at).update(next_due_at=due_at)
