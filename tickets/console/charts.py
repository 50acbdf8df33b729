"""Charts of the dashboard, as data that static/js/console-dashboard.js draws. Pure.

Colours are names of the design language's tokens, so that a chart follows the light and the dark scheme.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.dateformat import format as format_date

from tickets.reporting.promises import TIERS, KeptWeek
from tickets.vocabulary import OPEN_STATUSES, Priority, Status

DAYS_DRAWN_MOST = 45  # then by week
LOOKS = {
    Status.NEW: ("--status-new", "filled"),
    Status.OPEN: ("--status-open", "filled"),
    Status.PENDING: ("--status-pending", "outlined"),
    Status.ON_HOLD: ("--status-on-hold", "hatched"),
}

LINES = (("--chart-1", "solid"), ("--chart-2", "dashed"), ("--chart-3", "dotted"))

Chart = dict[str, Any]


def series(label: str, values: Sequence[float | None], color: str, look: str = "filled") -> dict[str, Any]:
    """look: "filled", "outlined" or "hatched" for bars; "solid", "dashed" or "dotted" for lines."""
    return {"label": label, "data": list(values), "color": color, "look": look}


def flow_chart(days: Sequence[tuple[dt.date, int, int]]) -> Chart:
    """Return what came and what was solved, by day, or by week where there are many days."""
    is_by_day = len(days) <= DAYS_DRAWN_MOST
    spans = days if is_by_day else _weeks(days)
    return {
        "type": "bar",
        "note": "" if is_by_day else "By the week that begins on each Monday.",
        "labels": [format_date(day, "j M") for day, _, _ in spans],
        "series": [
            series("Created", [created for _, created, _ in spans], "--chart-1"),
            series("Solved", [solved for _, _, solved in spans], "--chart-2", "outlined"),
        ],
    }


def open_chart(by_priority: dict[str, dict[str, int]]) -> Chart:
    return {
        "type": "bar",
        "isStacked": True,
        "isSideways": True,
        "labels": [Priority(name).label for name in by_priority],
        "series": [
            series(status.label, [counts[status] for counts in by_priority.values()], *LOOKS[status])
            for status in OPEN_STATUSES
        ],
    }


def age_chart(by_age: Sequence[tuple[str, int]]) -> Chart:
    return {
        "type": "bar",
        "labels": [words for words, _ in by_age],
        "series": [series("Open", [count for _, count in by_age], "--chart-1")],
    }


def rating_chart(distribution: dict[int, int], words: dict[int, str]) -> Chart:
    ratings = sorted(distribution, reverse=True)
    return {
        "type": "bar",
        "isSideways": True,
        "labels": [words[rating] for rating in ratings],
        "series": [series("Ratings", [distribution[rating] for rating in ratings], "--chart-1")],
    }


def kept_chart(weeks: Sequence[KeptWeek], *, target: int) -> Chart | None:
    """Return the rate of promises kept, by week and tier, with a line for the target; None without a verdict."""
    if not weeks:
        return None
    mondays = list(dict.fromkeys(one.monday for one in weeks))
    rates = {(one.monday, one.tier): one.rate for one in weeks}
    told = [(tier, name) for tier, name in TIERS if any(one.tier == tier for one in weeks)]
    lines = [
        series(name, [rates.get((monday, tier)) for monday in mondays], *look)
        for (tier, name), look in zip(told, LINES, strict=False)
    ]
    return {
        "type": "line",
        "unit": "%",
        "labels": [format_date(monday, "j M") for monday in mondays],
        "series": [*lines, series("Target", [target] * len(mondays), "--text-muted", "aim")],
    }


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _weeks(days: Sequence[tuple[dt.date, int, int]]) -> list[tuple[dt.date, int, int]]:
    found: dict[dt.date, list[int]] = {}
    for day, created, solved in days:
        both = found.setdefault(_monday(day), [0, 0])
        both[0] += created
        both[1] += solved
    return [(week, created, solved) for week, (created, solved) in found.items()]
