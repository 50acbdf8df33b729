"""Closing a month: its figures are kept as they stood, so that later corrections can be told (R6)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from common.time import now
from sla.models import ClosedMonth, MonthlyFigure
from sla.reports import month_figures


@transaction.atomic
def close_month(*, at: dt.datetime | None = None) -> int:
    """Keep the figures of every month since the last that was closed, and return how many rows that were.

    The first time that is the month before `at`. A month without a verdict is closed too: what comes later is a
    correction.
    """
    at = at or now()
    present = at.astimezone(dt.UTC).date().replace(day=1)
    last = ClosedMonth.objects.select_for_update().first()
    first = _next(last.month) if last else (present - dt.timedelta(days=1)).replace(day=1)
    rows = 0
    while first < present:
        ClosedMonth.objects.create(month=first, closed_at=at)
        rows += len(MonthlyFigure.objects.bulk_create(month_figures(first, at=at)))
        first = _next(first)
    return rows


def _next(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=32)).replace(day=1)
