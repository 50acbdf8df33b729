"""Opening a ticket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.models import ProductArea, Team, Tier, User
from common import journal
from common.actors import Actor
from common.errors import Invalid, NotAllowed
from common.time import now
from knowledgebase.models import Article
from tickets import events
from tickets.access import may_work
from tickets.models import BlockedSender, CustomField, Message, RequestForm, Tag, Ticket, TriageRule
from tickets.request_rules import kept_of, required_of
from tickets.rules import check_custom_fields, check_required_fields, triage, within_tier
from tickets.services.attaching import attach_all
from tickets.services.cascade import service
from tickets.services.messages import add_message
from tickets.services.people import follow
from tickets.services.tagging import tags_named
from tickets.services.text import checked_body, checked_subject
from tickets.vocabulary import Channel, MessageKind, Priority, PrioritySource


@service
def open_ticket(
    *,
    subject: str,
    description: str,
    requester: User,
    by: Actor,
    channel: Channel,
    priority: str | None = None,
    product_area: ProductArea | None = None,
    team: Team | None = None,
    environment: str = "",
    product_version: str = "",
    tags: Iterable[str] = (),
    custom_fields: Mapping[str, Any] | None = None,
    request_form: RequestForm | None = None,
    files: Sequence[UploadedFile] = (),
    followers: Iterable[User] = (),
    external_id: str = "",
    is_automatic: bool = False,
    article: Article | None = None,
    at: dt.datetime | None = None,
) -> Ticket:
    """Open a ticket with its description as the first message, and return it.

    priority: as asked for; honoured within what the tier allows, else triaged (decision C2).
    custom_fields: None where nobody was asked for them, so that none is missed.
    request_form: decides by the other answers which fields are kept and must be answered, and who gets the ticket;
    where it is offered in a single product area, that one is meant when none is named.
    is_automatic: a machine wrote it, and gets no automatic answer.
    article: what the requester read before, which agents see on the timeline.
    Raises: Invalid for what does not validate, NotAllowed for a blocked sender.
    """
    at = at or now()
    subject, description = checked_subject(subject), checked_body(description, field="description")
    _refuse_blocked(requester)
    product_area = _area_for(request_form, product_area)
    # What a form's conditions look at is what was answered, not what triage makes of it.
    about = {"product_area": product_area and product_area.key, "environment": environment, "priority": priority}
    priority, source, rule = _priority(priority, f"{subject}\n{description}", requester)
    is_asked = custom_fields is not None or request_form is not None
    answers = _custom_fields(custom_fields or {}, by, request_form, about) if is_asked else {}
    ticket = Ticket.objects.create(
        subject=subject,
        requester=requester,
        submitter=by if isinstance(by, User) and by.pk != requester.pk else None,
        organization=requester.organization,
        team=team or (request_form and request_form.team) or (product_area.team if product_area else None),
        priority=priority,
        priority_source=source,
        product_area=product_area,
        environment=environment,
        product_version=product_version.strip(),
        channel=channel,
        custom_fields=answers,
        request_form=request_form,
        external_id=external_id,
        created_at=at,
        updated_at=at,
    )
    labels = tags_named(tags)
    ticket.tags.set(labels)
    for person in followers:
        follow(ticket, person)
    message = add_message(
        ticket,
        kind=MessageKind.CUSTOMER_MESSAGE,
        body=description,
        author=requester,
        channel=channel,
        is_automatic=is_automatic,
        at=at,
    )
    attach_all(ticket, files, message=message, by=by)
    facts = _facts(ticket, message=message, rule=rule, tags=labels)
    journal.record(events.OPENED, subject=ticket, by=by, channel=channel, at=at, data=facts)
    if article is not None:
        read = {"article": article.pk, "name": article.title}
        journal.record(events.ARTICLE_READ, subject=ticket, by=by, channel=channel, at=at, data=read)
    return ticket


def _facts(ticket: Ticket, *, message: Message, rule: str, tags: Iterable[Tag]) -> dict[str, Any]:
    """Return what was true when the ticket was opened, from which its promises can be worked out again."""
    return {
        "status": ticket.status,
        "priority": ticket.priority,
        "priority_source": ticket.priority_source,
        "rule": rule,
        "tier": ticket.organization.tier if ticket.organization else "",
        "organization": ticket.organization_id,
        "requester": ticket.requester_id,
        "submitter": ticket.submitter_id,
        "product_area": ticket.product_area.key if ticket.product_area else "",
        "team": ticket.team_id,
        "tags": sorted(tag.name for tag in tags),
        "message": message.pk,
        **({"is_automatic": True} if message.is_automatic else {}),
    }


def _refuse_blocked(requester: User) -> None:
    if BlockedSender.objects.filter(pattern__in=BlockedSender.patterns_of(requester.email)).exists():
        raise NotAllowed("Messages from this address are not accepted.", code="sender_blocked")


def _area_for(form: RequestForm | None, area: ProductArea | None) -> ProductArea | None:
    """Return the product area of a request in `form`. Raises: Invalid for one that the form does not offer."""
    offered = form.areas if form else []
    if area is None:
        return offered[0] if len(offered) == 1 else None
    if offered and area not in offered:
        names = ", ".join(f"{one.name} ({one.key})" for one in offered)
        raise Invalid(
            f"The form “{form}” is not for {area.name}. Use {names}.", field="product_area", code="invalid_choice"
        )
    return area


def _priority(asked: str | None, text: str, requester: User) -> tuple[str, str, str]:
    """Return the priority, its source, and the name of the triage rule that set it, if one did."""
    tier = requester.organization.tier if requester.organization else Tier.COMMUNITY
    if asked:
        return within_tier(asked, tier), PrioritySource.SUBMITTED, ""
    rule = triage(text, [row.rule for row in TriageRule.objects.filter(is_active=True)])
    if rule is None:
        return Priority.P3_NORMAL, PrioritySource.DEFAULT, ""
    return within_tier(rule.priority, tier), PrioritySource.TRIAGE, rule.name


def _custom_fields(
    values: Mapping[str, Any], by: Actor, form: RequestForm | None, about: Mapping[str, Any]
) -> dict[str, Any]:
    fields = [row.rule for row in CustomField.objects.filter(is_active=True)]
    is_customer = isinstance(by, User) and not may_work(by)
    checked = check_custom_fields(values, fields, is_customer=is_customer)
    fields = [field for field in fields if field.is_customer_editable or not is_customer]
    if form is not None:
        answers = {**about, **checked}
        required = required_of(form.rules, answers)
        check_required_fields(checked, [replace(one, is_required=True) for one in fields if one.key in required])
        return {key: value for key, value in kept_of(form.rules, answers).items() if key in checked}
    check_required_fields(checked, fields)
    return checked
