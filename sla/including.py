"""A ticket's promises in full, inside the API's answer about the ticket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from common.time import now
from sla.models import Clock
from sla.serializers import TicketSlaSerializer
from sla.showing import clocks_of
from sla.telling import ticket_sla
from tickets.models import Ticket


def promises_in_full(tickets: Sequence[Ticket]) -> dict[int, Callable[..., dict[str, Any]]]:
    """Return for each ticket a function that tells its clocks as `GET /tickets/{ticket_id}/sla` does."""
    clocks = clocks_of(tickets)
    return {ticket.pk: partial(_told, ticket, clocks.get(ticket.pk, [])) for ticket in tickets}


def _told(ticket: Ticket, clocks: Sequence[Clock], *, is_staff: bool) -> dict[str, Any]:
    return dict(TicketSlaSerializer(ticket_sla(ticket, clocks, now(), is_staff=is_staff)).data)
