"""How long things took: medians and the time that nine of ten needed at most, found by the database.

A percentile is the smallest length that at least so many per cent do not exceed, as in the reports of promises: the row
at that place, so that SQLite and PostgreSQL say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, Value, When, Window
from django.db.models.functions import RowNumber

from tickets.querysets import TicketQuerySet
from tickets.reporting.shapes import Asked

MEDIAN, NINE_OF_TEN = 50, 90


@dataclass(frozen=True)
class Lengths:
    """count: how many were measured; lengths in whole seconds, None of nothing."""

    count: int = 0
    median: int | None = None
    nine_of_ten: int | None = None


def lengths(asked: Asked, ended: str) -> tuple[Lengths, Lengths]:
    """Return how long it took from opening to `ended`, a column of tickets, where that fell into the period, and where
    it fell into the period before."""
    since, until = asked.period.before.since, asked.period.until
    is_now = Case(
        When(**{f"{ended}__gte": asked.period.since}, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    rows = _measured(asked.tickets, ended, since, until).annotate(group=is_now)
    found = _by_group(rows)
    return found.get(True, Lengths()), found.get(False, Lengths())


def lengths_by(asked: Asked, ended: str, column: str) -> Mapping[Any, Lengths]:
    """Return the same for each value of `column` other than none, in the period alone."""
    rows = _measured(asked.tickets, ended, asked.period.since, asked.period.until)
    return _by_group(rows.filter(**{f"{column}__isnull": False}).annotate(group=F(column)))


def _measured(tickets: TicketQuerySet, ended: str, since: dt.datetime, until: dt.datetime) -> TicketQuerySet:
    """Return those that ended in the time, with their `length`. What was imported may end before it begins."""
    span = {f"{ended}__gte": since, f"{ended}__lt": until, f"{ended}__gt": F("created_at")}
    return tickets.filter(**span).annotate(length=F(ended) - F("created_at"))


def _by_group(rows: TicketQuerySet) -> dict[Any, Lengths]:
    among = Window(Count("pk"), partition_by="group")
    place = Window(RowNumber(), partition_by="group", order_by=["length", "pk"])
    numbered = rows.annotate(among=among, place=place)
    wanted = numbered.filter(Q(place=_place_of(MEDIAN)) | Q(place=_place_of(NINE_OF_TEN)))
    found: dict[Any, Lengths] = {}
    for group, count, at, length in wanted.order_by("place").values_list("group", "among", "place", "length"):
        known, seconds = found.get(group, Lengths(count)), round(length.total_seconds())
        median = seconds if at == place_of(MEDIAN, count) else known.median
        found[group] = Lengths(count, median, seconds if at == place_of(NINE_OF_TEN, count) else known.nine_of_ten)
    return found


def place_of(percent: int, count: int) -> int:
    """Return which of `count` ordered values, the first being 1, at least `percent` per cent do not exceed."""
    return (count * percent + 99) // 100


def _place_of(percent: int) -> Any:
    # Whole numbers divided by whole ones are whole on both databases.
    return (F("among") * percent + 99) / 100
