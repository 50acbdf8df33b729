"""What the pages of a ticket show of its rating: the requester's own page, and the panel of the console."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from tickets.models import Survey, Ticket
from tickets.satisfaction.forms import RatingForm
from tickets.satisfaction.rules import may_be_rated
from tickets.views.doors import Visit

PREFIX = "rate-%s"  # of the form's ids: the page has another form


def offer(visit: Visit, form: RatingForm | None = None) -> dict[str, Any] | None:
    """Return what the ticket's page shows of its rating: a form, or what was said. None to all but the requester.

    Shape: {"form": RatingForm or None, "survey": Survey or None, "url": where the form posts}.
    """
    ticket = visit.ticket
    is_merged = ticket.merged_into_id is not None
    if visit.person.pk != ticket.requester_id or not may_be_rated(ticket.status, is_merged=is_merged):
        return None
    survey = Survey.objects.rated().filter(ticket=ticket).first()
    shown = None if survey else form or RatingForm(auto_id=PREFIX)
    return {"form": shown, "survey": survey, "url": visit.url("rate")}


def panel(ticket: Ticket, reader: User) -> dict[str, Any] | None:
    """Return how a ticket was rated, or that its requester was asked, will be, or was not and why."""
    survey = Survey.objects.filter(ticket=ticket).first()
    return {"survey": survey} if survey else None
