"""The arithmetic of rules C2 to C9 against the slow reference, on the nights on which clocks change and elsewhere."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla.rules.hours import WEEKDAYS, read_hours, zone
from sla.rules.timetable import MICROSECOND, Reason, Timetable, _constant_offsets
from sla.tests.reference import EPOCH, SECOND, Reference, microseconds

HOUR = 3600 * SECOND
# An instant at or near which something happens to the wall clock, and some at which nothing does.
PLACES = [
    ("America/New_York", "2026-03-08T07:00:00"),
    ("America/New_York", "2026-11-01T06:00:00"),
    ("Europe/Berlin", "2026-03-29T01:00:00"),
    ("Europe/Berlin", "2026-10-25T01:00:00"),
    ("Europe/Berlin", "2026-07-01T08:00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-03T15:30:00"),
    ("Antarctica/Troll", "2026-03-29T01:00:00"),  # two hours
    ("Antarctica/Troll", "2026-10-25T01:00:00"),
    ("Asia/Kathmandu", "1985-12-31T18:30:00"),  # a quarter of an hour, for good
    ("Asia/Kathmandu", "2026-06-01T06:00:00"),
    ("Pacific/Apia", "2011-12-30T10:00:00"),  # a whole date is skipped
    ("America/Sao_Paulo", "2018-11-04T03:00:00"),  # midnight is skipped
    ("America/Sao_Paulo", "2018-02-18T02:00:00"),  # the last hour of a date comes twice
    ("Africa/Casablanca", "2025-02-23T02:00:00"),
    ("Africa/Casablanca", "2025-04-06T02:00:00"),
    ("America/St_Johns", "2010-11-07T02:31:00"),  # a minute after midnight
    ("Africa/Monrovia", "1972-01-07T00:44:30"),  # from an offset with seconds
    ("Asia/Kolkata", "2026-03-08T12:00:00"),
    ("UTC", "2026-02-28T23:00:00"),
]
IDS = [f"{name}-{text[:10]}" for name, text in PLACES]
few = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def time_of(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def at(instant: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=instant)


def interval(chance: random.Random) -> list[str]:
    """Clocks change in the first and last hours of a date, so many ends of intervals lie there, often at the change."""
    opens, closes = 0, 0
    while opens == closes:
        opens, closes = sorted(
            chance.choice(
                [
                    chance.randint(0, 4 * 3600),
                    chance.randint(21 * 3600, 86_400),
                    chance.randint(0, 86_400),
                    chance.randint(0, 24) * 3600,
                    chance.randint(0, 8) * 900,
                ]
            )
            for _ in range(2)
        )
    return [time_of(opens), time_of(closes)]


def intervals(chance: random.Random) -> list[list[str]]:
    return [interval(chance) for _ in range(chance.choice([0, 1, 1, 2, 3]))]


def span(chance: random.Random, hours: int) -> int:
    """Return a length in microseconds of up to so many hours; half of all are whole seconds."""
    seconds = chance.randint(0, hours * 3600) * SECOND
    return seconds + chance.choice([0, chance.randrange(SECOND)])


@dataclass
class Scene:
    """A calendar file and a span of time near something that happens to its wall clock. chance: for further choices."""

    calendar: dict[str, Any]
    start: int
    end: int
    chance: random.Random

    def timetable(self) -> Timetable:
        return Timetable(read_hours(self.calendar))

    def elapsed(self) -> int:
        return self.timetable().elapsed(at(self.start), at(self.end))


@st.composite
def scenes(draw, place: tuple[str, str] | None = None, hours: int = 10):
    """Return a scene that starts from nine hours before the place's instant on, and ends up to `hours` later.

    Hypothesis draws the seed alone: left to itself it prefers small numbers, and few spans would reach the change.
    """
    chance = random.Random(draw(st.integers(0, 2**32)))
    name, text = place or chance.choice(PLACES)
    anchor = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    weekly = {day: intervals(chance) for day in WEEKDAYS if chance.random() < 0.9}
    weekly[chance.choice(WEEKDAYS)] = [interval(chance)]
    special = []
    for days in (-1, 0, 1):
        if chance.random() < 0.2:
            date = anchor.astimezone(zone(name)).date() + dt.timedelta(days=days)
            special.append({"date": date.isoformat(), "hours": intervals(chance)})
    start = microseconds(anchor) + HOUR - span(chance, 10)
    return Scene({"tz": name, "weekly": weekly, "special_days": special}, start, start + span(chance, hours), chance)


@pytest.mark.parametrize("place", PLACES, ids=IDS)
@settings(few, max_examples=12)
@given(data=st.data())
def test_c02_elapsed_is_what_counting_every_second_gives(place, data):
    scene = data.draw(scenes(place))
    assert scene.elapsed() == Reference(scene.calendar).elapsed(scene.start, scene.end)


@settings(few, max_examples=30)
@given(scenes(hours=72))
def test_c02_elapsed_over_days_is_what_counting_every_second_gives(scene):
    assert scene.elapsed() == Reference(scene.calendar).elapsed(scene.start, scene.end)


@pytest.mark.parametrize("place", PLACES, ids=IDS)
@settings(few, max_examples=8)
@given(data=st.data())
def test_c04_add_is_the_first_instant_that_counting_every_second_reaches(place, data):
    scene = data.draw(scenes(place))
    most = scene.elapsed()
    wanted = scene.chance.choice([most, scene.chance.randint(0, most)])
    due = scene.timetable().add(at(scene.start), wanted)
    assert microseconds(due) == Reference(scene.calendar).add(scene.start, wanted)


@settings(few, max_examples=150)
@given(scenes(hours=24))
def test_c02_an_instant_is_working_when_the_wall_clock_says_so(scene):
    timetable, reference = scene.timetable(), Reference(scene.calendar)
    for instant in [scene.start, scene.end, *(scene.chance.randint(scene.start, scene.end) for _ in range(20))]:
        assert timetable.is_working(at(instant)) == reference.is_working(instant // SECOND)


@settings(few, max_examples=150)
@given(scenes(hours=24 * 100))
def test_c05_elapsed_is_additive_and_grows_with_either_end(scene):
    timetable = scene.timetable()
    start, middle, end = at(scene.start), at(scene.chance.randint(scene.start, scene.end)), at(scene.end)
    first, second, whole = (timetable.elapsed(*ends) for ends in ((start, middle), (middle, end), (start, end)))
    assert first + second == whole
    assert 0 <= first <= whole
    assert 0 <= second <= whole
    assert timetable.elapsed(end, start) == 0


@settings(few, max_examples=150)
@given(scenes())
def test_c05_elapsed_undoes_add_and_c04_no_earlier_instant_would_do(scene):
    timetable, start, wanted = scene.timetable(), at(scene.start), 1 + span(scene.chance, 400)
    due = timetable.add(start, wanted)
    assert timetable.elapsed(start, due) == wanted
    assert timetable.elapsed(start, due - MICROSECOND) == wanted - 1
    assert timetable.add(start, wanted + 1) > due
    assert timetable.add(start - dt.timedelta(hours=7), wanted) <= due


@settings(few, max_examples=150)
@given(scenes(hours=24 * 30))
def test_c09_order_and_repetition_of_intervals_change_nothing(scene):
    weekly = {day: scene.chance.sample(rows + rows, 2 * len(rows)) for day, rows in scene.calendar["weekly"].items()}
    messy = Scene({**scene.calendar, "weekly": weekly}, scene.start, scene.end, scene.chance)
    assert read_hours(messy.calendar) == read_hours(scene.calendar)
    assert messy.elapsed() == scene.elapsed()


@settings(few, max_examples=150)
@given(scenes(hours=24 * 10))
def test_c05_segments_tile_the_time_and_those_that_count_add_up(scene):
    timetable = scene.timetable()
    segments = timetable.segments(at(scene.start), at(scene.end))
    edges = [at(scene.start), *(segment.end for segment in segments)]
    assert [segment.start for segment in segments] == edges[:-1]
    assert edges[-1] == at(scene.end)
    assert sum(s.microseconds for s in segments if s.is_counted) == scene.elapsed()
    for one, following in pairwise(segments):
        assert (one.reason, one.name) != (following.reason, following.name)
    for segment in segments:
        assert segment.microseconds > 0
        assert segment.is_counted == (segment.reason == Reason.WORKING) == timetable.is_working(segment.start)
        assert timetable.elapsed(segment.start, segment.end) == (segment.microseconds if segment.is_counted else 0)


@settings(few, max_examples=40)
@given(scenes())
def test_c05_what_was_asked_before_changes_no_answer(scene):
    """However the kept line has grown, answers are those of a timetable that was never asked."""
    used = scene.timetable()
    for _ in range(3):
        used.is_working(at(scene.start + scene.chance.randint(-20_000, 15_000) * 24 * HOUR))
    assert used.elapsed(at(scene.start), at(scene.end)) == scene.elapsed()


@pytest.mark.parametrize("name", sorted({name for name, _ in PLACES}))
def test_c07_changes_of_the_offset_are_found_to_the_second(name):
    place = zone(name)
    first, last = (microseconds(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (1970, 2040))
    found = list(_constant_offsets(place, first, last))
    assert (found[0][0], found[-1][1]) == (first, last)
    for (_, stop, offset), (change, _, new_offset) in pairwise(found):
        assert stop == change
        assert at(change - 1).astimezone(place).utcoffset() == offset * MICROSECOND
        assert at(change).astimezone(place).utcoffset() == new_offset * MICROSECOND
        assert offset != new_offset
