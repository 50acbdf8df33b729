"""From an event of the journal to one delivery for each webhook that wants it, in the transaction at hand.

What is said is written now and stays: the body of every try, also of one years later by hand, is the same bytes.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from common import context
from common.journal import Event
from integrations.services import queue_delivery
from integrations.webhooks import catalogue
from integrations.webhooks.catalogue import ArticleFacts, EventType, TicketFacts
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.rules import Subject, envelope, wants
from knowledgebase.models import Article
from knowledgebase.vocabulary import Audience
from sla.models import Clock
from tickets.events import FIELDS_CHANGED, OPENED, SOLVED, SURVEY_RATED
from tickets.models import CustomField, Survey, Ticket

Wanting = list[WebhookSubscription]


def tell_webhooks(event: Event) -> None:
    """Queue what the webhooks are told of `event`; nothing while the past is filled in."""
    if context.current().is_backfill:
        return
    event_type = catalogue.BY_KIND[event.kind]
    active = list(WebhookSubscription.objects.filter(is_active=True))
    interested = [one for one in active if event_type.name in one.event_types]
    if not interested:
        return
    narrowed_by = frozenset(name for one in interested for name, values in one.filters.items() if values)
    subject, facts = _read(event, narrowed_by)
    wanting = [one for one in interested if wants(one.event_types, one.filters, event_type.name, subject)]
    data = event_type.build(event, facts) if wanting else None
    if data is not None:
        _queue(event, event_type, data, wanting)


def _queue(event: Event, event_type: EventType, data: dict[str, Any], wanting: Wanting) -> None:
    body = envelope(event_type.name, catalogue.instant(event.occurred_at), data)
    stream = f"{event.subject_type.rpartition('.')[2]}:{event.subject_id}"
    for subscription in wanting:
        queue_delivery(
            kind="webhook",
            template=event_type.name,
            destination=subscription.destination,
            event=event,
            payload={"webhook_id": f"evt_{event.uid.hex}", "body": body},
            stream=stream,
        )


def _read(event: Event, narrowed_by: frozenset[str]) -> tuple[Subject, TicketFacts | ArticleFacts]:
    """Return what filters and builders need to know of what the event is about. This runs inside somebody's request,
    so nothing is looked up that nobody asks for.

    narrowed_by: the filters that any webhook has set.
    """
    if event.subject_type == Article._meta.label_lower:
        article = Article.objects.select_related("product_area").get(pk=event.subject_id)
        return _article(article)
    row = event.subject
    ticket = row if isinstance(row, Ticket) else Ticket.objects.get(pk=event.subject_id)
    return _narrowing(ticket, narrowed_by), _ticket(ticket, event)


def _narrowing(ticket: Ticket, narrowed_by: frozenset[str]) -> Subject:
    area = ticket.product_area if "product_areas" in narrowed_by else None
    names = ticket.tags.values_list("name", flat=True) if "tags" in narrowed_by else ()
    return Subject(
        priority=ticket.priority,
        organization=ticket.organization_id,
        product_area=area.key if area else None,
        tags=frozenset(names),
        is_ticket=True,
    )


def _ticket(ticket: Ticket, event: Event) -> TicketFacts:
    return TicketFacts(
        reference=ticket.reference,
        subject=ticket.subject,
        priority=ticket.priority,
        status=ticket.status,
        customer=ticket.requester.name if event.kind == OPENED.name else "",
        assignee=ticket.assignee.name if ticket.assignee else None,
        url=f"{settings.SITE_URL}{reverse('ticket-detail', args=[ticket.reference])}",
        created_at=ticket.created_at,
        sla_met=_sla_met(ticket) if event.kind == SOLVED.name else None,
        public_fields=_public_fields() if event.kind == FIELDS_CHANGED.name else frozenset(),
        feedback=_feedback(ticket) if event.kind == SURVEY_RATED.name else "",
    )


def _sla_met(ticket: Ticket) -> bool | None:
    """Tell whether no promise of the ticket was broken; None where nothing was promised."""
    breached = list(Clock.objects.filter(ticket=ticket, target_us__isnull=False).values_list("breached_at", flat=True))
    return all(at is None for at in breached) if breached else None


def _feedback(ticket: Ticket) -> str:
    return Survey.objects.filter(ticket=ticket).values_list("comment", flat=True).first() or ""


def _public_fields() -> frozenset[str]:
    return frozenset(CustomField.objects.filter(is_customer_visible=True).values_list("key", flat=True))


def _article(article: Article) -> tuple[Subject, ArticleFacts]:
    area = article.product_area.key if article.product_area else None
    facts = ArticleFacts(
        title=article.title,
        slug=article.slug,
        summary=article.summary,
        language=article.language,
        product_area=area,
        url=f"{settings.SITE_URL}{reverse('kb-article', args=[article.slug])}",
        published_at=article.published_at,
        is_for_customers=article.audience != Audience.STAFF,
    )
    return Subject(product_area=area, tags=frozenset(article.tags)), facts
