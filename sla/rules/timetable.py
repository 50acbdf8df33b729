"""Counting in working time: the two functions `add` and `elapsed`, and the stretches that explain them.

The line of time is cut where the zone's offset changes. Between two changes the wall clock is UTC plus a constant, so
the intervals of each local date become pieces of UTC by a subtraction, and repeated, skipped and missing wall times
come out as rules C2, C6 and C7 want them without a word about them here. The pieces with their running sum are kept;
`add` and `elapsed` are bisections. All instants inside are integer microseconds since 1970 in UTC.
"""

from __future__ import annotations

import datetime as dt
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from sla.rules.hours import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, Hours, Interval, is_always, zone

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
EARLIEST = (dt.datetime.min.replace(tzinfo=dt.UTC) - EPOCH) // MICROSECOND
LATEST = (dt.datetime.max.replace(tzinfo=dt.UTC) - EPOCH) // MICROSECOND

YEAR = 366 * MICROSECONDS_PER_DAY
AROUND_BEFORE, AROUND_AFTER = YEAR, 5 * YEAR  # what is compiled at first around an instant
SEARCH = 100 * YEAR  # how far `add` looks (C13), and what is compiled at most in one go
REACHES = tuple(years * YEAR for years in (0, 5, 10, 20, 40, 80, 100))
# No zone changes its offset twice within a week (a test reads the whole zone database), so none is stepped over.
PROBE = 2 * MICROSECONDS_PER_DAY
THURSDAY = 3  # 1 January 1970, counted from Monday


class NoWorkingTime(Exception):
    """The calendar has too little working time, or none, within the next hundred years (C12, C13)."""


class Reason(StrEnum):
    """Why a stretch of time counts or does not. Those from WAITING on are a clock's, not a calendar's."""

    WORKING = "working"
    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    WAITING = "waiting"
    HELD = "held"
    MAINTENANCE = "maintenance"
    UNPROMISED = "unpromised"
    SOLVED = "solved"


@dataclass(frozen=True)
class Segment:
    """A stretch of time, half-open, that counts wholly or not at all. name: the special day's that closed it."""

    start: dt.datetime
    end: dt.datetime
    is_counted: bool
    reason: Reason
    name: str = ""

    @property
    def microseconds(self) -> int:
        return (self.end - self.start) // MICROSECOND


@dataclass(frozen=True)
class _Line:
    """The working pieces between `first` and `last`. before[i]: working time from `first` to the start of piece i."""

    first: int
    last: int
    starts: list[int]
    ends: list[int]
    before: list[int]

    def worked(self, at: int) -> int:
        """Return the working time from `first` to `at`."""
        piece = bisect_right(self.starts, at) - 1
        return self.before[piece] + min(at, self.ends[piece]) - self.starts[piece] if piece >= 0 else 0

    def reached(self, worked: int) -> int:
        """Return the earliest instant by which `worked` microseconds, more than 0, have been worked since `first`."""
        piece = bisect_left(self.before, worked) - 1
        return self.starts[piece] + worked - self.before[piece]


class Timetable:
    """The hours of one calendar, ready to be counted in. Any number of threads may use one.

    name: the calendar's, for what NoWorkingTime says.
    """

    def __init__(self, hours: Hours, name: str = "") -> None:
        self.hours = hours
        self.name = name
        self._zone = zone(hours.zone_name)
        self._is_always = is_always(hours)
        self._special = {_day_number(date): day for date, day in hours.special_days.items()}
        self._line = _Line(0, 0, [], [], [])

    def add(self, start: dt.datetime, microseconds: int) -> dt.datetime:
        """Return the earliest instant, in UTC, by which `microseconds` of working time have passed since `start` (C4).

        start: aware.   microseconds: >= 0; 0 gives `start` itself, also outside the hours.
        Raises: NoWorkingTime when there is too little in the next hundred years; ValueError for a start without a zone.
        """
        at = _microseconds(start)
        if microseconds < 0:
            raise ValueError("Working time is added, not taken away: give a number of microseconds >= 0.")
        if microseconds == 0:
            return _instant(at)
        if self._is_always:
            if at + microseconds > LATEST:
                raise NoWorkingTime(self._too_little(at, LATEST))
            return _instant(at + microseconds)
        return _instant(self._reached(at, microseconds))

    def elapsed(self, start: dt.datetime, end: dt.datetime) -> int:
        """Return the working microseconds in [start, end); 0 when `end` is not after `start` (C5).

        Raises: ValueError for an instant without a zone.
        """
        first, last = _microseconds(start), _microseconds(end)
        if last <= first:
            return 0
        if self._is_always:
            return last - first
        return sum(self._worked_between(begin, min(begin + SEARCH, last)) for begin in range(first, last, SEARCH))

    def is_working(self, at: dt.datetime) -> bool:
        """Tell whether the wall clock at `at` lies in the hours of its local date (C2, C3)."""
        instant = _microseconds(at)
        line = self._line_over(instant, instant)
        piece = bisect_right(line.starts, instant) - 1
        return piece >= 0 and instant < line.ends[piece]

    def segments(self, start: dt.datetime, end: dt.datetime) -> list[Segment]:
        """Return [start, end) cut into stretches that count and stretches that do not, each with its reason.

        They follow each other without a hole, no two neighbours have the same reason and name, and those that count
        add up to `elapsed`. What does not count is explained by its local date.
        """
        first, last = _microseconds(start), _microseconds(end)
        merged: list[tuple[int, int, Reason, str]] = []
        for begin, stop, reason, name in self._explained(first, last):
            is_more_of_it = bool(merged) and merged[-1][2:] == (reason, name)
            merged.append((merged.pop()[0] if is_more_of_it else begin, stop, reason, name))
        return [
            Segment(_instant(begin), _instant(stop), reason == Reason.WORKING, reason, name)
            for begin, stop, reason, name in merged
        ]

    def _worked_between(self, first: int, last: int) -> int:
        line = self._line_over(first, last)
        return line.worked(last) - line.worked(first)

    def _reached(self, at: int, microseconds: int) -> int:
        horizon = min(at + SEARCH, LATEST)
        if microseconds <= SEARCH and self._has_hours_after(at):
            for reach in REACHES:
                line = self._line_over(at, min(at + reach, horizon))
                worked = line.worked(at) + microseconds
                if worked <= line.worked(horizon):
                    return line.reached(worked)
        raise NoWorkingTime(self._too_little(at, horizon))

    def _has_hours_after(self, at: int) -> bool:
        """Without weekly hours only special days are left to search, and after the last of them nothing comes."""
        today = at // MICROSECONDS_PER_DAY - 2  # a local date is never two days from that of UTC
        return any(self.hours.weekly) or any(day.hours and number >= today for number, day in self._special.items())

    def _too_little(self, at: int, horizon: int) -> str:
        return (
            f"The calendar {self.name or self.hours.zone_name} has too little working time: what is asked for is not "
            f"reached between {_instant(at).date()} and {_instant(horizon).date()}. Give it weekly hours."
        )

    def _line_over(self, first: int, last: int) -> _Line:
        """Return a line that reaches from `first` to beyond `last`, which are at most SEARCH apart.

        A line is never changed, only replaced by a longer one, so readers need no lock.
        """
        line = self._line
        if line.first <= first and last < line.last:
            return line
        with _compiling:
            line = self._line
            if not (line.first <= first and last < line.last):
                line = self._line = self._compiled(*_span(line, first, last))
        return line

    def _compiled(self, first: int, last: int) -> _Line:
        starts: list[int] = []
        ends: list[int] = []
        before: list[int] = []
        worked = 0
        for begin, stop, midnight, day in _local_days(self._zone, first, last):
            for opens, closes in self._intervals(day):
                start, end = max(midnight + opens, begin), min(midnight + closes, stop)
                if start >= end:
                    continue
                if ends and ends[-1] == start:
                    ends[-1] = end
                else:
                    starts.append(start)
                    ends.append(end)
                    before.append(worked)
                worked += end - start
        return _Line(first, last, starts, ends, before)

    def _intervals(self, day: int) -> tuple[Interval, ...]:
        special = self._special.get(day)
        return self.hours.weekly[(day + THURSDAY) % 7] if special is None else special.hours

    def _explained(self, first: int, last: int) -> Iterator[tuple[int, int, Reason, str]]:
        """Yield the stretches of each local date between `first` and `last`, not yet merged."""
        for begin, stop, midnight, day in _local_days(self._zone, first, last):
            reason, name = self._closed(day)
            at = begin
            for opens, closes in self._intervals(day):
                start, end = max(midnight + opens, begin), min(midnight + closes, stop)
                if start < end:
                    if at < start:
                        yield at, start, reason, name
                    yield start, end, Reason.WORKING, ""
                    at = end
            if at < stop:
                yield at, stop, reason, name

    def _closed(self, day: int) -> tuple[Reason, str]:
        """Return why time outside the hours of the date does not count, and the special day's name."""
        special = self._special.get(day)
        if special is not None:
            return Reason.HOLIDAY, special.name
        return (Reason.NIGHT if self.hours.weekly[(day + THURSDAY) % 7] else Reason.WEEKEND), ""


# One for all timetables: compiling takes milliseconds, and a timetable without a lock can be copied and pickled.
_compiling = threading.Lock()


def _span(line: _Line, first: int, last: int) -> tuple[int, int]:
    """Return what to compile so that it holds [first, last]: what was there as well, unless that gets too long."""
    around = max(first - AROUND_BEFORE, EARLIEST), min(last + AROUND_AFTER, LATEST + 1)
    if line.first == line.last:
        return around
    both = min(line.first, around[0]), max(line.last, around[1])
    return both if both[1] - both[0] <= SEARCH else around


def _local_days(place: ZoneInfo, first: int, last: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (begin, stop, midnight, day) for each stretch of [first, last) with one local date and one offset.

    midnight: the instant at which a clock of that offset shows 00:00 of the date.   day: the date, as days since 1970.
    """
    for begin, stop, offset in _constant_offsets(place, first, last):
        for day in range((begin + offset) // MICROSECONDS_PER_DAY, (stop - 1 + offset) // MICROSECONDS_PER_DAY + 1):
            midnight = day * MICROSECONDS_PER_DAY - offset
            yield max(begin, midnight), min(stop, midnight + MICROSECONDS_PER_DAY), midnight, day


def _constant_offsets(place: ZoneInfo, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield (begin, stop, offset) for the stretches of [first, last) in which the zone's offset stays the same."""
    begin, offset, probed = first, _offset(place, first), first
    while probed < last:
        seen, probed = probed, min(probed + PROBE, last)
        if (changed := _offset(place, probed)) != offset:
            change = _change(place, seen, probed, offset)
            yield begin, change, offset
            begin, offset = change, changed
    if begin < last:
        yield begin, last, offset


def _change(place: ZoneInfo, before: int, after: int, offset: int) -> int:
    """Return the whole second at which the offset, `offset` at `before`, becomes the one that holds at `after`."""
    low, high = before // MICROSECONDS_PER_SECOND, -(-after // MICROSECONDS_PER_SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(place, middle * MICROSECONDS_PER_SECOND) == offset:
            low = middle
        else:
            high = middle
    return high * MICROSECONDS_PER_SECOND


def _offset(place: ZoneInfo, at: int) -> int:
    """Return the zone's offset at `at`, in microseconds. No zone changes it in the first or last days of all time."""
    within = min(max(at, EARLIEST + PROBE), LATEST - PROBE)
    offset = _instant(within).astimezone(place).utcoffset()
    return offset // MICROSECOND if offset else 0


def _day_number(date: dt.date) -> int:
    return date.toordinal() - EPOCH.toordinal()


def _microseconds(at: dt.datetime) -> int:
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone; give an aware instant.")
    microseconds = (at - EPOCH) // MICROSECOND
    if not EARLIEST <= microseconds <= LATEST:
        raise ValueError(f"{at} is outside the years 1 to 9999 in UTC.")
    return microseconds


def _instant(microseconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=microseconds)
