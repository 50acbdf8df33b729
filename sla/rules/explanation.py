"""Why a deadline is when it is: the stretches of time that counted and those that did not, from a clock's history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sla.rules.clocks import ClockLike
from sla.rules.timetable import Reason, Segment, Timetable
from sla.vocabulary import ClockState, PauseReason

TimetableOf = Callable[[int], Timetable]

# What a stretch without working time is called. A holiday has a name of its own.
WORDS = {
    Reason.WORKING: "counted",
    Reason.NIGHT: "night",
    Reason.WEEKEND: "weekend",
    Reason.HOLIDAY: "holiday",
    Reason.WAITING: "waiting for the customer",
    Reason.HELD: "on hold",
    Reason.MAINTENANCE: "maintenance",
    Reason.UNPROMISED: "nothing was promised",
    Reason.SOLVED: "solved",
}
_CLOSED = (Reason.NIGHT, Reason.WEEKEND, Reason.HOLIDAY)
_WAITING = {
    PauseReason.WAITING: Reason.WAITING,
    PauseReason.HELD: Reason.HELD,
    PauseReason.MAINTENANCE: Reason.MAINTENANCE,
}
_NOT_RUNNING = {
    ClockState.INACTIVE: Reason.UNPROMISED,
    ClockState.STOPPED: Reason.SOLVED,
}


@dataclass(frozen=True)
class Stretch:
    """A line of an explanation. words: "counted", or why not: "night", "weekend, Christmas Day"."""

    start: dt.datetime
    end: dt.datetime
    is_counted: bool
    words: str

    @property
    def microseconds(self) -> int:
        return (self.end - self.start) // dt.timedelta(microseconds=1)


def unfold(clock: ClockLike, until: dt.datetime, timetable_of: TimetableOf) -> list[Segment]:
    """Return what became of all time from the clock's first turn to `until`, in order and without a hole.

    timetable_of: the timetable of a calendar version's id. The counted segments add up to what the clock counts.
    """
    segments: list[Segment] = []
    for entry, start, end in _turns(clock.history, until):
        if entry["state"] in (ClockState.RUNNING, ClockState.ERROR):
            segments += timetable_of(entry["calendar"]).segments(start, end)
        else:
            segments.append(Segment(start, end, False, _reason(entry)))
    return segments


def deadline_of(clock: ClockLike, at: dt.datetime) -> dt.datetime:
    """Return until when an explanation goes: to the deadline where there is one, else to the end or to `at`."""
    if clock.stopped_at is not None:
        return clock.stopped_at
    if clock.state == ClockState.RUNNING and clock.due_at is not None:
        return max(clock.due_at, at) if clock.breached_at is not None else clock.due_at
    return at


def stretches(segments: Iterable[Segment]) -> list[Stretch]:
    """Return the segments as lines to read: nights, weekends and holidays that follow each other are one."""
    lines: list[Stretch] = []
    closed: list[Segment] = []
    for segment in segments:
        if segment.reason in _CLOSED:
            closed.append(segment)
            continue
        if closed:
            lines.append(_closed(closed))
            closed = []
        lines.append(Stretch(segment.start, segment.end, segment.is_counted, WORDS[segment.reason]))
    return [*lines, _closed(closed)] if closed else lines


def _turns(
    history: list[dict[str, Any]], until: dt.datetime
) -> Iterator[tuple[dict[str, Any], dt.datetime, dt.datetime]]:
    """Yield each entry with its beginning and its end, without those that took no time."""
    starts = [dt.datetime.fromisoformat(entry["at"]) for entry in history]
    for entry, start, end in zip(history, starts, [*starts[1:], until], strict=True):
        if start < min(end, until):
            yield entry, start, min(end, until)


def _reason(entry: dict[str, Any]) -> Reason:
    if entry["state"] == ClockState.PAUSED:
        return _WAITING[entry["why"]]
    return _NOT_RUNNING.get(entry["state"], Reason.UNPROMISED)


def _closed(segments: list[Segment]) -> Stretch:
    """Return closed segments in a row as one line, named by what is remarkable: nights only where nothing else is."""
    named = dict.fromkeys(
        segment.name or WORDS[segment.reason] for segment in segments if segment.reason != Reason.NIGHT
    )
    return Stretch(segments[0].start, segments[-1].end, False, ", ".join(named) or WORDS[Reason.NIGHT])
