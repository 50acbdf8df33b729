"""Tickets to files: the same names as the API, internal notes only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch

from common.spreadsheets import harmless
from tickets.models import Message, Ticket

COLUMNS = (
    *("ticket_id", "subject", "status", "priority", "product_area", "environment", "product_version", "channel"),
    *("customer_name", "customer_email", "organization", "assignee", "team", "tags", "created_at", "updated_at"),
    *("first_response_at", "solved_at", "closed_at"),
)


def exported_tickets(*, with_internal_notes: bool = False, with_messages: bool = True) -> Iterator[dict[str, Any]]:
    """Yield each ticket, oldest first, as plain values; `messages` holds its conversation where wanted."""
    messages = Message.objects.select_related("author")
    if not with_internal_notes:
        messages = messages.public()
    tickets = Ticket.objects.for_list().order_by("id")
    if with_messages:
        tickets = tickets.prefetch_related(Prefetch("messages", messages))
    for ticket in tickets.iterator(chunk_size=500):
        row = exported_row(ticket)
        if with_messages:
            row["custom_fields"] = ticket.custom_fields
            row["messages"] = [_message(message) for message in ticket.messages.all()]
        yield row


def csv_cells(row: dict[str, Any]) -> list[str]:
    """Return an exported row as the cells of COLUMNS, none of which a spreadsheet takes for a formula."""
    texts = (", ".join(value) if isinstance(value := row[name], list) else value or "" for name in COLUMNS)
    return [harmless(text) for text in texts]


def exported_row(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket as plain values by the API's names, without its conversation."""
    return {
        "ticket_id": ticket.reference,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "product_area": ticket.product_area.key if ticket.product_area else None,
        "environment": ticket.environment,
        "product_version": ticket.product_version,
        "channel": ticket.channel,
        "customer_name": ticket.requester.name,
        "customer_email": ticket.requester.email,
        "organization": ticket.organization.name if ticket.organization else None,
        "assignee": ticket.assignee.email if ticket.assignee else None,
        "team": ticket.team.name if ticket.team else None,
        "tags": [tag.name for tag in ticket.tags.all()],
        "created_at": ticket.created_at.isoformat(),
        "updated_at": ticket.updated_at.isoformat(),
        **{
            name: (value.isoformat() if (value := getattr(ticket, name)) else None)
            for name in ("first_response_at", "solved_at", "closed_at")
        },
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "author": message.author.email if message.author else None,
        "body": message.body,
        "channel": message.channel,
        "created_at": message.created_at.isoformat(),
    }
