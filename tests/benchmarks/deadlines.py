"""How fast deadlines are worked out: `script/benchmark deadlines`. Judges nothing, and touches no database."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import tempfile
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sla.rules.hours import Hours

COMPILES = 20
WORKING_DAY = 8 * 3600 * 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    count = parser.parse_args().count
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-benchmark-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "supportportal.settings"
    import django

    django.setup()
    from sla.rules.timetable import Timetable

    office, first = hours(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    print("Monday to Friday 09:00-17:00 in America/New_York, 10 holidays a year\n")
    compiled = timed(lambda: [Timetable(office).is_working(first) for _ in range(COMPILES)]) / COMPILES
    print(f"{'compile 6 years':<28} {compiled * 1000:>8.1f} ms")
    far = timed(lambda: Timetable(office).elapsed(first, first + dt.timedelta(days=36_500)))
    print(f"{'compile 100 years':<28} {far * 1000:>8.1f} ms")

    chance, timetable = random.Random(1), Timetable(office)
    starts = [first + dt.timedelta(microseconds=chance.randrange(365 * 86_400_000_000)) for _ in range(count)]
    targets = [chance.randrange(60 * WORKING_DAY) for _ in range(count)]
    dues = [timetable.add(start, target) for start, target in zip(starts, targets, strict=True)]
    for label, ask in [
        (f"{count} add, up to 60 days", lambda: [timetable.add(*pair) for pair in zip(starts, targets, strict=True)]),
        (f"{count} elapsed", lambda: [timetable.elapsed(*pair) for pair in zip(starts, dues, strict=True)]),
    ]:
        seconds = timed(ask)
        print(f"{label:<28} {seconds * 1000:>8.1f} ms  {seconds / count * 1e6:.2f} microseconds each")
    few = list(zip(starts, dues, strict=True))[: count // 100]
    seconds = timed(lambda: [timetable.segments(*pair) for pair in few])
    print(f"{f'{len(few)} segments':<28} {seconds * 1000:>8.1f} ms  {seconds / len(few) * 1e6:.0f} microseconds each")


def hours() -> Hours:
    """Return office hours with ten holidays in each of eight years."""
    from sla.rules.hours import WEEKDAYS, read_hours

    holidays = [
        {"date": f"{year}-{month:02}-{day:02}", "hours": []}
        for year in range(2024, 2032)
        for month, day in [(1, 1), (1, 20), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 26), (12, 25)]
    ]
    weekly = {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}
    return read_hours({"tz": "America/New_York", "weekly": weekly, "special_days": holidays})


def timed(ask) -> float:  # type: ignore[no-untyped-def]
    started = perf_counter()
    ask()
    return perf_counter() - started


if __name__ == "__main__":
    main()
