"""Panels beside a ticket: what is to be done, the time it took, what its requester asked before, which articles fit."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.console import short_day
from tickets.access import may_work
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


def checklist(ticket: Ticket, reader: User) -> dict[str, Any]:
    """Return what is to be done. Shape: {"rows": [ChecklistItem], "done": how many, "may_work"}."""
    rows = list(ticket.checklist.select_related("done_by"))
    return {"rows": rows, "done": sum(row.done_at is not None for row in rows), "may_work": may_work(reader, ticket)}


def time_spent(ticket: Ticket, reader: User) -> dict[str, Any]:
    """Return the time that was spent. Shape: {"rows": [(TimeEntry, may be taken back)], "total": words, "may_work"}."""
    is_worker, is_keeper = may_work(reader, ticket), reader.has_perm("tickets.delete_timeentry")
    entries = list(ticket.time_entries.select_related("person"))
    rows = [(one, is_worker and (is_keeper or one.person_id == reader.pk)) for one in entries]
    hours, minutes = divmod(sum(one.minutes for one in entries), 60)
    total = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    return {"rows": rows, "total": total, "may_work": is_worker}
