"""What Slack is told of a ticket, read off its rows when the message is made."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse

from common.console import change_url
from common.time import now
from integrations.slack.blocks import TicketFacts
from sla.showing import clocks_of
from sla.telling import compliance_of
from tickets.models import Ticket


def facts_of(ticket: Ticket, *, is_internal: bool = True) -> TicketFacts:
    """Return the facts. is_internal: whether the support team reads them; others get the customer's words and page."""
    organization = f", {ticket.organization}" if ticket.organization else ""
    path = change_url(ticket) if is_internal else reverse("ticket-detail", args=[ticket.reference])
    return TicketFacts(
        number=ticket.pk,
        reference=ticket.reference,
        subject=ticket.subject,
        url=f"{settings.SITE_URL}{path}",
        status=ticket.get_status_display() if is_internal else ticket.status_look.customer_words,
        priority=ticket.get_priority_display(),
        customer=f"{ticket.requester.name}{organization}",
        assignee=str(ticket.assignee or ""),
        team=str(ticket.team or ""),
        is_open=ticket.is_open,
    )


def ticket_with_facts(number: int) -> Ticket | None:
    rows = Ticket.objects.select_related("requester", "organization", "assignee", "team")
    return rows.filter(pk=number).first()


def hours_taken(ticket: Ticket) -> float:
    return ((ticket.solved_at or now()) - ticket.created_at).total_seconds() / 3600


def is_within_sla(ticket: Ticket) -> bool | None:
    """Tell whether all that was promised was kept; None where nothing was promised."""
    told = compliance_of(ticket, clocks_of([ticket])[ticket.pk], now())
    return not told["sla_breached"] if told["sla_applicable"] else None


def moment_words(instant: str | None) -> str:
    """Tell an ISO instant in UTC: people of many zones read one channel."""
    return f"{dt.datetime.fromisoformat(instant).astimezone(dt.UTC):%a %d %b, %H:%M} UTC" if instant else ""
