"""Promises kept day by day, counted by the database: for charts over many tickets, where `reports.compliance` would
read every clock. Both say the same of met and broken."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import TruncDate

from common.time import now
from sla.models import Clock
from sla.rules.clocks import TICK
from sla.vocabulary import ClockState
from tickets.slots import Kept, KeptAsked


def kept_by_day(asked: KeptAsked, *, at: dt.datetime | None = None) -> list[Kept]:
    """Return how the clocks were kept whose verdict fell into the time, as known at `at`, in one query."""
    at = at or now()
    until = asked.until if asked.until < at else max(asked.until, at + TICK)
    broken = Q(breached_at__gte=asked.since, breached_at__lt=until)
    met = Q(state=ClockState.STOPPED, breached_at=None, stopped_at__gte=asked.since, stopped_at__lt=until)
    overdue = Q(state=ClockState.RUNNING, breached_at=None, due_at__gte=asked.since, due_at__lt=min(until, at))
    rows = Clock.objects.filter(met | broken | overdue)
    rows = rows.filter(Q(judged_by__isnull=False) | Q(breached_at__isnull=False))
    if asked.organization is not None:
        rows = rows.filter(organization_id=asked.organization)
    counted = (
        rows.order_by()
        .annotate(day=TruncDate(_verdict_at()))
        .values_list("day", "tier")
        .annotate(n_met=Count("pk", filter=met), n=Count("pk"))
        .order_by("day", "tier")
    )
    return [Kept(day, tier, n_met, n - n_met) for day, tier, n_met, n in counted]


def _verdict_at() -> Any:
    return Case(
        When(breached_at__isnull=False, then=F("breached_at")),
        When(state=ClockState.STOPPED, then=F("stopped_at")),
        default=F("due_at"),
    )
