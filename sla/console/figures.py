"""The figures of a report in words: for the strip on top, the table, and the chart of weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings
from django.utils.dateformat import format as format_date

from sla.console.charts import LineChart, Series, line_chart, percent
from sla.reports import MICROSECONDS, Figures, Report
from sla.words import duration_words

NO_DATA = "-"
SPACE = "\N{NO-BREAK SPACE}"
NONE_WORDS = {
    **dict.fromkeys(("day", "week", "month"), "Still open"),
    "tier": "No tier",
    "priority": "No priority",
    "policy": "No policy",
    "team": "No team",
    "product_area": "No product area",
    "organization": "No organization",
}
DATE_FORMATS = {"day": "D j M Y", "week": "j M Y", "month": "F Y"}


@dataclass(frozen=True)
class Line:
    """One row of the table, in words."""

    names: list[str]
    met: int
    broken: int
    pending: int
    rate: str
    working: tuple[str, str]
    wall: tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """How a rate stands to what is aimed at. value: the rate, or "-"."""

    value: str
    tone: str
    glyph: str
    words: str


def figures_by(report: Report, *names: str) -> dict[tuple[str, ...], Figures]:
    """Return the report's rows added up by some of the names it is grouped by, which tell one thing each."""
    found: dict[tuple[str, ...], Figures] = {}
    for told, figures in report.rows:
        _add(found.setdefault(tuple(told[name] for name in names), Figures()), figures)
    return found


def line_of(told: Mapping[str, str], figures: Figures) -> Line:
    """Return a row of the table. told: the group's values as a report tells them."""
    values = figures.as_dict()
    return Line(
        names=[name_words(group, value) for group, value in told.items()],
        met=figures.met,
        broken=figures.breached,
        pending=figures.pending,
        rate=rate_words(figures),
        working=(_length(values["median_working_seconds"]), _length(values["p90_working_seconds"])),
        wall=(_wall(values["median_wall_seconds"]), _wall(values["p90_wall_seconds"])),
    )


def name_words(group: str, value: str) -> str:
    """Tell the value of a group: a date as people write it, and what it means that there is none."""
    if value == "none":
        return NONE_WORDS.get(group, value)
    if group in DATE_FORMATS:
        return format_date(dt.date.fromisoformat(value), DATE_FORMATS[group])
    return value


def rate_of(figures: Figures) -> float | None:
    """Return the rate in per cent; None where there is no data."""
    return figures.rate_percent


def rate_words(figures: Figures) -> str:
    rate = rate_of(figures)
    return NO_DATA if rate is None else f"{percent(rate)}{SPACE}%"


def standing_of(rate: float | None) -> Standing:
    """Say how `rate` stands to the target."""
    good, alert = settings.PORTAL_COMPLIANCE_GOOD_PERCENT, settings.PORTAL_COMPLIANCE_ALERT_PERCENT
    if rate is None:
        return Standing(NO_DATA, "grey", "circle-dashed", "no verdict yet")
    if rate >= good:
        return Standing(percent(rate), "green", "circle-check", f"target of {good}{SPACE}% reached")
    if rate >= alert:
        return Standing(percent(rate), "amber", "triangle-alert", f"under the target of {good}{SPACE}%")
    return Standing(percent(rate), "red", "octagon-alert", f"under {alert}{SPACE}%: act now")


def stats_of(totals: Figures, first_response: Figures | None) -> dict[str, Any]:
    """Return the strip: how promises were kept, the median of first responses, and what is told apart (R5)."""
    median = first_response.as_dict()["median_working_seconds"] if first_response else None
    return {
        "kept": standing_of(rate_of(totals)),
        "met": totals.met,
        "broken": totals.breached,
        "pending": totals.pending,
        "first_response": _length(median),
        "reopened": totals.reopened_after_met,
        "withdrawn": totals.withdrawn,
        "unanswered": totals.stopped_by_resolution,
    }


def week_chart(rates: Mapping[tuple[str, ...], Figures], tiers: Sequence[str]) -> LineChart | None:
    """Return promises kept by week and tier; None where no verdict fell. rates: by (Monday in ISO, tier)."""
    known = {key: rate for key, figures in rates.items() if (rate := rate_of(figures)) is not None}
    if not known:
        return None
    weeks = list(_weeks(dt.date.fromisoformat(week) for week, _ in known))
    return line_chart(
        [format_date(week, "j M") for week in weeks],
        [
            Series(name_words("tier", tier), [known.get((week.isoformat(), tier)) for week in weeks])
            for tier in (*tiers, "none")
        ],
        target=settings.PORTAL_COMPLIANCE_GOOD_PERCENT,
    )


def _weeks(known: Iterable[dt.date]) -> Iterable[dt.date]:
    """Yield every Monday from the first to the last of `known`."""
    days = list(known)
    for number in range((max(days) - min(days)).days // 7 + 1):
        yield min(days) + dt.timedelta(weeks=number)


def _add(total: Figures, figures: Figures) -> None:
    for one in fields(Figures):
        value = getattr(total, one.name)
        value += getattr(figures, one.name)  # a list grows in place
        setattr(total, one.name, value)


def _length(seconds: int | None) -> str:
    return NO_DATA if seconds is None else duration_words(seconds * MICROSECONDS)


def _wall(seconds: int | None) -> str:
    return NO_DATA if seconds is None else duration_words(seconds * MICROSECONDS, is_around_the_clock=True)
