"""What a calendar file may say, by table; the rules C8 to C14 of docs/sla.md as far as reading decides them."""

from __future__ import annotations

import copy
import datetime as dt
import pickle

import pytest

from sla.rules import hours as hours_module
from sla.rules.hours import (
    ALWAYS,
    INTERVALS_MOST,
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_HOUR,
    WEEKDAYS,
    WHOLE_DAY,
    CalendarError,
    Hours,
    SpecialDay,
    is_always,
    read_hours,
    require_working_time,
    split_overnight,
    union,
    write_hours,
    zone,
)

NINE, NOON, FIVE = (n * MICROSECONDS_PER_HOUR for n in (9, 12, 17))
CHRISTMAS = dt.date(2026, 12, 25)


def day(rows):
    """Return the normalised intervals of one weekday."""
    return read_hours({"tz": "UTC", "weekly": {"mon": rows}}).weekly[0]


def refusal(data) -> CalendarError:
    with pytest.raises(CalendarError) as refused:
        read_hours(data)
    return refused.value


def test_a_calendar_file_is_read():
    read = read_hours(
        {
            "tz": "America/Sao_Paulo",
            "weekly": {"mon": [["09:00", "12:00"], ["13:00:30", "24:00"]]},
            "special_days": [
                {"date": "2026-12-25", "hours": [], "name": "Christmas", "source": "holidays:BR"},
                {"date": "2026-12-24", "hours": [["09:00", "12:00"]]},
            ],
        }
    )
    assert read.zone_name == "America/Sao_Paulo"
    assert read.weekly[0] == ((NINE, NOON), (13 * MICROSECONDS_PER_HOUR + 30_000_000, MICROSECONDS_PER_DAY))
    assert read.weekly[1:] == ((),) * 6
    assert list(read.special_days) == [dt.date(2026, 12, 24), CHRISTMAS]
    assert read.special_days[CHRISTMAS] == SpecialDay(CHRISTMAS, (), "Christmas", "holidays:BR")
    assert read.special_days[dt.date(2026, 12, 24)].hours == ((NINE, NOON),)


@pytest.mark.parametrize("data", [{"tz": "UTC"}, {"tz": "UTC", "weekly": {}, "special_days": []}])
def test_what_is_missing_is_closed(data):
    assert read_hours(data) == Hours("UTC", ((),) * 7, {})


@pytest.mark.parametrize(
    ("rows", "normalised"),
    [
        ([], ()),
        ([["09:00", "17:00"], ["09:00", "17:00"]], ((NINE, FIVE),)),
        ([["12:00", "17:00"], ["09:00", "12:00"]], ((NINE, FIVE),)),
        ([["09:00", "15:00"], ["12:00", "17:00"]], ((NINE, FIVE),)),
        ([["09:00", "17:00"], ["10:00", "11:00"]], ((NINE, FIVE),)),
        ([["00:00", "12:00"], ["12:00", "24:00"]], WHOLE_DAY),
    ],
)
def test_c09_overlapping_touching_nested_and_unsorted_intervals_become_their_union(rows, normalised):
    assert day(rows) == normalised


def test_c09_hours_made_by_hand_are_normalised_as_well():
    touching = ((NOON, FIVE), (NINE, NOON))
    assert Hours("UTC", (touching,) * 7, {}).weekly == (((NINE, FIVE),),) * 7
    assert SpecialDay(CHRISTMAS, touching).hours == ((NINE, FIVE),)
    assert union([]) == ()


@pytest.mark.parametrize(
    ("weekly", "cut"),
    [
        (
            {"fri": [["22:00", "06:00"]]},
            {"fri": [["22:00", "24:00"]], "sat": [["00:00", "06:00"]]},
        ),
        ({"sun": [["22:00:30", "06:00"]]}, {"sun": [["22:00:30", "24:00"]], "mon": [["00:00", "06:00"]]}),
        ({"mon": [["22:00", "00:00"]]}, {"mon": [["22:00", "24:00"]]}),
        ({"mon": [["09:00", "17:00"]]}, {"mon": [["09:00", "17:00"]]}),
        (
            {"mon": [["22:00", "02:00"]], "tue": [["22:00", "02:00"]]},
            {"mon": [["22:00", "24:00"]], "tue": [["00:00", "02:00"], ["22:00", "24:00"]], "wed": [["00:00", "02:00"]]},
        ),
        ({"mon": [["9", "x"], ["09:00"], ["09:00", "09:00"]]}, {"mon": [["9", "x"], ["09:00"], ["09:00", "09:00"]]}),
        ({"someday": [["22:00", "06:00"]]}, {"someday": [["22:00", "06:00"]]}),
    ],
)
def test_c10_overnight_hours_are_split_at_midnight_on_input(weekly, cut):
    assert split_overnight(weekly) == cut


def test_c10_stored_overnight_hours_are_refused_with_what_to_write():
    refused = refusal({"tz": "UTC", "weekly": {"mon": [["09:00", "10:00"], ["22:00", "06:00"]]}})
    assert refused.where == "weekly.mon[1]"
    assert '["22:00", "24:00"] here and ["00:00", "06:00"] on the next day' in refused.message
    assert 'write ["22:00", "24:00"]' in refusal({"tz": "UTC", "weekly": {"mon": [["22:00", "00:00"]]}}).message


def test_c11_the_end_of_a_day_is_24_00_and_23_59_is_a_minute_earlier():
    assert day([["00:00", "24:00"]]) == day([["00:00", "24:00:00"]]) == WHOLE_DAY
    assert day([["00:00", "23:59"]]) == ((0, MICROSECONDS_PER_DAY - 60_000_000),)
    refused = refusal({"tz": "UTC", "weekly": {"mon": [["24:00", "24:00"]]}})
    assert "only an end" in refused.message


@pytest.mark.parametrize(
    "value",
    [
        *["9:00", "09.00", "0900", "09:60", "09:00:60", "25:00", "24:01", "24:00:01", "-1:00", "09:00Z", "٠٩:٠٠"],
        "",
        " 09:00",
        900,
        None,
        9.5,
        True,
    ],
)
def test_a_time_that_is_none_is_refused(value):
    for row in ([value, "17:00"], ["00:00", value]):
        refused = refusal({"tz": "UTC", "weekly": {"tue": [row]}})
        assert refused.where == "weekly.tue[0]"
        assert 'write it like "09:00"' in refused.message


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        ([], "", "must be an object"),
        (None, "", "must be an object"),
        ({"tz": "UTC", "holidays": []}, "holidays", "no member 'holidays'"),
        ({"tz": "UTC", 5: []}, "5", "no member 5"),
        ({"weekly": {}}, "tz", "Name the time zone"),
        ({"tz": 2}, "tz", "Name the time zone"),
        ({"tz": "UTC", "weekly": None}, "weekly", "must be an object"),
        ({"tz": "UTC", "weekly": {"monday": []}}, "weekly.monday", "no member 'monday'"),
        ({"tz": "UTC", "weekly": {"mon": None}}, "weekly.mon", "Hours are a list"),
        ({"tz": "UTC", "weekly": {"mon": "09:00-17:00"}}, "weekly.mon", "Hours are a list"),
        ({"tz": "UTC", "weekly": {"mon": ["09:00", "17:00"]}}, "weekly.mon[0]", "an opening and a closing time"),
        ({"tz": "UTC", "weekly": {"mon": [["09:00", "12:00", "13:00"]]}}, "weekly.mon[0]", "an opening and a closing"),
        ({"tz": "UTC", "weekly": {"mon": [["09:00", "09:00"]]}}, "weekly.mon[0]", "no time passes"),
        ({"tz": "UTC", "special_days": {}}, "special_days", "are a list"),
        ({"tz": "UTC", "special_days": ["2026-12-25"]}, "special_days[0]", "must be an object"),
        ({"tz": "UTC", "special_days": [{"date": "2026-12-25"}]}, "special_days[0].hours", '"hours": []'),
        ({"tz": "UTC", "special_days": [{"hours": []}]}, "special_days[0].date", "is not a date"),
        ({"tz": "UTC", "special_days": [{"date": "2026-02-30", "hours": []}]}, "special_days[0].date", "is not a date"),
        ({"tz": "UTC", "special_days": [{"date": "20261225", "hours": []}]}, "special_days[0].date", "is not a date"),
        ({"tz": "UTC", "special_days": [{"date": CHRISTMAS, "hours": []}]}, "special_days[0].date", "is not a date"),
        (
            {"tz": "UTC", "special_days": [{"date": "2026-12-25", "hours": [["17:00", "9:00"]]}]},
            "special_days[0].hours[0]",
            "is not a time",
        ),
        (
            {"tz": "UTC", "special_days": [{"date": "2026-12-25", "hours": [], "name": 5}]},
            "special_days[0].name",
            "must be text",
        ),
        (
            {"tz": "UTC", "special_days": [{"date": "2026-12-25", "hours": [], "source": "x" * 201}]},
            "special_days[0].source",
            "at most 200",
        ),
        (
            {"tz": "UTC", "special_days": [{"date": "2026-12-25", "hours": [], "closed": True}]},
            "special_days[0].closed",
            "no member 'closed'",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data, where, words):
    refused = refusal(data)
    assert refused.where == where
    assert words in refused.message
    assert str(refused) == refused.message


def test_c08_a_date_has_one_row():
    rows = [{"date": date, "hours": []} for date in ("2026-12-25", "2026-12-26", "2026-12-25")]
    refused = refusal({"tz": "UTC", "special_days": rows})
    assert refused.where == "special_days[2].date"
    assert "twice" in refused.message


def test_a_day_has_a_bounded_number_of_stretches():
    rows = [[f"{n // 2:02}:{n % 2 * 30:02}", f"{n // 2:02}:{n % 2 * 30 + 20:02}"] for n in range(48)]
    assert len(day(rows)) == INTERVALS_MOST
    refused = refusal({"tz": "UTC", "weekly": {"mon": [*rows, ["00:21", "00:22"]]}})
    assert (refused.where, f"at most {INTERVALS_MOST}" in refused.message) == ("weekly.mon", True)


@pytest.mark.parametrize("name", ["UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "Asia/Kathmandu", "EST"])
def test_c14_zones_are_iana_names(name):
    assert read_hours({"tz": name}).zone_name == name
    assert zone(name).key == name


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".", "..", "../x", "/etc/localtime", "America", "America/", "+02:00", "UTC+2", "GMT+02:00", "Z"),
        *("Factory", "localtime", "posix/UTC", "right/UTC", "tzdata.zi", "Nowhere/City", "UTC\0", "\ud800"),
        pytest.param("x" * 100_000, id="long"),
    ],
)
def test_c14_other_names_are_refused(name):
    refused = refusal({"tz": name})
    assert refused.where == "tz"
    assert refused.message.startswith("There is no time zone ")
    assert len(refused.message) < 300


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("america/new york", "America/New_York"),
        ("Europe/Berlin ", "Europe/Berlin"),
        ("Oslo", "Europe/Oslo"),
        ("utc", "UTC"),
        ("Asia/Calcuta", "Asia/Calcutta"),
    ],
)
def test_c14_a_near_miss_is_told_what_was_meant(name, meant):
    assert f"Did you mean {meant}?" in refusal({"tz": name}).message


def test_c14_a_listed_zone_without_data_is_refused(monkeypatch):
    monkeypatch.setattr(hours_module, "zone_names", lambda: frozenset({"Nowhere/City", "../x"}))
    for name in ("Nowhere/City", "../x"):
        assert refusal({"tz": name}).where == "tz"


def test_writing_gives_back_what_reading_takes():
    data = {
        "tz": "Europe/Oslo",
        "weekly": {"mon": [["09:00", "12:00"], ["13:00:30", "24:00"]], "sun": [["00:00", "24:00"]]},
        "special_days": [
            {"date": "2026-12-24", "hours": [["09:00", "12:00"]]},
            {"date": "2026-12-25", "hours": [], "name": "Christmas", "source": "holidays:NO"},
        ],
    }
    assert write_hours(read_hours(data)) == data
    assert read_hours(write_hours(ALWAYS)) == ALWAYS


def test_c12_a_calendar_without_working_time_to_come_is_refused():
    today = dt.date(2026, 6, 1)
    for data in (
        {"weekly": {}},
        {"special_days": [{"date": "2026-12-25", "hours": []}]},
        {"special_days": [{"date": "2026-05-31", "hours": [["09:00", "10:00"]]}]},
    ):
        with pytest.raises(CalendarError) as refused:
            require_working_time(read_hours({"tz": "UTC", **data}), on=today)
        assert refused.value.where == "weekly"


@pytest.mark.parametrize(
    "data",
    [
        {"weekly": {"sun": [["09:00", "09:01"]]}},
        {"special_days": [{"date": "2026-06-01", "hours": [["09:00", "10:00"]]}]},
        {"special_days": [{"date": "2027-09-01", "hours": [["09:00", "10:00"]]}]},
    ],
)
def test_c12_a_calendar_that_opens_at_some_time_is_accepted(data):
    require_working_time(read_hours({"tz": "UTC", **data}), on=dt.date(2026, 6, 1))


def test_c16_round_the_clock_is_known():
    assert is_always(ALWAYS)
    assert is_always(read_hours({"tz": "Europe/Oslo", "weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}))
    assert not is_always(read_hours({"tz": "UTC", "weekly": {day: [["00:00", "23:59"]] for day in WEEKDAYS}}))
    assert not is_always(Hours("UTC", ALWAYS.weekly, {CHRISTMAS: SpecialDay(CHRISTMAS, ())}))


def test_hours_can_be_copied_and_pickled():
    assert copy.deepcopy(ALWAYS) == pickle.loads(pickle.dumps(ALWAYS)) == ALWAYS
