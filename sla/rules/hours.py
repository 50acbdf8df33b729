"""The working hours of one calendar: a zone, seven weekdays, and the dates on which other hours hold.

Pure. The numbers of rules (C8 to C14) are those of docs/sla.md, which also shows the calendar file that is read here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_MINUTE = 60 * MICROSECONDS_PER_SECOND
MICROSECONDS_PER_HOUR = 60 * MICROSECONDS_PER_MINUTE
MICROSECONDS_PER_DAY = 24 * MICROSECONDS_PER_HOUR

Interval = tuple[int, int]
"""Opening and closing in microseconds of the local day, half-open: 0 <= open < close <= MICROSECONDS_PER_DAY."""

WHOLE_DAY: tuple[Interval, ...] = ((0, MICROSECONDS_PER_DAY),)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_OF_DAY = "24:00"
NAME_CHARACTERS_MOST = 200
INTERVALS_MOST = 48

_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_A_PLACE = ("Factory", "localtime")  # in the zone database for machines that have not been set up


class CalendarError(ValueError):
    """A calendar that cannot be used.

    message: what is wrong and what to write instead.   where: the member at fault, such as "weekly.mon[0]" or "tz".
    """

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where


@dataclass(frozen=True)
class SpecialDay:
    """The hours of one local date, in place of its weekday's; none: closed (C8).

    source: where the row comes from: "" written by a person, else such as "holidays:NO" or "feed:3".
    """

    date: dt.date
    hours: tuple[Interval, ...]
    name: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hours", union(self.hours))


@dataclass(frozen=True)
class Hours:
    """When time counts. weekly: the intervals of seven weekdays, Monday first. All intervals are normalised (C9)."""

    zone_name: str
    weekly: tuple[tuple[Interval, ...], ...]
    special_days: Mapping[dt.date, SpecialDay]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekly", tuple(union(day) for day in self.weekly))


def is_always(hours: Hours) -> bool:
    """Tell whether all time counts: every weekday whole and no special day (C16)."""
    return not hours.special_days and all(day == WHOLE_DAY for day in hours.weekly)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same working time as sorted intervals that neither overlap nor touch (C9)."""
    merged: list[Interval] = []
    for opens, closes in sorted(intervals):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name. Raises: CalendarError with where="tz" (C14)."""
    if name in zone_names():
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            pass
    raise CalendarError(f"There is no time zone {_shown(name)}. {_nearest_zone(name)}", where="tz")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of all zones that a calendar may have."""
    return frozenset(available_timezones()).difference(_NOT_A_PLACE)


def _nearest_zone(name: str) -> str:
    names = sorted(zone_names())
    meant = {known.lower().rpartition("/")[2]: known for known in names} | {known.lower(): known for known in names}
    near = get_close_matches(name.strip().lower().replace(" ", "_")[:80], meant, n=1, cutoff=0.8)
    if near:
        return f"Did you mean {meant[near[0]]}?"
    return 'Write an IANA name such as "Europe/Oslo" or "UTC"; a fixed offset such as "+02:00" is not a zone.'


def read_hours(data: Mapping[str, Any]) -> Hours:
    """Return the hours that a calendar file describes.

    data: {"tz": name, "weekly": {"mon": [[open, close], ...], ...}, "special_days": [{"date", "hours", "name"?,
    "source"?}, ...]}; times HH:MM or HH:MM:SS, 24:00 only as an end; a weekday that is missing is closed.
    Raises: CalendarError for the first thing that is wrong.
    """
    members = _members(data, ("tz", "weekly", "special_days"), where="")
    if not isinstance(members.get("tz"), str):
        raise CalendarError('Name the time zone, such as "tz": "Europe/Oslo".', where="tz")
    zone(members["tz"])
    weekly = _members(members.get("weekly", {}), WEEKDAYS, where="weekly")
    return Hours(
        zone_name=members["tz"],
        weekly=tuple(_read_day(weekly.get(day, []), where=f"weekly.{day}") for day in WEEKDAYS),
        special_days=_read_special_days(members.get("special_days", [])),
    )


def _members(data: object, known: Sequence[str], *, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise CalendarError(f"This must be an object with {', '.join(known)}, not {_shown(data)}.", where=where)
    for key in data:
        if key not in known:
            raise CalendarError(
                f"There is no member {_shown(key)} here; known are {', '.join(known)}.",
                where=f"{where}.{key}"[:100].lstrip("."),
            )
    return data


def _read_special_days(rows: object) -> dict[dt.date, SpecialDay]:
    if not isinstance(rows, list | tuple):
        raise CalendarError('Special days are a list of {"date": ..., "hours": [...]}.', where="special_days")
    days: dict[dt.date, SpecialDay] = {}
    for number, row in enumerate(rows):
        day = _read_special_day(row, where=f"special_days[{number}]")
        if day.date in days:
            raise CalendarError(
                f"{day.date} is there twice; put all its hours into one row.", where=f"special_days[{number}].date"
            )
        days[day.date] = day
    return dict(sorted(days.items()))


def _read_special_day(data: object, *, where: str) -> SpecialDay:
    row = _members(data, ("date", "hours", "name", "source"), where=where)
    if "hours" not in row:
        raise CalendarError('Give the hours of this date; "hours": [] for a closed day.', where=f"{where}.hours")
    return SpecialDay(
        date=_read_date(row.get("date"), where=f"{where}.date"),
        hours=_read_day(row["hours"], where=f"{where}.hours"),
        name=_read_text(row.get("name", ""), where=f"{where}.name"),
        source=_read_text(row.get("source", ""), where=f"{where}.source"),
    )


def _read_date(value: object, *, where: str) -> dt.date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise CalendarError(f'{_shown(value)} is not a date; write it like "2026-12-24".', where=where)


def _read_text(value: object, *, where: str) -> str:
    if not isinstance(value, str) or len(value) > NAME_CHARACTERS_MOST:
        raise CalendarError(f"This must be text of at most {NAME_CHARACTERS_MOST} characters.", where=where)
    return value


def _read_day(rows: object, *, where: str) -> tuple[Interval, ...]:
    if not isinstance(rows, list | tuple):
        raise CalendarError(
            f'Hours are a list such as [["09:00", "17:00"]], or [] for closed, not {_shown(rows)}.', where=where
        )
    intervals = union(_read_interval(row, where=f"{where}[{number}]") for number, row in enumerate(rows))
    if len(intervals) > INTERVALS_MOST:
        raise CalendarError(
            f"A day has at most {INTERVALS_MOST} stretches of hours, not {len(intervals)}.", where=where
        )
    return intervals


def _read_interval(row: object, *, where: str) -> Interval:
    if not isinstance(row, list | tuple) or len(row) != 2:
        raise CalendarError(
            f'Write an opening and a closing time, such as ["09:00", "17:00"], not {_shown(row)}.', where=where
        )
    opens, closes = (_read_time(value, where=where) for value in row)
    if opens == MICROSECONDS_PER_DAY:
        raise CalendarError('24:00 is only an end; the day starts at "00:00".', where=where)
    if opens < closes:
        return opens, closes
    if opens == closes:
        raise CalendarError(
            f'From {row[0]} to {row[1]} no time passes; a whole day is ["00:00", "{END_OF_DAY}"].', where=where
        )
    raise CalendarError(_overnight_hint(row[0], row[1], closes), where=where)


def _overnight_hint(opens: str, closes: str, end: int) -> str:
    if end == 0:
        return f'A day ends at "{END_OF_DAY}", not at {closes}: write ["{opens}", "{END_OF_DAY}"].'
    return (
        f"From {opens} to {closes} passes midnight, and hours belong to one day: write "
        f'["{opens}", "{END_OF_DAY}"] here and ["00:00", "{closes}"] on the next day.'
    )


def _read_time(value: object, *, where: str) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found:
        hour, minute, second = (int(part or 0) for part in found.groups())
        if minute <= 59 and second <= 59 and (hour, minute, second) <= (24, 0, 0):
            return ((hour * 60 + minute) * 60 + second) * MICROSECONDS_PER_SECOND
    raise CalendarError(f'{_shown(value)} is not a time; write it like "09:00" or "09:00:30".', where=where)


def _shown(value: object) -> str:
    return repr(value)[:80]


def split_overnight(weekly: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, list[list[str]]]:
    """Return `weekly` with each interval that passes midnight cut in two, at 24:00 and 00:00 of the next day (C10).

    weekly: as in a calendar file. What is not an interval stays as it is, for `read_hours` to refuse.
    """
    cut: dict[str, list[list[str]]] = {day: [] for day in weekly}
    for day, rows in weekly.items():
        for row in rows:
            if day not in WEEKDAYS or not _is_overnight(row):
                cut[day].append(list(row))
                continue
            cut[day].append([row[0], END_OF_DAY])
            if _read_time(row[1], where=day) > 0:
                tomorrow = WEEKDAYS[(WEEKDAYS.index(day) + 1) % 7]
                cut.setdefault(tomorrow, []).append(["00:00", row[1]])
    return cut


def _is_overnight(row: Sequence[str]) -> bool:
    try:
        opens, closes = (_read_time(value, where="") for value in row)
    except ValueError:  # a CalendarError, or not two of them
        return False
    return closes < opens < MICROSECONDS_PER_DAY


def write_hours(hours: Hours) -> dict[str, Any]:
    """Return `hours` as a calendar file has them: what `read_hours` takes. Only whole seconds can be written."""
    return {
        "tz": hours.zone_name,
        "weekly": {day: _write_day(rows) for day, rows in zip(WEEKDAYS, hours.weekly, strict=True) if rows},
        "special_days": [_write_special_day(day) for _, day in sorted(hours.special_days.items())],
    }


def _write_special_day(day: SpecialDay) -> dict[str, Any]:
    row = {"date": day.date.isoformat(), "hours": _write_day(day.hours), "name": day.name, "source": day.source}
    return {key: value for key, value in row.items() if value or key == "hours"}


def _write_day(intervals: Iterable[Interval]) -> list[list[str]]:
    return [[_write_time(opens), _write_time(closes)] for opens, closes in intervals]


def _write_time(value: int) -> str:
    minutes, seconds = divmod(value // MICROSECONDS_PER_SECOND, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def require_working_time(hours: Hours, *, on: dt.date) -> None:
    """Raise CalendarError unless there are weekly hours, or an open special day on or after `on` (C12)."""
    if any(hours.weekly) or any(day.hours and date >= on for date, day in hours.special_days.items()):
        return
    raise CalendarError(
        f"This calendar is never open from {on} on. Give at least one weekday hours, or a coming special day.",
        where="weekly",
    )


def merge_special_days(
    existing: Iterable[SpecialDay],
    found: Iterable[SpecialDay],
    *,
    source: str,
    between: tuple[dt.date, dt.date] | None = None,
) -> list[SpecialDay]:
    """Return the special days of a calendar once those of `source` have been read anew, sorted by date.

    Rows of the same source give way to what was found; on a date that a person or another source has, that row wins.
    between: first and last day that were read, so that rows of the same source outside them stay; None: all give way.
    """
    if not source:
        raise ValueError("Rows without a source are a person's; an import needs a source of its own.")
    first, last = between or (dt.date.min, dt.date.max)
    kept = {day.date: day for day in existing if day.source != source or not first <= day.date <= last}
    imported = {day.date: replace(day, source=source) for day in found}
    return [day for _, day in sorted({**imported, **kept}.items())]


ALWAYS = Hours("UTC", (WHOLE_DAY,) * 7, {})
