"""Closing a month: its figures are kept as they stood, so that later corrections can be told (R6)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from common.time import now
from sla.models import MonthlyFigure
from sla.reports import month_figures


@transaction.atomic
def close_month(*, at: dt.datetime | None = None) -> int:
    """Keep the figures of the month before `at`, unless they are kept already, and return how many rows that were."""
    at = at or now()
    first = (at.astimezone(dt.UTC).date().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    if MonthlyFigure.objects.filter(month=first).exists():
        return 0
    return len(MonthlyFigure.objects.bulk_create(month_figures(first, at=at), ignore_conflicts=True))
