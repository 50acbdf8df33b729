"""What one version says in words, fact by fact, and what changed from one to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sla.console.shared import Standing, V
from sla.console.words import (
    DAY_NAMES,
    NOT_PROMISED,
    Names,
    amount_words,
    conditions_words,
    date_words,
    day_words,
    metric_words,
    percents_words,
    priority_words,
    special_day_words,
    statuses_words,
    step_words,
)
from sla.models import CalendarVersion, PolicyVersion
from sla.rules.clocks import BREACH
from sla.rules.hours import WEEKDAYS
from sla.vocabulary import Metric
from tickets.vocabulary import Priority

SHOWN_MOST = 100
TOP = 8
NOTHING = "nothing"
NOT_SPECIAL = "hours of the week"  # what a date has that is no special day

Facts = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """old: "" where nothing was said of it before."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Changes:
    """shown: the first of them; more: how many there are besides."""

    shown: list[Change]
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.shown)

    @property
    def top(self) -> list[Change]:
        return self.shown[:TOP]

    @property
    def rest(self) -> list[Change]:
        """What is folded away below `top`; never a single one."""
        return self.shown[TOP:] if len(self.shown) > TOP + 1 else []


@dataclass(frozen=True)
class Entry:
    """A version in the list of versions. state: "current", "coming" or "past"; changes: None for the first of all."""

    version: PolicyVersion | CalendarVersion
    state: str
    changes: Changes | None


def compare(old: Facts, new: Facts, *, missing: str = NOTHING) -> Changes:
    """Return the facts that differ. missing: what a fact is that the new version does not name."""
    names = list(dict.fromkeys((*new, *old)))
    pairs = [Change(name, old.get(name, ""), new.get(name, missing)) for name in names]
    found = [pair for pair in pairs if pair.old != pair.new]
    return Changes(found[:SHOWN_MOST], max(0, len(found) - SHOWN_MOST))


def entries(standing: Standing[V], facts: Callable[[V], Facts], *, missing: str = NOTHING) -> list[Entry]:
    """Return the published versions, the newest first, each with what it changed."""
    versions: Sequence[V] = standing.published
    told = [facts(version) for version in versions]
    return [
        Entry(
            version,
            "current" if version is standing.current else "coming" if version in standing.coming else "past",
            compare(told[place + 1], told[place], missing=missing) if place + 1 < len(versions) else None,
        )
        for place, version in enumerate(versions)
    ]


def policy_facts(version: PolicyVersion, names: Names) -> dict[str, str]:
    """Return all that a version of a policy says."""
    targets = {(row.priority, row.metric): row for row in version.targets.all()}
    facts = {"Holds for": conditions_words(version, names)}
    for priority in Priority.values:
        for metric in Metric.values:
            row = targets.get((priority, metric))
            words = f"{amount_words(row.minutes)}, {row.calendar}" if row else NOT_PROMISED
            facts[f"{metric_words(metric)}, {priority_words(priority)}"] = words
    facts |= {name: "; ".join(deeds) for name, deeds in _steps(version).items()}
    return facts | {
        "Recorded at": percents_words([BREACH, *version.thresholds]),
        "Resolution waits while": statuses_words(version.pause_statuses),
        "Maintenance": "clocks wait" if version.honours_maintenance else "clocks run on",
    }


def _steps(version: PolicyVersion) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in version.steps.all():
        whose = priority_words(step.priority) if step.priority else "every priority"
        place = f"At {step.at_percent} % of {metric_words(step.metric).lower()}, {whose}"
        found.setdefault(place, []).append(step_words(step))
    return {place: sorted(deeds) for place, deeds in found.items()}


def calendar_facts(version: CalendarVersion) -> dict[str, str]:
    """Return all that a version of a calendar says."""
    week = {DAY_NAMES[day]: day_words(version.weekly.get(day, [])) for day in WEEKDAYS}
    special = {date_words(dt.date.fromisoformat(row["date"])): special_day_words(row) for row in version.special_days}
    return {"Time zone": version.time_zone} | week | special
