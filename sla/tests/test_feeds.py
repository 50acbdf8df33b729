"""What an iCalendar feed closes, what it does not, and what is made of feeds that are none."""

from __future__ import annotations

import datetime as dt

import pytest

from sla import feeds
from sla.feeds import read_feed
from sla.rules.hours import MICROSECONDS_PER_HOUR, CalendarError, SpecialDay, merge_special_days

CHRISTMAS = "DTSTART;VALUE=DATE:20261225"
YEARS = (dt.date(2026, 1, 1), dt.date(2029, 12, 31))


def feed(*events: list[str]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def closed(*events: list[str], between=YEARS, zone_name="Europe/Oslo") -> dict[str, str]:
    """Return the name of each day that the events close."""
    days = read_feed(feed(*events), between=between, zone_name=zone_name, source="feed:3")
    assert all(day.hours == () and day.source == "feed:3" for day in days)
    assert [day.date for day in days] == sorted({day.date for day in days})
    return {day.date.isoformat(): day.name for day in days}


def refusal(text: str | bytes) -> str:
    with pytest.raises(CalendarError) as refused:
        read_feed(text, between=YEARS, zone_name="UTC", source="feed:3")
    return refused.value.message


def test_a_day_is_closed():
    assert closed([CHRISTMAS, "SUMMARY:Christmas\\, first  day"]) == {"2026-12-25": "Christmas, first day"}
    assert closed([CHRISTMAS]) == {"2026-12-25": ""}


@pytest.mark.parametrize("length", ["DTEND;VALUE=DATE:20261227", "DURATION:P2D"])
def test_an_event_of_several_days_ends_before_its_end(length):
    assert list(closed([CHRISTMAS, length])) == ["2026-12-25", "2026-12-26"]


def test_an_event_that_ends_as_it_starts_is_a_day():
    assert list(closed([CHRISTMAS, "DTEND;VALUE=DATE:20261225"])) == ["2026-12-25"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=YEARLY", ["2026-12-25", "2027-12-25", "2028-12-25", "2029-12-25"]),
        ("FREQ=YEARLY;COUNT=2", ["2026-12-25", "2027-12-25"]),
        ("FREQ=YEARLY;UNTIL=20271225", ["2026-12-25", "2027-12-25"]),
        ("FREQ=YEARLY;UNTIL=20271225T000000Z", ["2026-12-25", "2027-12-25"]),
        ("FREQ=DAILY;UNTIL=20261226", ["2026-12-25", "2026-12-26"]),
        ("FREQ=YEARLY;INTERVAL=2", ["2026-12-25", "2028-12-25"]),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=2", ["2026-12-25", "2027-05-31", "2028-05-29"]),
        ("FREQ=DAILY;COUNT=0", ["2026-12-25"]),
    ],
)
def test_events_repeat(rule, days):
    assert list(closed([CHRISTMAS, f"RRULE:{rule}"])) == days


def test_single_dates_are_added_and_taken_out():
    dates = ["RDATE;VALUE=DATE:20270101,20270501", "RDATE;VALUE=DATE:20280101", "EXDATE;VALUE=DATE:20271225,20270501"]
    assert list(closed([CHRISTMAS, "RRULE:FREQ=YEARLY", *dates])) == [
        "2026-12-25",
        "2027-01-01",
        "2028-01-01",
        "2028-12-25",
        "2029-12-25",
    ]


def test_only_the_days_of_interest_are_returned():
    whole_december = ["DTSTART;VALUE=DATE:20261201", "DURATION:P31D"]
    assert list(closed(whole_december, between=(dt.date(2026, 12, 24), dt.date(2026, 12, 25)))) == [
        "2026-12-24",
        "2026-12-25",
    ]
    since_long = ["DTSTART;VALUE=DATE:19000517", "RRULE:FREQ=YEARLY"]
    assert list(closed(since_long, between=(dt.date(2026, 1, 1), dt.date(2026, 12, 31)))) == ["2026-05-17"]


def test_one_event_of_a_repetition_is_moved_or_cancelled():
    assert closed(
        [CHRISTMAS, "UID:a", "SUMMARY:Feast", "RRULE:FREQ=YEARLY"],
        ["UID:a", "RECURRENCE-ID;VALUE=DATE:20271225", "DTSTART;VALUE=DATE:20271227", "SUMMARY:Later"],
        ["UID:a", "RECURRENCE-ID;VALUE=DATE:20281225", "DTSTART;VALUE=DATE:20281225", "STATUS:CANCELLED"],
        ["UID:b", "RECURRENCE-ID;VALUE=DATE:20291225", "DTSTART;VALUE=DATE:20291224", "SUMMARY:Stray"],
    ) == {"2026-12-25": "Feast", "2027-12-27": "Later", "2029-12-24": "Stray", "2029-12-25": "Feast"}


def test_cancelled_events_close_nothing():
    assert closed([CHRISTMAS, "STATUS:CANCELLED"]) == {}


def test_transparent_events_count_only_where_all_are():
    free = ["DTSTART;VALUE=DATE:20260214", "SUMMARY:Valentine", "TRANSP:TRANSPARENT"]
    assert closed(free) == {"2026-02-14": "Valentine"}
    assert closed(free, [CHRISTMAS, "SUMMARY:Christmas", "TRANSP:OPAQUE"]) == {"2026-12-25": "Christmas"}


def test_names_of_one_date_are_joined_once_each():
    named = [[CHRISTMAS, f"SUMMARY:{name}"] for name in ("Christmas", "Company holiday", "Christmas", "")]
    assert closed(*named) == {"2026-12-25": "Christmas / Company holiday"}
    assert len(closed([CHRISTMAS, "SUMMARY:" + "x" * 300])["2026-12-25"]) == 200


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("DTSTART:20261225T000000", "DTEND:20261226T000000", ["2026-12-25"]),  # in the calendar's own zone
        ("DTSTART:20261224T230000Z", "DTEND:20261226T230000Z", ["2026-12-25", "2026-12-26"]),
        ("DTSTART:20261224T120000", "DTEND:20261226T120000", ["2026-12-25"]),
        ("DTSTART:20261225T000000", "DURATION:P1D", ["2026-12-25"]),
        ("DTSTART:20261225T000001", "DTEND:20261226T000000", []),
        ("DTSTART:20261225T080000", "DTEND:20261225T200000", []),
        ("DTSTART:20261225T000000", "SUMMARY:no end", []),
        ("DTSTART;TZID=Europe/London:20261225T000000", "DTEND;TZID=Europe/London:20261226T000000", []),
        ("DTSTART;TZID=Europe/Berlin:20260329T000000", "DTEND;TZID=Europe/Berlin:20260330T000000", ["2026-03-29"]),
        ("DTSTART;TZID=Nowhere:20261225T000000", "DTEND;TZID=Nowhere:20261226T000000", ["2026-12-25"]),
    ],
)
def test_timed_events_count_for_the_dates_they_cover_wholly(start, end, days):
    assert list(closed([start, end])) == days


def test_a_timed_event_repeats_by_the_wall_clock_of_its_zone():
    sundays = ["DTSTART;TZID=Europe/Oslo:20260322T000000", "DURATION:P1D"]
    for until in ("COUNT=2", "UNTIL=20260328T230000Z", "UNTIL=20260329"):
        assert list(closed([*sundays, f"RRULE:FREQ=WEEKLY;{until}"])) == ["2026-03-22", "2026-03-29"]
    periods = ["RDATE;VALUE=PERIOD:20260404T220000Z/P1D", "EXDATE;TZID=Europe/Oslo:20260322T000000"]
    assert list(closed([*sundays, *periods])) == ["2026-04-05"]


def test_several_calendars_in_one_file_and_other_parts_are_fine():
    todo = ["END:VEVENT", "BEGIN:VTODO", "SUMMARY:Shop", "END:VTODO", "BEGIN:VEVENT", CHRISTMAS]
    text = "\ufeff" + feed([CHRISTMAS], ["DTSTART;VALUE=DATE:20261226", *todo]) + feed(["DTSTART;VALUE=DATE:20260101"])
    days = read_feed(text.encode(), between=YEARS, zone_name="UTC", source="feed:3")
    assert [day.date.isoformat() for day in days] == ["2026-01-01", "2026-12-25", "2026-12-26"]
    assert read_feed(feed(), between=YEARS, zone_name="UTC", source="feed:3") == []


@pytest.mark.parametrize(
    "text",
    ["", b"", "BEGIN:VCALENDAR\r\n", feed([CHRISTMAS])[:-20], "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "BEGIN:X\r\n" * 3000],
)
def test_half_a_file_is_refused(text):
    assert "not a complete iCalendar file" in refusal(text)


@pytest.mark.parametrize(
    "text", ["<!doctype html><html>", b"\xff\xfe\x00", b"%PDF-1.7", "BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR"]
)
def test_another_kind_of_file_is_refused(text):
    assert "not an iCalendar file" in refusal(text)


def test_what_the_parser_stumbles_over_is_refused_as_well():
    assert "damaged" in refusal(feed(["DTSTART;VALUE=DATE,DATE:20261225"]))
    assert "damaged" in refusal(feed(["DTSTART;TZID=Europe:20261225T000000"]))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (["SUMMARY:Feast"], "The event Feast cannot be read: it has no DTSTART"),
        (["DTSTART;VALUE=DATE:2026122"], "DTSTART"),
        ([CHRISTMAS, CHRISTMAS], "DTSTART is not one date or time"),
        (["DTSTART;VALUE=TIME:120000"], "DTSTART is not one date or time"),
        ([CHRISTMAS, "DTEND:soon"], "DTEND"),
        ([CHRISTMAS, "DURATION;VALUE=DATE:20261226"], "DURATION is not a length of time"),
        ([CHRISTMAS, "RRULE:FREQ=BOGUS"], "RRULE"),
        ([CHRISTMAS, "RRULE:COUNT=3"], "special days are whole days"),
        ([CHRISTMAS, "RRULE:FREQ=HOURLY"], "special days are whole days"),
        ([CHRISTMAS, "RRULE:FREQ=DAILY;BYHOUR=1,2,3"], "special days are whole days"),
        ([CHRISTMAS, "RRULE:FREQ=DAILY;INTERVAL=0"], "every 0 days"),
        ([CHRISTMAS, "RRULE:FREQ=DAILY;BYSETPOS=0"], "its RRULE cannot be worked out"),
        ([CHRISTMAS, "RRULE:FREQ=YEARLY;RSCALE=CHINESE"], "its RRULE cannot be worked out"),
        ([CHRISTMAS, "RDATE;VALUE=TIME:120000"], "RDATE is not a list of dates or times"),
        ([CHRISTMAS, "DURATION:P99999999D"], "beyond the years 1 to 9999"),
        (["DTSTART:00010101T000000Z", "DTEND:99991231T235959Z"], "beyond the years 1 to 9999"),
        (["DTSTART;TZID=America/New_York:20260101T000000", "DTEND:00010101T000000Z"], "beyond the years 1 to 9999"),
    ],
)
def test_a_damaged_event_is_named(event, words):
    assert words in refusal(feed(event))


def test_damage_that_has_nothing_to_do_with_dates_is_read_over():
    assert closed([CHRISTMAS, "SUMMARY:Feast", "PRIORITY:high"]) == {"2026-12-25": "Feast"}


def test_a_feed_is_bounded_in_size_days_and_time(monkeypatch):
    assert "more than 2 MB" in refusal(" " * 2_000_001)
    daily = [CHRISTMAS, "RRULE:FREQ=DAILY"]
    monkeypatch.setattr(feeds, "FEED_DAYS_MOST", 300)
    assert "more than 300 days" in refusal(feed(daily))
    monkeypatch.setattr(feeds, "SECONDS_MOST", -1)
    assert "take too long" in refusal(feed(daily))


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(CalendarError) as refused:
        read_feed(feed(), between=YEARS, zone_name="+02:00", source="feed:3")
    assert refused.value.where == "tz"


def row(text: str, source: str = "", name: str = "") -> SpecialDay:
    return SpecialDay(dt.date.fromisoformat(text), (), name, source)


def test_rows_read_anew_replace_those_of_the_same_source_alone():
    existing = [row("2026-12-25", "feed:1", "old"), row("2026-12-26", "feed:1"), row("2026-05-17", "holidays:NO")]
    merged = merge_special_days(existing, [row("2026-12-25", "feed:1", "new")], source="feed:1")
    assert merged == [row("2026-05-17", "holidays:NO"), row("2026-12-25", "feed:1", "new")]


@pytest.mark.parametrize("source", ["", "holidays:NO"])
def test_what_a_person_or_another_source_wrote_for_a_date_wins(source):
    mine = SpecialDay(
        dt.date(2026, 12, 25), ((9 * MICROSECONDS_PER_HOUR, 12 * MICROSECONDS_PER_HOUR),), "Short day", source
    )
    assert merge_special_days([mine], [row("2026-12-25", "feed:1")], source="feed:1") == [mine]


def test_only_the_days_that_were_read_are_replaced():
    existing = [row("2026-12-25", "feed:1"), row("2027-12-25", "feed:1")]
    year = (dt.date(2027, 1, 1), dt.date(2027, 12, 31))
    assert merge_special_days(existing, [], source="feed:1", between=year) == existing[:1]


def test_an_import_names_its_source_on_every_row_and_has_one():
    assert merge_special_days([], [row("2026-12-25")], source="feed:1") == [row("2026-12-25", "feed:1")]
    with pytest.raises(ValueError, match="source of its own"):
        merge_special_days([], [], source="")
