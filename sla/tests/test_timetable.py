"""Rules C1 to C11 of docs/sla.md by example, and the stretches that explain a count.

The rest is in test_timetable_bounds.py; test_timetable_properties.py compares all of it with a slow reference.
"""

from __future__ import annotations

import datetime as dt

import pytest

from sla.rules.hours import ALWAYS, zone
from sla.rules.timetable import Reason, Segment, Timetable
from sla.tests.calendars import HOUR, MINUTE, NINE_TO_FIVE, WHOLE_DAY, every_day, local, ny, timetable, utc

WORKING, NIGHT, WEEKEND, HOLIDAY = Reason.WORKING, Reason.NIGHT, Reason.WEEKEND, Reason.HOLIDAY


@pytest.mark.parametrize(
    ("start", "hours", "due", "holidays"),
    [
        ("2026-02-06T16:00", 2, "2026-02-09T10:00", []),
        ("2026-02-06T16:00", 8, "2026-02-09T16:00", []),
        ("2026-02-06T18:00", 2, "2026-02-09T11:00", []),
        ("2026-02-09T16:00", 12, "2026-02-11T12:00", []),
        ("2026-02-09T16:30", 1, "2026-02-10T09:30", []),
        ("2026-02-16T15:00", 10, "2026-02-18T17:00", ["2026-02-17"]),
        ("2026-02-09T09:00", 48, "2026-02-16T17:00", []),
        ("2026-02-09T09:00", 240, "2026-03-20T17:00", []),
    ],
)
def test_worked_cases_of_office_hours_in_new_york(start, hours, due, holidays):
    office = timetable(special=[(date, []) for date in holidays])
    assert office.add(ny(start), hours * HOUR) == ny(due)
    assert office.elapsed(ny(start), ny(due)) == hours * HOUR


def test_c01_time_is_counted_in_whole_microseconds():
    office = timetable()
    due = office.add(ny("2026-02-06T16:59:59.999999"), 2)
    assert due == ny("2026-02-09T09:00:00.000001")
    assert isinstance(office.elapsed(ny("2026-02-06T16:59"), due), int)
    assert office.elapsed(ny("2026-02-06T16:59:59.999999"), due) == 2


def test_c02_the_wall_clock_and_the_local_date_decide():
    office = timetable("Pacific/Auckland")
    assert office.is_working(utc("2026-02-08T20:30"))  # Monday 09:30 there, while it is Sunday in UTC
    assert not office.is_working(utc("2026-02-13T04:00"))  # Friday 17:00 there


def test_c03_the_opening_counts_and_the_closing_does_not():
    office = timetable()
    assert office.is_working(ny("2026-02-09T09:00"))
    assert not office.is_working(ny("2026-02-09T08:59:59.999999"))
    assert office.is_working(ny("2026-02-09T16:59:59.999999"))
    assert not office.is_working(ny("2026-02-09T17:00"))


def test_c04_full_day_from_opening_is_due_at_closing():
    assert timetable().add(ny("2026-02-09T09:00"), 8 * HOUR) == ny("2026-02-09T17:00")
    assert timetable().add(ny("2026-02-09T09:00"), 8 * HOUR + 1) == ny("2026-02-10T09:00:00.000001")


@pytest.mark.parametrize("start", ["2026-02-09T12:00", "2026-02-09T17:00", "2026-02-08T03:00", "2026-02-09T09:00"])
def test_c04_adding_nothing_gives_the_start_also_outside_hours(start):
    assert timetable().add(ny(start), 0) == ny(start)


def test_c04_due_times_come_in_utc_whatever_the_zone_of_the_start():
    due = timetable().add(local("2026-02-09T23:30", "Asia/Kathmandu"), HOUR)
    assert due.tzinfo is dt.UTC
    assert due == ny("2026-02-09T13:45")
    assert timetable().add(ny("2026-02-09T12:00"), 0).tzinfo is dt.UTC


def test_c05_nothing_has_elapsed_when_the_end_is_not_after_the_start():
    office = timetable()
    assert office.elapsed(ny("2026-02-09T12:00"), ny("2026-02-09T12:00")) == 0
    assert office.elapsed(ny("2026-02-10T12:00"), ny("2026-02-09T12:00")) == 0
    assert Timetable(ALWAYS).elapsed(ny("2026-02-10T12:00"), ny("2026-02-09T12:00")) == 0


def test_c05_elapsed_counts_the_hours_alone():
    assert timetable().elapsed(ny("2026-02-06T16:00"), ny("2026-02-09T10:30")) == 2.5 * HOUR
    assert timetable().elapsed(ny("2026-02-07T00:00"), ny("2026-02-09T09:00")) == 0


def test_c06_both_passes_of_a_repeated_hour_count():
    nights = every_day("Europe/Berlin", ["01:00", "03:00"])
    assert nights.elapsed(utc("2026-10-24T20:00"), utc("2026-10-25T20:00")) == 3 * HOUR
    due = nights.add(local("2026-10-25T02:30", "Europe/Berlin"), HOUR)
    assert due == local("2026-10-25T02:30", "Europe/Berlin", fold=1)


def test_c06_an_interval_that_ends_in_the_repeated_hour_opens_again():
    nights = every_day("Europe/Berlin", ["01:00", "02:30"])
    found = nights.segments(utc("2026-10-24T23:00"), utc("2026-10-25T02:00"))
    assert [(s.start, s.is_counted) for s in found] == [
        (utc("2026-10-24T23:00"), True),
        (utc("2026-10-25T00:30"), False),
        (utc("2026-10-25T01:00"), True),
        (utc("2026-10-25T01:30"), False),
    ]


@pytest.mark.parametrize(
    ("tz", "date", "hours"),
    [
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Antarctica/Troll", "2026-10-25", 26),
        ("America/New_York", "2026-03-08", 23),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Antarctica/Troll", "2026-03-29", 22),
        ("Asia/Kathmandu", "1986-01-01", 23.75),
        ("Pacific/Apia", "2011-12-30", 0),
        ("Asia/Kolkata", "2026-03-08", 24),
    ],
)
def test_c06_c07_a_local_date_is_as_long_as_the_clock_makes_it(tz, date, hours):
    only = timetable(tz, [(date, [["00:00", "24:00"]])], mon=[])
    around = utc(date) - dt.timedelta(days=3), utc(date) + dt.timedelta(days=3)
    assert only.elapsed(*around) == hours * HOUR


@pytest.mark.parametrize(
    ("hours", "first", "last"),
    [
        (["02:15", "04:00"], "2026-03-29T01:00", "2026-03-29T02:00"),  # opens in the gap: at the jump
        (["01:00", "02:45"], "2026-03-29T00:00", "2026-03-29T01:00"),  # closes in the gap: at the jump
        (["00:00", "24:00"], "2026-03-28T23:00", "2026-03-29T22:00"),
    ],
)
def test_c07_wall_times_that_do_not_exist_contribute_nothing(hours, first, last):
    office = timetable("Europe/Berlin", sun=[hours])
    counted = [
        (s.start, s.end) for s in office.segments(utc("2026-03-28T12:00"), utc("2026-03-30T12:00")) if s.is_counted
    ]
    assert counted == [(utc(first), utc(last))]


def test_c07_an_interval_wholly_in_the_gap_is_empty_that_day():
    office = timetable("Europe/Berlin", sun=[["02:15", "02:45"]])
    assert office.elapsed(utc("2026-03-28T12:00"), utc("2026-03-30T12:00")) == 0
    assert office.add(utc("2026-03-28T12:00"), 30 * MINUTE) == local("2026-04-05T02:45", "Europe/Berlin")


def test_c07_a_skipped_date_contributes_nothing():
    office = every_day("Pacific/Apia", ["09:00", "17:00"])
    assert office.add(local("2011-12-29T16:00", "Pacific/Apia"), 2 * HOUR) == local("2011-12-31T10:00", "Pacific/Apia")
    special = timetable("Pacific/Apia", [("2011-12-30", [["09:00", "17:00"]])], mon=NINE_TO_FIVE)
    assert special.elapsed(utc("2011-12-29T00:00"), utc("2012-01-01T09:00")) == 0


@pytest.mark.parametrize(
    ("hours", "elapsed"), [([], 0), ([["09:00", "12:00"]], 3), ([["10:00", "11:00"], ["18:00", "24:00"]], 7)]
)
def test_c08_a_special_day_replaces_the_hours_of_its_date(hours, elapsed):
    office = timetable(special=[("2026-12-24", hours)])
    assert office.elapsed(ny("2026-12-24T00:00"), ny("2026-12-25T00:00")) == elapsed * HOUR
    assert office.elapsed(ny("2026-12-23T00:00"), ny("2026-12-24T00:00")) == 8 * HOUR


def test_c08_a_special_day_opens_a_weekend():
    office = timetable(special=[("2026-02-07", [["10:00", "12:00"]])])
    assert office.add(ny("2026-02-06T16:00"), 2 * HOUR) == ny("2026-02-07T11:00")


def test_c08_dates_are_those_of_the_calendar_from_midnight_to_midnight():
    nights = every_day("Asia/Tokyo", WHOLE_DAY, special=[("2026-05-05", [])])
    assert not nights.is_working(utc("2026-05-04T15:00"))
    assert not nights.is_working(utc("2026-05-05T14:59:59.999999"))
    assert nights.is_working(utc("2026-05-05T15:00"))


def test_c09_no_time_is_counted_twice_nor_lost_at_a_seam():
    seams = timetable("UTC", mon=[["09:00", "12:00"], ["12:00", "13:00"], ["11:00", "12:30"]], tue=NINE_TO_FIVE)
    assert seams.elapsed(utc("2026-02-09T00:00"), utc("2026-02-10T00:00")) == 4 * HOUR
    midnight = timetable("UTC", mon=[["22:00", "24:00"]], tue=[["00:00", "06:00"]])
    assert [s.is_counted for s in midnight.segments(utc("2026-02-09T22:00"), utc("2026-02-10T06:00"))] == [True]


def test_c10_a_closed_date_cuts_the_night_at_midnight():
    nights = every_day("UTC", ["00:00", "06:00"], ["22:00", "24:00"], special=[("2026-02-10", [])])
    assert nights.elapsed(utc("2026-02-09T12:00"), utc("2026-02-10T12:00")) == 2 * HOUR
    assert nights.add(utc("2026-02-09T23:00"), 2 * HOUR) == utc("2026-02-11T01:00")


def test_c11_a_day_until_23_59_closes_for_a_minute():
    assert every_day("UTC", ["00:00", "23:59"]).elapsed(utc("2026-02-09T00:00"), utc("2026-02-10T00:00")) == (
        24 * HOUR - MINUTE
    )
    assert every_day("UTC", ["00:00", "24:00"]).elapsed(utc("2026-02-09T00:00"), utc("2026-02-10T00:00")) == 24 * HOUR


def told(segments: list[Segment]) -> list[tuple[str, Reason, str]]:
    return [(s.start.astimezone(zone("America/New_York")).strftime("%a %H:%M"), s.reason, s.name) for s in segments]


def test_segments_say_why_time_does_not_count():
    office = timetable(special=[("2026-02-10", [], "Founder's day"), ("2026-02-11", [["09:00", "12:00"]], "Half day")])
    found = office.segments(ny("2026-02-06T16:00"), ny("2026-02-12T10:00"))
    assert told(found) == [
        ("Fri 16:00", WORKING, ""),
        ("Fri 17:00", NIGHT, ""),
        ("Sat 00:00", WEEKEND, ""),
        ("Mon 00:00", NIGHT, ""),
        ("Mon 09:00", WORKING, ""),
        ("Mon 17:00", NIGHT, ""),
        ("Tue 00:00", HOLIDAY, "Founder's day"),
        ("Wed 00:00", HOLIDAY, "Half day"),
        ("Wed 09:00", WORKING, ""),
        ("Wed 12:00", HOLIDAY, "Half day"),
        ("Thu 00:00", NIGHT, ""),
        ("Thu 09:00", WORKING, ""),
    ]
    assert found[2].microseconds == 48 * HOUR
    assert [s.is_counted for s in found] == [s.reason == WORKING for s in found]


def test_a_night_and_two_days_of_one_holiday_are_one_segment():
    office = timetable(special=[("2026-02-10", [], "Feast"), ("2026-02-11", [], "Feast")])
    found = office.segments(ny("2026-02-09T17:00"), ny("2026-02-12T09:00"))
    assert told(found) == [("Mon 17:00", NIGHT, ""), ("Tue 00:00", HOLIDAY, "Feast"), ("Thu 00:00", NIGHT, "")]
    night = timetable().segments(ny("2026-02-09T17:00"), ny("2026-02-10T09:00"))
    assert told(night) == [("Mon 17:00", NIGHT, "")]


def test_no_time_has_no_segments():
    office = timetable()
    assert office.segments(ny("2026-02-09T12:00"), ny("2026-02-09T12:00")) == []
    assert office.segments(ny("2026-02-10T12:00"), ny("2026-02-09T12:00")) == []
