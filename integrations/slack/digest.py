"""The daily and the weekly digest: when each is due, and its numbers."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Count

from common.journal import Event
from common.time import now
from integrations.slack.blocks import Metrics
from sla.reports import compliance
from tickets import events
from tickets.models import Ticket
from tickets.satisfaction.reports import satisfaction
from tickets.vocabulary import Status

DAILY, WEEKLY = "daily", "weekly"
DAY = dt.timedelta(days=1)
LENGTHS = {DAILY: DAY, WEEKLY: 7 * DAY}


def due_digests(at: dt.datetime) -> list[tuple[str, dt.date]]:
    """Return which digests should be out at `at`, each with its day: the daily one, and on Mondays the weekly one."""
    if at.hour < settings.SLACK_DIGEST_HOUR:
        return []
    today = at.date()
    return [(DAILY, today), *([(WEEKLY, today)] if today.weekday() == 0 else [])]


def bounds(period: str, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the period that a digest of `day` tells of: it ended when the day began, in UTC."""
    until = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    return until - LENGTHS[period], until


def metrics_of(period: str, since: dt.datetime, until: dt.datetime) -> Metrics:
    """Return the numbers of a period. Satisfaction stays out where nobody rated anything in it."""
    solved = Event.objects.filter(kind=events.SOLVED.name, occurred_at__gte=since, occurred_at__lt=until)
    by_person = solved.filter(actor_kind=Event.ActorKind.PERSON).values("actor_id", "actor_label")
    best = by_person.annotate(count=Count("subject_id", distinct=True)).order_by("-count", "actor_id").first()
    open_by_status = dict(Ticket.objects.open().order_by().values_list("status").annotate(Count("pk")))
    report = compliance(since=since, until=until, at=now())
    last = until - dt.timedelta(microseconds=1)
    days = f"{since:%a %d %b %Y}" if period == DAILY else f"{since:%a %d %b} to {last:%a %d %b %Y}"
    return Metrics(
        period=period.capitalize(),
        dates=f"{days}, UTC",
        opened=Ticket.objects.filter(created_at__gte=since, created_at__lt=until).count(),
        resolved=solved.values("subject_id").distinct().count(),
        still_open=sum(open_by_status.values()),
        compliance_percent=report.totals.rate_percent,
        good_percent=settings.PORTAL_COMPLIANCE_GOOD_PERCENT,
        fair_percent=settings.SLACK_COMPLIANCE_FAIR_PERCENT,
        satisfaction=satisfaction(since, until).average_rating,
        good_satisfaction=settings.PORTAL_CSAT_GOOD,
        fair_satisfaction=settings.PORTAL_CSAT_FAIR,
        top_agent=best["actor_label"] if best else "",
        top_agent_tickets=best["count"] if best else 0,
        waiting=[(Status(status).label, count) for status, count in sorted(open_by_status.items())],
    )
