"""What a version of a policy promises, laid out to be read: the table of targets, and what happens on the way."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from sla.console.words import is_around_the_clock, length_words, metric_words, step_words
from sla.models import CalendarVersion, EscalationStep, PolicyVersion, SlaTarget
from sla.rules.clocks import BREACH
from sla.vocabulary import Metric
from tickets.vocabulary import PRIORITY_META, Look, Priority

LEVELS = {-1: ("amber", "Warning"), 0: ("red", "Deadline"), 1: ("red", "Escalation")}


@dataclass(frozen=True)
class Cell:
    """What is promised for one priority and metric. length: "" where nothing is."""

    metric: str
    length: str
    calendar: str


@dataclass(frozen=True)
class Row:
    priority: str
    label: str
    look: Look
    cells: list[Cell]

    @property
    def brief(self) -> str:
        """Tell response and resolution in a line: "4 h / 24 h", "8 h / -"."""
        lengths = {cell.metric: cell.length for cell in self.cells}
        told = [lengths[metric_words(metric)] for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION)]
        return " / ".join(length or "-" for length in told) if any(told) else ""


@dataclass(frozen=True)
class Deed:
    """A step for one priority. after: how long after the start that is; "" where nothing is promised, so never."""

    priority: str
    after: str
    words: str


@dataclass(frozen=True)
class Level:
    percent: int
    tone: str
    word: str
    deeds: list[Deed]


@dataclass(frozen=True)
class Ladder:
    metric: str
    levels: list[Level]

    @property
    def has_deeds(self) -> bool:
        return any(level.deeds for level in self.levels)


def endless(calendars: dict[int, CalendarVersion]) -> frozenset[int]:
    """Return the ids of the calendars in which all time counts."""
    return frozenset(pk for pk, one in calendars.items() if is_around_the_clock(one.weekly, one.special_days))


def table(version: PolicyVersion, around_the_clock: Container[int]) -> list[Row]:
    """Return one row for each priority, with a cell for each metric. around_the_clock: ids of calendars."""
    targets = {(row.priority, row.metric): row for row in version.targets.all()}
    return [
        Row(
            priority=priority[:2],
            label=Priority(priority).label,
            look=PRIORITY_META[priority],
            cells=[_cell(metric, targets.get((priority, metric)), around_the_clock) for metric in Metric.values],
        )
        for priority in Priority.values
    ]


def _cell(metric: str, target: SlaTarget | None, around_the_clock: Container[int]) -> Cell:
    if target is None:
        return Cell(metric_words(metric), "", "")
    return Cell(metric_words(metric), _length(target, 100, around_the_clock), target.calendar.name)


def _length(target: SlaTarget, percent: int, around_the_clock: Container[int]) -> str:
    return length_words(target.minutes * percent / 100, is_around_the_clock=target.calendar_id in around_the_clock)


def ladders(version: PolicyVersion, around_the_clock: Container[int]) -> list[Ladder]:
    """Return, for each metric that is promised or has steps, its levels from the lowest to the highest."""
    targets = {(row.priority, row.metric): row for row in version.targets.all()}
    steps = list(version.steps.all())
    promised = {metric for _, metric in targets} | {step.metric for step in steps}
    found = []
    for metric in Metric.values:
        if metric not in promised:
            continue
        mine = [step for step in steps if step.metric == metric]
        percents = {BREACH, *version.thresholds, *(step.at_percent for step in mine)}
        levels = [_level(percent, mine, targets, around_the_clock) for percent in sorted(percents)]
        found.append(Ladder(metric_words(metric), levels))
    return found


def _level(
    percent: int,
    steps: list[EscalationStep],
    targets: dict[tuple[str, str], SlaTarget],
    around_the_clock: Container[int],
) -> Level:
    deeds = []
    for step in sorted(steps, key=lambda step: step.priority):
        if step.at_percent != percent:
            continue
        target = targets.get((step.priority, step.metric))
        after = _length(target, percent, around_the_clock) if target else ""
        deeds.append(Deed(step.priority[:2], after, step_words(step)))
    tone, word = LEVELS[(percent > BREACH) - (percent < BREACH)]
    return Level(percent, tone, word, deeds)
