"""Mails to staff: escalations, storms, webhooks that died, bad ratings, what rules say, the week. None to a customer.

How things stand is looked up when the mail is sent; how the clock stood when it was due is in the delivery.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date

from common.console import change_url, changelist_url
from integrations.email import weekly
from integrations.models import Delivery, WebhookSubscription
from sla.models import Clock, StepRun, Storm
from sla.vocabulary import ClockState, StoppedBy
from sla.words import MINUTE, duration_words
from tickets.models import Survey, Ticket
from tickets.vocabulary import Priority


@dataclass(frozen=True)
class Notice:
    """context: what its templates take. thread: the name of the thread that it is a part of."""

    context: dict[str, Any]
    thread: str


def escalation(delivery: Delivery) -> Notice | None:
    """Return what to say of an escalation step, its times in the current zone; None where the ticket is gone."""
    run = _run(delivery)
    if run is None:
        return None
    facts, ticket, metric = delivery.payload, run.ticket, run.event.clock.get_metric_display().lower()
    context = {
        "ticket": ticket,
        "metric": metric,
        "priority": Priority(facts["priority"]).label,  # the one promised for; the ticket's may have changed
        "percent": facts["used_us"] * 100 // facts["target_us"],
        "is_breached": facts["is_breached"],
        "sentence": _sentence(facts, metric),
        "since": _since(run.event.clock),
        "facts": _rows(ticket, facts),
        "step": run.step,
        "at_percent": run.event.threshold,
        "reason": facts["reason"],
        "url": f"{settings.SITE_URL}{change_url(ticket)}",
    }
    return Notice(context, thread=f"sla.ticket.{ticket.pk}")


def storm(delivery: Delivery) -> Notice | None:
    """Return what to say of a storm; None where it is gone."""
    event = delivery.event
    row = Storm.objects.filter(pk=event.subject_id).first() if event else None
    if event is None or row is None:
        return None
    since = f"It calmed down {moment_words(row.ended_at)}, after {row.breach_count} in all." if row.ended_at else ""
    context = {
        "breaches": event.data["breaches"],
        "minutes": event.data["minutes"],
        "limit": settings.PORTAL_STORM_BREACHES,
        "began": moment_words(row.began_at),
        "since": since,
        "reason": delivery.payload["reason"],
        "url": f"{settings.SITE_URL}{changelist_url(Ticket)}",
        "monitor_url": f"{settings.SITE_URL}{_monitor_path()}",
    }
    return Notice(context, thread=f"sla.storm.{row.pk}")


def webhook_disabled(delivery: Delivery) -> Notice | None:
    """Return what to say of a webhook that the portal switched off; None where it is gone or on again."""
    event = delivery.event
    webhook = WebhookSubscription.objects.filter(pk=event.subject_id, is_active=False).first() if event else None
    if event is None or webhook is None:
        return None
    url = f"{settings.SITE_URL}{reverse('admin:integrations_webhook', args=[webhook.pk])}"
    context = {"webhook": webhook, "reason": event.data["reason"], "url": url}
    return Notice(context, thread=f"webhook.{webhook.pk}")


def low_rating(delivery: Delivery) -> Notice | None:
    """Return what to say of a bad rating; None where the ticket is gone. The comment is read when the mail is sent."""
    event = delivery.event
    rows = Survey.objects.select_related("ticket__requester", "ticket__organization", "ticket__assignee")
    survey = rows.filter(pk=event.data["survey"], rated_at__isnull=False).first() if event else None
    if survey is None or survey.face is None:
        return None
    ticket = survey.ticket
    facts = [
        ("Rating", f"{survey.rating} of 5"),
        ("Requester", ticket.requester.name),
        ("Organization", str(ticket.organization or "None")),
        ("Assignee", str(ticket.assignee or "Nobody")),
        ("Status", ticket.get_status_display()),
    ]
    because = "the ticket is yours" if _is_assignee(delivery, ticket) else "you supervise the support team"
    context = {
        "ticket": ticket,
        "word": survey.face.word,
        "comment": survey.comment,
        "facts": facts,
        "because": "nobody supervises the support team" if delivery.payload.get("role") else because,
        "url": f"{settings.SITE_URL}{change_url(ticket)}",
    }
    return Notice(context, thread=f"rating.ticket.{ticket.pk}")


def rule_notice(delivery: Delivery) -> Notice | None:
    """Return what a rule or an agent's macro wanted somebody of the team to know; None where the ticket is gone."""
    event = delivery.event
    ticket = Ticket.objects.select_related("organization").filter(pk=event.subject_id).first() if event else None
    if event is None or ticket is None:
        return None
    context = {
        "ticket": ticket,
        "text": event.data["text"],
        "who": f"the rule “{event.actor_label}”" if event.actor_kind == "rule" else event.actor_label,
        "url": f"{settings.SITE_URL}{change_url(ticket)}",
    }
    return Notice(context, thread=f"rules.ticket.{ticket.pk}")


def weekly_report(delivery: Delivery) -> Notice | None:
    """Return the numbers of a week; None where its reader wants them no more."""
    context = weekly.words_of(delivery)
    return Notice(context, thread="report.weekly") if context else None


NOTICES: dict[str, Callable[[Delivery], Notice | None]] = {
    "sla_escalation": escalation,
    "sla_storm": storm,
    "webhook_disabled": webhook_disabled,
    "low_rating": low_rating,
    "rule_notice": rule_notice,
    "weekly_report": weekly_report,
}


def moment_words(instant: dt.datetime) -> str:
    """Tell an instant in full, with its zone: a mail is read on another day and in another place."""
    local = timezone.localtime(instant)
    zone = local.tzname() or ""
    return f"{format_date(local, 'l j F, H:i')} {f'UTC{zone}' if zone[:1] in ('+', '-') else zone}"


def _is_assignee(delivery: Delivery, ticket: Ticket) -> bool:
    return delivery.recipient_id is not None and delivery.recipient_id == ticket.assignee_id


def _run(delivery: Delivery) -> StepRun | None:
    if delivery.event is None:
        return None
    rows = StepRun.objects.select_related(
        "step__version__policy", "event__clock", "ticket__assignee", "ticket__team", "ticket__organization"
    )
    return rows.filter(pk=delivery.event.data["run"]).first()


def _sentence(facts: dict[str, Any], metric: str) -> str:
    due = moment_words(dt.datetime.fromisoformat(facts["due_at"]))
    if facts["is_breached"]:
        return f"The {metric} was due {due}, and did not come."
    return f"The {metric} is due {due}."


def _since(clock: Clock) -> str:
    """Say how it ended, where it ended between the notice and its mail."""
    if clock.state == ClockState.CANCELLED:
        return "Since then the ticket was cancelled or merged."
    if clock.stopped_at is None:
        return ""
    deed = "answered" if clock.stopped_by == StoppedBy.REPLY else "solved or closed"
    return f"Since then it was {deed}, {moment_words(clock.stopped_at)}."


def _rows(ticket: Ticket, facts: dict[str, Any]) -> list[tuple[str, str]]:
    organization, left_us = ticket.organization, facts["target_us"] - facts["used_us"]
    return [
        ("Late by" if facts["is_breached"] else "Time left", _length(left_us)),
        ("Promised", f"{duration_words(facts['target_us'])} ({facts['calendar']})"),
        ("Priority", ticket.get_priority_display()),
        ("Assignee", str(ticket.assignee or "Nobody")),
        ("Team", str(ticket.team or "None")),
        ("Organization", f"{organization}, {organization.get_tier_display()}" if organization else "None"),
    ]


def _length(microseconds: int) -> str:
    return duration_words(microseconds) if abs(microseconds) >= MINUTE else "Less than a minute"


def _monitor_path() -> str:
    try:
        return reverse("admin:sla_monitor")
    except NoReverseMatch:
        return reverse("admin:index")
