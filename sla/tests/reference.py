"""Working time counted the slow way: second by second, straight from rule C2, out of a calendar file.

Shares nothing with the real arithmetic, not even the reading of the file. Ends of intervals are whole seconds and so
is every change of a zone's offset, so one second counts wholly or not at all.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SECOND = 1_000_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Reference:
    """calendar: in the shape of a calendar file. Instants are microseconds since 1970."""

    def __init__(self, calendar: dict[str, Any]) -> None:
        self.zone = ZoneInfo(calendar["tz"])
        self.weekly = [in_seconds(calendar["weekly"].get(day, [])) for day in DAYS]
        self.special = {row["date"]: in_seconds(row["hours"]) for row in calendar.get("special_days", [])}

    def is_working(self, second: int) -> bool:
        wall = dt.datetime.fromtimestamp(second, self.zone)
        intervals = self.weekly[wall.weekday()]
        if self.special:
            intervals = self.special.get(wall.date().isoformat(), intervals)
        since_midnight = wall.hour * 3600 + wall.minute * 60 + wall.second
        return any(opens <= since_midnight < closes for opens, closes in intervals)

    def elapsed(self, start: int, end: int) -> int:
        return sum(
            min(end, (second + 1) * SECOND) - max(start, second * SECOND)
            for second in range(start // SECOND, -(-end // SECOND))
            if self.is_working(second)
        )

    def add(self, start: int, microseconds: int) -> int:
        at, left, second = start, microseconds, start // SECOND
        while left > 0:
            end = (second + 1) * SECOND
            if self.is_working(second):
                if left <= end - at:
                    return at + left
                left -= end - at
            at, second = end, second + 1
        return start


def in_seconds(intervals: list[list[str]]) -> list[tuple[int, int]]:
    return [(seconds(opens), seconds(closes)) for opens, closes in intervals]


def seconds(time: str) -> int:
    hour, minute, second = (*map(int, time.split(":")), 0)[:3]
    return hour * 3600 + minute * 60 + second


def microseconds(instant: dt.datetime) -> int:
    return (instant - EPOCH) // dt.timedelta(microseconds=1)
