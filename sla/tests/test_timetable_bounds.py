"""Rules C12 to C16 of docs/sla.md by example: where counting ends, which zones there are, how fine and how far."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import struct
import threading
from itertools import pairwise
from pathlib import Path

import pytest
import tzdata

from sla.rules.hours import ALWAYS, MICROSECONDS_PER_SECOND, CalendarError, Hours, zone, zone_names
from sla.rules.timetable import MICROSECOND, PROBE, SEARCH, NoWorkingTime, Timetable
from sla.tests.calendars import HOUR, MINUTE, NINE_TO_FIVE, WHOLE_DAY, every_day, ny, timetable, utc

FIRST, LAST = utc("0001-01-01T00:00"), utc("9999-12-31T23:59:59.999999")


@pytest.mark.parametrize(
    "special", [[], [("2026-12-25", [])], [("2026-02-05", NINE_TO_FIVE)], [("2126-12-01", NINE_TO_FIVE)]]
)
def test_c12_a_calendar_without_working_time_says_so_by_name(special):
    closed = timetable(special=special, mon=[])
    with pytest.raises(NoWorkingTime, match="The calendar Office has too little working time"):
        closed.add(ny("2026-02-06T12:00"), 1)
    assert closed.add(ny("2026-02-06T12:00"), 0) == ny("2026-02-06T12:00")
    assert closed.elapsed(ny("2025-01-01T12:00"), ny("2026-01-01T12:00")) == 0


def test_c12_open_days_that_do_not_suffice_are_too_little():
    few = timetable(special=[("2026-03-02", NINE_TO_FIVE), ("2027-03-02", NINE_TO_FIVE)], mon=[])
    assert few.add(ny("2026-02-06T12:00"), 16 * HOUR) == ny("2027-03-02T17:00")
    with pytest.raises(NoWorkingTime):
        few.add(ny("2026-02-06T12:00"), 16 * HOUR + 1)


def test_c13_forty_sundays_of_one_hour_are_found():
    sundays = timetable(sun=[["10:00", "11:00"]])
    assert sundays.add(ny("2026-02-06T12:00"), 40 * HOUR) == ny("2026-11-08T11:00")


def test_c13_an_open_day_fifteen_months_away_is_found():
    far = timetable(special=[("2027-05-03", [["10:00", "11:00"]])], mon=[])
    assert far.add(ny("2026-02-03T12:00"), HOUR) == ny("2027-05-03T11:00")


@pytest.mark.parametrize("hours", [520, 1560, 5150])
def test_c13_the_search_goes_on_for_a_hundred_years(hours):
    due = timetable("UTC", mon=[["10:00", "11:00"]]).add(utc("2026-02-09T00:00"), hours * HOUR)
    assert due == utc("2026-02-09T11:00") + dt.timedelta(weeks=hours - 1)


def test_c13_the_search_ends_whatever_is_asked_and_whatever_was_asked_before():
    mondays = timetable("UTC", mon=[["10:00", "11:00"]])
    for asked in (5300, 10**6, 10**30):
        with pytest.raises(NoWorkingTime):
            mondays.add(utc("2026-02-06T12:00"), asked * HOUR)
    assert mondays.add(utc("2027-02-06T12:00"), 5200 * HOUR).year == 2126
    with pytest.raises(NoWorkingTime):
        mondays.add(utc("2026-02-06T12:00"), 5300 * HOUR)


@pytest.mark.parametrize("calendar", [timetable(), timetable("Pacific/Kiritimati"), Timetable(ALWAYS)])
def test_c13_the_ends_of_all_time_are_answered_or_refused_in_words(calendar):
    first, last = FIRST, LAST
    with pytest.raises(NoWorkingTime):
        calendar.add(last, MINUTE)
    assert calendar.add(last, 0) == last
    assert calendar.elapsed(first, first + dt.timedelta(days=7)) >= 5 * 8 * HOUR
    assert calendar.elapsed(last - dt.timedelta(days=7), last) >= 4 * 8 * HOUR
    assert calendar.add(first, HOUR).year == 1
    assert isinstance(calendar.is_working(first), bool)
    assert isinstance(calendar.is_working(last), bool)
    assert calendar.segments(last - dt.timedelta(days=1), last)[-1].end == last
    for beyond in (FIRST.replace(tzinfo=zone("Asia/Tokyo")), LAST.replace(tzinfo=zone("America/New_York"))):
        with pytest.raises(ValueError, match="outside the years"):
            calendar.add(beyond, MINUTE)


def test_c13_a_span_of_centuries_is_counted_in_parts():
    mondays = timetable("UTC", mon=[["10:00", "11:00"]])
    weeks = (utc("2326-02-03T00:00") - utc("2026-02-03T00:00")).days // 7
    assert mondays.elapsed(utc("2026-02-03T00:00"), utc("2326-02-03T00:00")) // HOUR in (weeks, weeks + 1)


def test_c14_a_zone_that_is_none_is_refused():
    with pytest.raises(CalendarError):
        Timetable(Hours("+02:00", ((),) * 7, {}))


def test_c14_the_offset_of_the_time_counts_not_that_of_today():
    office = timetable()
    assert office.is_working(utc("2026-01-05T21:30"))  # 16:30 in winter
    assert not office.is_working(utc("2026-07-06T21:30"))  # 17:30 in summer


def test_c14_no_zone_changes_its_offset_twice_within_the_probing_step():
    nearest = min(
        (later - earlier, name)
        for name in zone_names()
        for earlier, later in pairwise(changes_in_the_zone_database(name))
    )
    assert nearest[0] * MICROSECONDS_PER_SECOND > 2 * PROBE, nearest


def changes_in_the_zone_database(name: str) -> list[int]:
    """Return the seconds at which the offset changes, from the second block of the zone's file (RFC 9636)."""
    data = (Path(tzdata.__file__).parent / "zoneinfo" / name).read_bytes()
    isut, isstd, leaps, times, types, letters = struct.unpack(">6l", data[20:44])
    start = 44 + times * 5 + types * 6 + letters + leaps * 8 + isstd + isut
    _, _, _, times, types, _ = struct.unpack(">6l", data[start + 20 : start + 44])
    start += 44
    moments = struct.unpack(f">{times}q", data[start : start + 8 * times])
    kinds = data[start + 8 * times : start + 9 * times]
    offsets = [
        struct.unpack(">lBB", data[at : at + 6])[0] for at in range(start + 9 * times, start + 9 * times + 6 * types, 6)
    ]
    before = [offsets[0], *(offsets[kind] for kind in kinds)]
    return [moment for moment, kind, old in zip(moments, kinds, before, strict=False) if offsets[kind] != old]


def test_c15_the_microseconds_of_a_start_are_kept():
    assert timetable().add(ny("2026-02-09T10:00:00.250000"), HOUR) == ny("2026-02-09T11:00:00.250000")


def test_c15_a_start_before_opening_snaps_to_the_opening():
    assert timetable().add(ny("2026-02-09T08:00:00.250000"), HOUR) == ny("2026-02-09T10:00")


@pytest.mark.parametrize("tz", ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"])
def test_c16_round_the_clock_adding_is_plain_addition(tz):
    always, dated = every_day(tz, WHOLE_DAY), every_day(tz, WHOLE_DAY, special=[("2026-12-25", [WHOLE_DAY])])
    for start in ("2011-12-29T12:00:00.000001", "2026-03-08T06:59", "2026-11-01T05:30"):
        for microseconds in (1, HOUR, 1000 * 24 * HOUR + 1):
            due = utc(start) + dt.timedelta(microseconds=microseconds)
            assert always.add(utc(start), microseconds) == dated.add(utc(start), microseconds) == due
            assert always.elapsed(utc(start), due) == dated.elapsed(utc(start), due) == microseconds
            assert always.is_working(due)


def test_c16_round_the_clock_reaches_to_the_end_of_all_time():
    always, start = Timetable(ALWAYS, "Always"), utc("2026-02-09T00:00")
    assert always.add(start, (LAST - start) // MICROSECOND) == LAST
    with pytest.raises(NoWorkingTime, match="Always"):
        always.add(start, 10**30)


def test_time_is_not_taken_away_and_instants_have_a_zone():
    office, naive = timetable(), dt.datetime(2026, 2, 9, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match=">= 0"):
        office.add(ny("2026-02-09T12:00"), -1)
    for ask in (
        lambda: office.add(naive, 1),
        lambda: office.elapsed(naive, ny("2026-02-09T12:00")),
        lambda: office.is_working(naive),
        lambda: office.segments(ny("2026-02-09T12:00"), naive),
    ):
        with pytest.raises(ValueError, match="no time zone"):
            ask()


def test_a_timetable_can_be_copied_and_pickled():
    office = timetable()
    due = office.add(ny("2026-02-06T16:00"), HOUR)
    for twin in (copy.deepcopy(office), pickle.loads(pickle.dumps(office))):
        assert twin.add(ny("2026-02-06T16:00"), HOUR) == due


def test_threads_that_ask_at_once_compile_once(monkeypatch):
    office, compiled = timetable(), []
    compile_line, ready = office._compiled, threading.Barrier(4)

    def counted(*span):
        compiled.append(span)
        return compile_line(*span)

    monkeypatch.setattr(office, "_compiled", counted)
    found = []

    def ask():
        ready.wait()
        found.append(office.add(ny("2026-02-06T16:00"), 2 * HOUR))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ny("2026-02-09T10:00")] * 4
    assert len(compiled) == 1


def test_the_kept_line_does_not_grow_without_end():
    office = timetable()
    for year in (1000, 2026, 3000, 2026):
        office.is_working(utc(f"{year}-02-09T12:00"))
        assert office._line.last - office._line.first <= SEARCH
