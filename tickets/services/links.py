"""Writing one link between tickets."""

from __future__ import annotations

from common import journal
from common.actors import Actor
from tickets import events
from tickets.models import Ticket, TicketLink
from tickets.vocabulary import LinkKind


def write_link(ticket: Ticket, *, kind: LinkKind, other: Ticket, by: Actor) -> TicketLink:
    """Write the link and record it on the locked `ticket`."""
    link, is_new = TicketLink.objects.get_or_create(ticket=ticket, kind=kind, other=other)
    if is_new:
        data = {"kind": kind, "other": other.reference, "other_id": other.pk}
        journal.record(events.LINKED, subject=ticket, by=by, data=data)
    return link
