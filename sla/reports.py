"""How promises were kept: the rules R1 to R6 of docs/sla.md. The unit is the clock; used by console and API."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Organization, ProductArea, Team, Tier
from common.spreadsheets import harmless
from sla.models import Clock, ClosedMonth, MonthlyFigure, PolicyVersion
from sla.querysets import ClockQuerySet
from sla.rules.clocks import TICK
from sla.vocabulary import OPEN_STATES, ClockState, Metric, StoppedBy
from tickets.reporting.promises import kept_percent
from tickets.vocabulary import Priority

MICROSECONDS = 1_000_000
GROUPS = ("metric", "tier", "priority", "policy", "team", "product_area", "organization", "day", "week", "month")
COLUMNS = (
    *("metric", "tier", "priority", "judged_by_id", "team_id", "product_area", "organization_id", "state"),
    *("stopped_at", "stopped_by", "breached_at", "due_at", "started_at", "banked_us"),
    *("withdrawn_at", "reopened_at"),
)
CSV_COLUMNS = (
    *("met", "breached", "pending", "rate_percent", "median_working_seconds", "p90_working_seconds"),
    *("median_wall_seconds", "p90_wall_seconds", "withdrawn", "reopened_after_met", "stopped_by_resolution"),
)


@dataclass
class Figures:
    """What became of the clocks of one group. Rates are per cent, lengths seconds; None where there is no data."""

    met: int = 0
    breached: int = 0
    pending: int = 0
    withdrawn: int = 0
    reopened_after_met: int = 0
    stopped_by_resolution: int = 0
    working: list[int] = field(default_factory=list)
    wall: list[int] = field(default_factory=list)

    @property
    def rate_percent(self) -> float | None:
        """Return met of met and broken; pending clocks are in neither (R2)."""
        return kept_percent(self.met, self.breached)

    def as_dict(self) -> dict[str, Any]:
        return {
            "met": self.met,
            "breached": self.breached,
            "pending": self.pending,
            "rate_percent": self.rate_percent,
            "median_working_seconds": _seconds(_median(self.working)),
            "p90_working_seconds": _seconds(percentile(self.working, 90)),
            "median_wall_seconds": _seconds(_median(self.wall)),
            "p90_wall_seconds": _seconds(percentile(self.wall, 90)),
            "withdrawn": self.withdrawn,
            "reopened_after_met": self.reopened_after_met,
            "stopped_by_resolution": self.stopped_by_resolution,
        }


@dataclass(frozen=True)
class Report:
    """rows: (the group's value for each of group_by, its figures), in a readable order."""

    since: dt.datetime
    until: dt.datetime
    group_by: tuple[str, ...]
    totals: Figures
    rows: list[tuple[dict[str, str], Figures]]


def compliance(
    *, since: dt.datetime, until: dt.datetime, at: dt.datetime, group_by: Iterable[str] = (), **only: Any
) -> Report:
    """Return how the clocks whose verdict fell between `since` and `until` were kept, as known at `at`.

    group_by: any of GROUPS.   only: columns of Clock with the value they must have.
    """
    groups, end = tuple(group_by), _end(until, at)
    if unknown := set(groups) - set(GROUPS):
        raise ValueError(f"not a group: {sorted(unknown)}")
    found: dict[tuple[Any, ...], Figures] = defaultdict(Figures)
    totals = Figures()
    for row in _rows(since, end, at).filter(**only).values(*COLUMNS).iterator(chunk_size=5000):
        key = tuple(_group_value(row, name, at) for name in groups)
        for figures in (found[key], totals) if groups else (totals,):
            _count(figures, row, since, end, at)
    names = _Names(groups, found)
    rows = [(names.told(key), figures) for key, figures in sorted(found.items(), key=lambda item: names.order(item[0]))]
    return Report(since, until, groups, totals, rows)


def as_csv(report: Report) -> str:
    """Return the report as a table with a heading, lengths in seconds."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*report.group_by, *CSV_COLUMNS])
    for told, figures in [*report.rows, (dict.fromkeys(report.group_by, "all"), report.totals)]:
        values = figures.as_dict()
        cells = [*(told[name] for name in report.group_by), *(values[name] for name in CSV_COLUMNS)]
        writer.writerow([harmless("" if cell is None else cell) for cell in cells])
    return file.getvalue()


def month_figures(first: dt.date, *, at: dt.datetime) -> list[MonthlyFigure]:
    """Return the month's figures as they are known at `at`, unsaved."""
    since, until = month_bounds(first)
    counted: dict[tuple[str, str, str], Figures] = defaultdict(Figures)
    for row in _rows(since, until, at).values(*COLUMNS).iterator(chunk_size=5000):
        _count(counted[row["tier"], row["priority"], row["metric"]], row, since, until, at)
    return [
        MonthlyFigure(
            month=first, tier=tier, priority=priority, metric=metric, met=one.met, breached=one.breached, taken_at=at
        )
        for (tier, priority, metric), one in counted.items()
        if one.met or one.breached
    ]


def corrections(first: dt.date, *, at: dt.datetime) -> list[dict[str, Any]]:
    """Return what changed in a closed month since its figures were taken (R6).

    Shape: [{tier, priority, metric, met: {from, to}, breached: {from, to}}], empty where nothing did.
    """
    if not ClosedMonth.objects.filter(month=first).exists():
        return []
    taken = {(row.tier, row.priority, row.metric): row for row in MonthlyFigure.objects.filter(month=first)}
    present = {(row.tier, row.priority, row.metric): row for row in month_figures(first, at=at)}
    changed = []
    for key in sorted({*taken, *present}):
        old, new = taken.get(key), present.get(key)
        before = (old.met, old.breached) if old else (0, 0)
        after = (new.met, new.breached) if new else (0, 0)
        if before != after:
            changed.append(
                {
                    **dict(zip(("tier", "priority", "metric"), key, strict=True)),
                    "met": {"from": before[0], "to": after[0]},
                    "breached": {"from": before[1], "to": after[1]},
                }
            )
    return changed


def month_bounds(first: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants at which the month that begins on `first` begins and ends, in UTC."""
    since = dt.datetime(first.year, first.month, 1, tzinfo=dt.UTC)
    until = dt.datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=dt.UTC)
    return since, until


def percentile(values: list[int], percent: int) -> int | None:
    """Return the smallest value that at least `percent` of the values do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


# --- how --------------------------------------------------------------------------------------------------------------


def _rows(since: dt.datetime, until: dt.datetime, at: dt.datetime) -> ClockQuerySet:
    """Return the clocks with a verdict in the period (R3), those begun in it or before that have none yet, and those of
    which a verdict was taken back in it."""
    met = Q(state=ClockState.STOPPED, breached_at=None, stopped_at__gte=since, stopped_at__lt=until)
    broken = Q(breached_at__gte=since, breached_at__lt=until)
    overdue = Q(state=ClockState.RUNNING, breached_at=None, due_at__gte=since, due_at__lt=min(until, at))
    pending = Q(state__in=OPEN_STATES, breached_at=None) & ~Q(state=ClockState.RUNNING, due_at__lt=at)
    pending &= Q(started_at__lt=until)
    taken_back = Q(withdrawn_at__gte=since, withdrawn_at__lt=until) | Q(reopened_at__gte=since, reopened_at__lt=until)
    promised = Q(judged_by__isnull=False) | Q(breached_at__isnull=False)
    return Clock.objects.filter(promised).filter(met | broken | overdue | pending | taken_back)


def _end(until: dt.datetime, at: dt.datetime) -> dt.datetime:
    """Return where the period ends: where that is now, now belongs to it."""
    return until if until < at else max(until, at + TICK)


def _verdict_at(row: dict[str, Any], at: dt.datetime) -> dt.datetime | None:
    if row["breached_at"] is not None:
        return row["breached_at"]
    if row["state"] == ClockState.STOPPED:
        return row["stopped_at"]
    if row["state"] == ClockState.RUNNING and row["due_at"] is not None and row["due_at"] < at:
        return row["due_at"]
    return None


def _count(figures: Figures, row: dict[str, Any], since: dt.datetime, until: dt.datetime, at: dt.datetime) -> None:
    """Count one clock, as far as it belongs to the period."""

    def is_within(instant: dt.datetime | None) -> bool:
        return instant is not None and since <= instant < until

    verdict_at = _verdict_at(row, at)
    figures.withdrawn += is_within(row["withdrawn_at"])
    figures.reopened_after_met += is_within(row["reopened_at"])
    if verdict_at is None:
        figures.pending += row["state"] in OPEN_STATES and row["started_at"] < until
    elif is_within(verdict_at):
        _count_verdict(figures, row)


def _count_verdict(figures: Figures, row: dict[str, Any]) -> None:
    is_stopped = row["state"] == ClockState.STOPPED
    if row["breached_at"] is not None or not is_stopped:
        figures.breached += 1
    else:
        figures.met += 1
    if is_stopped:
        figures.working.append(row["banked_us"])
        figures.wall.append((row["stopped_at"] - row["started_at"]) // dt.timedelta(microseconds=1))
        if row["stopped_by"] == StoppedBy.RESOLUTION and row["metric"] in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE):
            figures.stopped_by_resolution += 1


def _group_value(row: dict[str, Any], name: str, at: dt.datetime) -> Any:
    if name in ("day", "week", "month"):
        verdict = _verdict_at(row, at)
        if verdict is None:
            return None
        day = timezone.localtime(verdict).date()
        return {"day": day, "week": day - dt.timedelta(days=day.weekday()), "month": day.replace(day=1)}[name]
    return row[{"policy": "judged_by_id", "team": "team_id", "organization": "organization_id"}.get(name, name)]


class _Names:
    """Tells the values of groups in words, asking for the names of rows once."""

    def __init__(self, groups: tuple[str, ...], found: Iterable[tuple[Any, ...]]) -> None:
        self.groups = groups
        keys = list(found)
        values = {name: {key[place] for key in keys} - {None} for place, name in enumerate(groups)}
        self.words: dict[str, dict[Any, str]] = {
            "metric": dict(Metric.choices),
            "tier": dict(Tier.choices),
            "priority": dict(Priority.choices),
        }
        if "policy" in groups:
            versions = PolicyVersion.objects.filter(pk__in=values["policy"]).select_related("policy")
            self.words["policy"] = {version.pk: str(version) for version in versions}
        if "team" in groups:
            self.words["team"] = dict(Team.objects.filter(pk__in=values["team"]).values_list("pk", "name"))
        if "product_area" in groups:
            self.words["product_area"] = dict(ProductArea.objects.values_list("key", "name"))
        if "organization" in groups:
            named = Organization.objects.filter(pk__in=values["organization"])
            self.words["organization"] = dict(named.values_list("pk", "name"))

    def told(self, key: tuple[Any, ...]) -> dict[str, str]:
        return dict(self._told(key))

    def order(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what sorts groups: known orders as they are known, names by name, nothing last."""
        return tuple(
            (
                value is None or value == "",
                list(self.words[name]).index(value) if name in ("metric", "tier", "priority") and value else 0,
                str(told),
            )
            for value, (name, told) in zip(key, self._told(key), strict=True)
        )

    def _told(self, key: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
        for name, value in zip(self.groups, key, strict=True):
            if isinstance(value, dt.date):
                yield name, value.isoformat()
            else:
                yield name, self.words.get(name, {}).get(value, "none" if value in (None, "") else str(value))


def _median(values: list[int]) -> float | None:
    return median(values) if values else None


def _seconds(microseconds: float | None) -> int | None:
    return None if microseconds is None else round(microseconds / MICROSECONDS)
