"""What is kept for a while only. Each room registers a function that deletes what of its own has expired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models

from common.models import IdempotentAnswer, RateWindow

BATCH = 1000
IDEMPOTENT_ANSWER_LIFE = dt.timedelta(hours=24)

Purger = Callable[[dt.datetime], int]

_purgers: dict[str, Purger] = {}


def register(name: str, purger: Purger) -> None:
    """Let `purger` delete what has expired at the instant it is given, and return how many rows that were."""
    _purgers[name] = purger


def purgers() -> dict[str, Purger]:
    return dict(_purgers)


def delete_in_batches(rows: models.QuerySet[Any], batch: int = BATCH) -> int:
    """Delete `rows` a batch at a time, so that no lock is held long, and return how many there were."""
    deleted = 0
    while True:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:batch])
        deleted += rows.model._default_manager.filter(pk__in=keys).delete()[0] if keys else 0
        if len(keys) < batch:
            return deleted


def _purge_answers(at: dt.datetime) -> int:
    return delete_in_batches(IdempotentAnswer.objects.filter(created_at__lt=at - IDEMPOTENT_ANSWER_LIFE))


def _purge_windows(at: dt.datetime) -> int:
    return delete_in_batches(RateWindow.objects.filter(expires_at__lt=at))


register("idempotent answers", _purge_answers)
register("rate windows", _purge_windows)
