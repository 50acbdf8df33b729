"""Promises kept, by week and tier. Who keeps them says how, day by day (slots.PROMISES_KEPT)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Tier
from common.periods import Period
from tickets.slots import Kept

TIERS = list(reversed(Tier.choices))  # who is promised most comes first
NO_TIER = "No tier"


@dataclass(frozen=True)
class KeptWeek:
    """monday: on which the week begins.   tier: a key, or empty."""

    monday: dt.date
    tier: str
    met: int
    broken: int

    @property
    def rate(self) -> float | None:
        return kept_percent(self.met, self.broken)

    @property
    def tier_name(self) -> str:
        return dict(Tier.choices).get(self.tier, NO_TIER)


def kept_percent(met: int, broken: int) -> float | None:
    """Return met of met and broken; what is less than all is never told as 100. None: no data."""
    if not met + broken:
        return None
    rate = round(100 * met / (met + broken), 1)
    return min(rate, 99.9) if broken else rate


def by_week(kept: Iterable[Kept]) -> list[KeptWeek]:
    """Add days up to weeks; the first week comes first, in it the highest tier."""
    counts: dict[tuple[dt.date, str], tuple[int, int]] = {}
    for row in kept:
        week = (row.day - dt.timedelta(days=row.day.weekday()), row.tier)
        met, broken = counts.get(week, (0, 0))
        counts[week] = (met + row.met, broken + row.broken)
    order = [tier for tier, _ in TIERS]
    return sorted(
        (KeptWeek(*week, *both) for week, both in counts.items()),
        key=lambda one: (one.monday, order.index(one.tier) if one.tier in order else len(order)),
    )


def within(kept: Sequence[Kept], period: Period) -> list[Kept]:
    return [row for row in kept if period.first <= row.day <= period.last]
