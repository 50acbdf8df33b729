"""Declared maintenance: the room that knows of windows says here when one really begins and ends for a ticket (M12)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from common import journal
from common.actors import Actor
from common.time import now
from sla import events
from tickets.models import Ticket


@transaction.atomic
def begin_maintenance(ticket: Ticket, *, window: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Stop the clocks of the ticket whose policy honours maintenance. window: what it is called."""
    _record(events.MAINTENANCE_BEGAN, ticket, window, by, at)


@transaction.atomic
def end_maintenance(ticket: Ticket, *, window: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Let the clocks run again, unless another window is still on."""
    _record(events.MAINTENANCE_ENDED, ticket, window, by, at)


def _record(kind: journal.Kind, ticket: Ticket, window: str, by: Actor, at: dt.datetime | None) -> None:
    locked = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    journal.record(kind, subject=locked, by=by, at=at or now(), data={"window": window})
