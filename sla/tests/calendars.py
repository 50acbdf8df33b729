"""Short ways to write down calendars and instants for tests of the arithmetic."""

from __future__ import annotations

import datetime as dt

from sla.rules.hours import WEEKDAYS, read_hours, zone
from sla.rules.timetable import Timetable

MINUTE, HOUR = 60_000_000, 3_600_000_000
NINE_TO_FIVE = [["09:00", "17:00"]]
WHOLE_DAY = ["00:00", "24:00"]


def timetable(tz="America/New_York", special=(), **weekly) -> Timetable:
    """timetable("UTC", [("2026-12-25", [])], mon=[["09:00", "17:00"]]); without days: Monday to Friday 9 to 5."""
    weekly = weekly or dict.fromkeys(WEEKDAYS[:5], NINE_TO_FIVE)
    rows = [{"date": date, "hours": hours, "name": name[0] if name else ""} for date, hours, *name in special]
    return Timetable(read_hours({"tz": tz, "weekly": weekly, "special_days": rows}), "Office")


def every_day(tz: str, *hours: list[str], special=()) -> Timetable:
    return timetable(tz, special, **{day: list(hours) for day in WEEKDAYS})


def local(text: str, tz: str, fold: int = 0) -> dt.datetime:
    """Return, in UTC, the instant at which the clock of `tz` shows `text`; fold=1: for the second time."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone(tz), fold=fold).astimezone(dt.UTC)


def ny(text: str) -> dt.datetime:
    return local(text, "America/New_York")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
