"""The events that a webhook can be told: what records them, and what is said of each.

A builder is given the event and the facts of what it is about, and returns the envelope's `data`; None where there is
nothing to say to outsiders. One event of the journal is at most one event of a webhook.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from common.journal import Event, Kind
from knowledgebase import events as articles
from sla import events as promises
from sla.vocabulary import Metric
from tickets import events as tickets

SLA_TYPES = {
    Metric.FIRST_RESPONSE: "response",
    Metric.NEXT_RESPONSE: "next_response",
    Metric.PERIODIC_UPDATE: "periodic_update",
    Metric.RESOLUTION: "resolution",
}
CUSTOM = "custom_fields."


@dataclass(frozen=True)
class TicketFacts:
    """A ticket as it is when the event is recorded. public_fields: keys of the custom fields that customers see.

    feedback: what was written with its rating, where the event is that.
    """

    reference: str
    subject: str
    priority: str
    status: str
    customer: str
    assignee: str | None
    url: str
    created_at: dt.datetime
    sla_met: bool | None
    public_fields: frozenset[str]
    feedback: str = ""


@dataclass(frozen=True)
class ArticleFacts:
    """is_for_customers: whether anybody but the support team may read it."""

    title: str
    slug: str
    summary: str
    language: str
    product_area: str | None
    url: str
    published_at: dt.datetime | None
    is_for_customers: bool


Facts = TypeVar("Facts", TicketFacts, ArticleFacts)
Data = dict[str, Any]


@dataclass(frozen=True)
class EventType:
    """build: takes the event and its facts. example: what `data` looks like, for the documents."""

    name: str
    label: str
    kinds: tuple[Kind, ...]
    build: Callable[[Event, Any], Data | None]
    example: Data


def instant(moment: dt.datetime | str | None) -> str | None:
    """Write an instant in UTC, to the second."""
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def ticket_created(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "subject": ticket.subject,
        "priority": ticket.priority,
        "status": ticket.status,
        "customer": {"name": ticket.customer},
        "created_at": instant(ticket.created_at),
        "url": ticket.url,
    }


def ticket_updated(event: Event, ticket: TicketFacts) -> Data | None:
    changes = _changes(event, ticket.public_fields)
    if not changes:
        return None
    state = {"status": ticket.status, "priority": ticket.priority, "assigned_to": ticket.assignee}
    return {
        "ticket_id": ticket.reference,
        "changes": changes,
        "current_state": state,
        "updated_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def _changes(event: Event, public_fields: frozenset[str]) -> Data:
    """Return what changed, without the custom fields that are the support team's alone."""
    data: Data = event.data
    if event.kind == tickets.TEAM_CHANGED.name:
        return {"team": data["names"]}
    if event.kind == tickets.PRIORITY_CHANGED.name:
        return {"priority": data["priority"]}
    if event.kind == tickets.FIELDS_CHANGED.name:
        return {
            name: change
            for name, change in data["changes"].items()
            if not name.startswith(CUSTOM) or name.removeprefix(CUSTOM) in public_fields
        }
    return {"status": data["status"]}


def ticket_assigned(event: Event, ticket: TicketFacts) -> Data:
    names = event.data["names"]
    return {
        "ticket_id": ticket.reference,
        "assigned_to": names["to"],
        "assigned_from": names["from"],
        "assigned_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def ticket_solved(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "subject": ticket.subject,
        "resolved_by": event.actor_label,
        "resolution_time_seconds": int((event.occurred_at - ticket.created_at).total_seconds()),
        "sla_met": ticket.sla_met,
        "resolved_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def ticket_closed(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "subject": ticket.subject,
        "closed_by": event.actor_label,
        "closed_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def ticket_reopened(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "subject": ticket.subject,
        "reopened_by": event.actor_label,
        "reopened_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def ticket_merged(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "into_ticket_id": event.data["into"],
        "merged_by": event.actor_label,
        "merged_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def comment_created(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "comment_id": event.data["message"],
        "author": event.actor_label,
        "is_internal": False,  # an internal note is no event
        "created_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def csat_submitted(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "rating": event.data["rating"],
        "feedback": ticket.feedback,
        "submitted_at": instant(event.occurred_at),
        "url": ticket.url,
    }


def sla_breached(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "sla_type": SLA_TYPES[Metric(event.data["metric"])],
        "elapsed_pct": event.data["percent"],
        "breached_at": instant(event.data["breached_at"]),
        "due_at": instant(event.data["due_at"]),
        "url": ticket.url,
    }


def sla_maintenance(event: Event, ticket: TicketFacts) -> Data:
    return {
        "ticket_id": ticket.reference,
        "window": event.data["window"],
        "at": instant(event.occurred_at),
        "url": ticket.url,
    }


def article_published(event: Event, article: ArticleFacts) -> Data | None:
    if not article.is_for_customers:
        return None
    return {
        "slug": article.slug,
        "title": article.title,
        "summary": article.summary,
        "language": article.language,
        "product_area": article.product_area,
        "published_at": instant(article.published_at or event.occurred_at),
        "url": article.url,
    }


ID, URL = "ODG-1042", "https://support.example/tickets/ODG-1042"
AT = "2026-02-08T03:00:00Z"
SUBJECT = "Lineage graph is empty"
UPDATES = (
    *(tickets.STATUS_CHANGED, tickets.CANCELLED, tickets.PRIORITY_CHANGED, tickets.TEAM_CHANGED),
    tickets.FIELDS_CHANGED,
)

EVENT_TYPES = (
    EventType(
        "ticket.created",
        "A ticket was opened",
        (tickets.OPENED,),
        ticket_created,
        {
            "ticket_id": ID,
            "subject": SUBJECT,
            "priority": "P2_HIGH",
            "status": "NEW",
            "customer": {"name": "Rita Lindqvist"},
            "created_at": AT,
            "url": URL,
        },
    ),
    EventType(
        "ticket.updated",
        "Status, priority, team or details changed",
        UPDATES,
        ticket_updated,
        {
            "ticket_id": ID,
            "changes": {"priority": {"from": "P3_NORMAL", "to": "P2_HIGH"}},
            "current_state": {"status": "OPEN", "priority": "P2_HIGH", "assigned_to": "Agnes Moreau"},
            "updated_at": AT,
            "url": URL,
        },
    ),
    EventType(
        "ticket.assigned",
        "A ticket went to somebody, or to nobody",
        (tickets.ASSIGNED,),
        ticket_assigned,
        {"ticket_id": ID, "assigned_to": "Agnes Moreau", "assigned_from": None, "assigned_at": AT, "url": URL},
    ),
    EventType(
        "ticket.solved",
        "A ticket was solved",
        (tickets.SOLVED,),
        ticket_solved,
        {
            "ticket_id": ID,
            "subject": SUBJECT,
            "resolved_by": "Agnes Moreau",
            "resolution_time_seconds": 7260,
            "sla_met": True,
            "resolved_at": AT,
            "url": URL,
        },
    ),
    EventType(
        "ticket.closed",
        "A ticket was closed for good",
        (tickets.CLOSED,),
        ticket_closed,
        {"ticket_id": ID, "subject": SUBJECT, "closed_by": "automatic closing", "closed_at": AT, "url": URL},
    ),
    EventType(
        "ticket.reopened",
        "A solved ticket was opened again",
        (tickets.REOPENED,),
        ticket_reopened,
        {"ticket_id": ID, "subject": SUBJECT, "reopened_by": "Rita Lindqvist", "reopened_at": AT, "url": URL},
    ),
    EventType(
        "ticket.merged",
        "A ticket was merged into another one",
        (tickets.MERGED,),
        ticket_merged,
        {"ticket_id": ID, "into_ticket_id": "ODG-977", "merged_by": "Agnes Moreau", "merged_at": AT, "url": URL},
    ),
    EventType(
        "comment.created",
        "Somebody wrote on a ticket, for everybody on it to read",
        (tickets.PUBLIC_REPLY_POSTED, tickets.CUSTOMER_MESSAGE_POSTED),
        comment_created,
        {
            "ticket_id": ID,
            "comment_id": 5120,
            "author": "Agnes Moreau",
            "is_internal": False,
            "created_at": AT,
            "url": URL,
        },
    ),
    EventType(
        "csat.submitted",
        "The requester of a ticket rated it",
        (tickets.SURVEY_RATED,),
        csat_submitted,
        {"ticket_id": ID, "rating": 5, "feedback": "Quick, and well explained.", "submitted_at": AT, "url": URL},
    ),
    EventType(
        "sla.breached",
        "A promised time passed",
        (promises.BREACHED,),
        sla_breached,
        {"ticket_id": ID, "sla_type": "response", "elapsed_pct": 100, "breached_at": AT, "due_at": AT, "url": URL},
    ),
    EventType(
        "sla.maintenance_began",
        "A ticket's clocks stopped for maintenance",
        (promises.MAINTENANCE_BEGAN,),
        sla_maintenance,
        {"ticket_id": ID, "window": "Database upgrade", "at": AT, "url": URL},
    ),
    EventType(
        "sla.maintenance_ended",
        "A ticket's clocks run again after maintenance",
        (promises.MAINTENANCE_ENDED,),
        sla_maintenance,
        {"ticket_id": ID, "window": "Database upgrade", "at": AT, "url": URL},
    ),
    EventType(
        "article.published",
        "An article that customers may read was published",
        (articles.ARTICLE_PUBLISHED,),
        article_published,
        {
            "slug": "repair-a-pipeline",
            "title": "Repair a pipeline",
            "summary": "What to check first.",
            "language": "en",
            "product_area": "DATA_CATALOG",
            "published_at": AT,
            "url": "https://support.example/help/repair-a-pipeline",
        },
    ),
)
BY_NAME = {one.name: one for one in EVENT_TYPES}
BY_KIND = {kind.name: one for one in EVENT_TYPES for kind in one.kinds}
PING = "ping"
PING_EXAMPLE: Data = {"webhook_id": 7, "name": "Chat bridge", "words": "This is a test. Nothing happened."}
