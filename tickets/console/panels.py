"""Panels beside a ticket: what its requester asked before, and which articles may answer it."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.console import short_day
from tickets.console.typing_aid import link_to
from tickets.deflection.fitting import fitting_articles
from tickets.models import Ticket

EARLIER_MOST = 5


def earlier_tickets(ticket: Ticket, reader: User) -> dict[str, Any] | None:
    """Return the newest other tickets of the requester that `reader` may see.

    Shape: {"rows": [(ticket, day in short)], "requester": number}.
    """
    others = Ticket.objects.visible_to(reader).filter(requester=ticket.requester_id).exclude(pk=ticket.pk)
    rows = [(one, short_day(one.created_at)) for one in others.order_by("-pk")[:EARLIER_MOST]]
    return {"rows": rows, "requester": ticket.requester_id} if rows else None


def articles_that_fit(ticket: Ticket, reader: User) -> dict[str, Any] | None:
    """Return articles about what the ticket asks, which its requester may read. Shape: {"rows": [(one, Markdown)]}."""
    asked = ticket.messages.public().order_by("created_at", "pk").values_list("body", flat=True).first()
    found = fitting_articles(ticket.subject, asked or "", user=ticket.requester)
    return {"rows": [(one, link_to(one.title, one.slug)) for one in found]} if found else None
