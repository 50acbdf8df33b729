"""Drafts of calendars in the console: writing, filling in holidays, reading files, and publishing."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from common.actors import SYSTEM
from sla import services
from sla.console.calendar_form import intervals_of
from sla.models import BusinessCalendar, Recalculation
from sla.tests.console import day, page, told, typed, words
from sla.tests.console import drafted_calendar as drafted

pytestmark = pytest.mark.django_db

CALENDAR = "businesscalendar"
TUESDAY = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261228
SUMMARY:Bridge day
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def office() -> BusinessCalendar:
    return BusinessCalendar.objects.get(name="Eastern office hours")


def save(client, calendar, deed="save", **changed):
    address = page(CALENDAR, calendar, "draft")
    return client.post(address, typed(client, address) | {"deed": deed} | changed)


# --- drafts ---


def test_making_one_goes_on_to_its_draft(client, sofia):
    client.force_login(sofia)
    made = client.post(page(CALENDAR, verb="add"), {"name": "Oslo office"})
    calendar = BusinessCalendar.objects.get(name="Oslo office")
    assert made.url == page(CALENDAR, calendar, "draft")
    assert calendar.versions.get().created_by == sofia
    taken = client.post(page(CALENDAR, verb="add"), {"name": "Oslo office"})
    assert taken.status_code == 422
    assert "name of its own" in words(taken)


def test_form_writes_the_draft_and_keeps_sources_of_unchanged_lines(client, sofia, office):
    stored = [day("2026-12-25", "Christmas Day", source="holidays:US"), day("2027-01-01", "New Year", source="feed:1")]
    services.publish_calendar(drafted(office, special_days=stored), by=SYSTEM)
    client.force_login(sofia)
    lines = "2026-12-25 closed Christmas Day\n\n2027-01-01 9-12 New Year\n2026-12-24 9:00-12:00, 13:00 to 15:00 Eve\n"
    response = save(client, office, time_zone="Europe/Oslo", mon="8-12, 13:00-17:30", fri="closed", special_days=lines)
    assert response.url == page(CALENDAR, office)
    assert "Nothing changes before it is published." in told(response)
    draft = office.versions.get(number=None)
    assert (draft.time_zone, draft.created_by) == ("Europe/Oslo", sofia)
    assert draft.weekly["mon"] == [["08:00", "12:00"], ["13:00", "17:30"]]
    assert "fri" not in draft.weekly
    assert draft.special_days == [
        day("2026-12-24", "Eve", [("09:00", "12:00"), ("13:00", "15:00")]),
        day("2026-12-25", "Christmas Day", source="holidays:US"),
        day("2027-01-01", "New Year", [("09:00", "12:00")]),
    ]
    again = client.get(page(CALENDAR, office, "draft")).context["form"]
    assert again["special_days"].value().splitlines()[1] == "2026-12-25 closed Christmas Day"


def test_hours_past_midnight_are_cut_and_the_form_says_so(client, sofia, office):
    client.force_login(sofia)
    response = save(client, office, sun="22:00-06:00")
    assert "Hours past midnight were cut at 24:00" in told(response)
    assert "Sunday 22:00 to 06:00" in told(response)
    weekly = office.versions.get(number=None).weekly
    assert weekly["sun"] == [["22:00", "24:00"]]
    assert weekly["mon"] == [["00:00", "06:00"], ["09:00", "17:00"]]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("time_zone", "Mars/Olympus", "There is no time zone"),
        ("time_zone", "", "Name the time zone."),
        ("mon", "nine to five", "Monday: “nine to five” is not a span of time."),
        ("mon", "9:00-17:75", "there is no time 17:75"),
        ("mon", "9:00-25", "there is no time 25"),
        ("mon", "9-9", "no time passes"),
        ("mon", "24:00-06:00", "24:00 is only an end"),
        ("special_days", "2026-12-25 closed\n25 December closed", "Line 2: “25 December closed” is not a special day."),
        ("special_days", "2026-12-25 closed\n\n2026-12-25 9-12", "Line 3: 2026-12-25 stands in line 1 already."),
        ("special_days", "2026-02-30 closed", "Line 1: There is no day 2026-02-30."),
        ("special_days", "2026-12-25 22:00-06:00", "Line 1: 2026-12-25: hours of a special day end by 24:00."),
        ("special_days", "2026-12-25 closed " + "x" * 201, "Line 1: The name is longer"),
        ("special_days", "bad\n" * 9, "And further lines."),
    ],
)
def test_each_mistake_is_told_at_its_place_and_the_rest_stays(client, sofia, office, field, value, said):
    client.force_login(sofia)
    response = save(client, office, note="My long reason", **{field: value})
    assert response.status_code == 422
    shown = words(response).replace("&quot;", '"')
    assert said in shown
    assert "My long reason" in shown
    assert not office.versions.filter(number=None).exists()


def test_a_calendar_that_is_never_open_is_refused(client, sofia, office):
    client.force_login(sofia)
    closed = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "closed")
    response = save(client, office, **closed)
    assert response.status_code == 422
    assert "never open" in words(response)
    assert save(client, office, **closed, special_days="2026-12-05 10-14 Open Saturday").status_code == 302


def test_nobodys_draft_is_overwritten_unseen(client, sofia, ada, office):
    client.force_login(sofia)
    data = typed(client, page(CALENDAR, office, "draft"), note="Mine")
    drafted(office, by=ada, note="Ada's")
    refused = client.post(page(CALENDAR, office, "draft"), data)
    assert refused.status_code == 412
    assert "Ada Okafor saved another draft" in words(refused)
    assert office.versions.get(number=None).note == "Ada's"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("closed", []),
        ("all day", [["00:00", "24:00"]]),
        ("24 h", [["00:00", "24:00"]]),
        ("9-17", [["09:00", "17:00"]]),
        ("09:00–12:00,13:00 to 24", [["09:00", "12:00"], ["13:00", "24:00"]]),
        ("9:00:30-10", [["09:00:30", "10:00"]]),
    ],
)
def test_hours_as_people_write_them(text, rows):
    assert intervals_of(text) == rows
    with pytest.raises(forms.ValidationError):
        intervals_of(f"{text},,")


# --- filling in ---


def test_public_holidays_are_merged_and_nothing_typed_is_lost(client, sofia, office):
    client.force_login(sofia)
    mine = "2026-12-25 09:00-12:00 Open for once"
    fields = {"holidays-country": "US", "holidays-years": ["2026", "2028"], "holidays-subdivision": "ca"}
    response = save(client, office, "holidays", special_days=mine, note="Holidays", mon="8-16", **fields)
    assert response.url == page(CALENDAR, office, "draft")
    assert "of United States of America, CA are in the draft now" in told(response)
    assert "1 date kept the hours that stood there already." in told(response)
    draft = office.versions.get(number=None)
    rows = {row["date"]: row for row in draft.special_days}
    assert rows["2026-12-25"]["hours"] == [["09:00", "12:00"]]
    assert rows["2026-07-04"]["source"] == "holidays:US-CA"
    assert not [date for date in rows if date.startswith("2027")]
    assert (draft.note, draft.weekly["mon"]) == ("Holidays", [["08:00", "16:00"]])
    services.publish_calendar(draft, by=SYSTEM)
    save(client, office, "holidays", **{"holidays-country": "US", "holidays-years": ["2027"]})
    again = {row["date"] for row in office.versions.get(number=None).special_days}
    assert {"2026-07-04", "2027-07-04", "2028-07-04"} <= again


def test_half_days_follow_the_hours_that_were_typed(client, sofia, office):
    client.force_login(sofia)
    fields = {"holidays-country": "US", "holidays-years": ["2026"], "holidays-half_days": "on"}
    assert save(client, office, "holidays", **fields).status_code == 302


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"holidays-country": ""}, "Choose a country."),
        ({"holidays-country": "US", "holidays-years": []}, "Choose at least one year."),
        ({"holidays-country": "US", "holidays-subdivision": "Narnia"}, "There is no such part. Possible: A"),
    ],
)
def test_holidays_that_cannot_be_filled_in(client, sofia, office, fields, said):
    client.force_login(sofia)
    response = save(client, office, "holidays", note="Kept", **{"holidays-years": ["2026"]} | fields)
    assert response.status_code == 422
    assert said in words(response)
    assert "Kept" in words(response)
    assert not office.versions.filter(number=None).exists()


def test_a_file_is_read_into_the_draft(client, sofia, office):
    client.force_login(sofia)
    file = SimpleUploadedFile("days.ics", ICS.encode(), "text/calendar")
    response = save(client, office, "file", **{"ics-file": file})
    assert "1 special day of days.ics is in the draft now." in told(response)
    assert office.versions.get(number=None).special_days == [day("2026-12-28", "Bridge day", source="file:days.ics")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no calendar", "iCalendar"),
        (ICS.replace("20261228", "19991228").encode(), "No event of this file closes a whole day"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (None, "Choose a file first."),
    ],
)
def test_files_that_cannot_be_read(client, sofia, office, content, said):
    client.force_login(sofia)
    files = {"ics-file": SimpleUploadedFile("days.ics", content, "text/calendar")} if content else {}
    response = save(client, office, "file", note="Kept", **files)
    assert response.status_code == 422
    assert said in words(response)
    assert "Kept" in words(response)


# --- publishing ---


def test_publishing_is_confirmed_with_what_changes_and_running_clocks_follow(client, sofia, office):
    client.force_login(sofia)
    response = save(client, office, "publish", special_days="2026-12-25 closed Christmas Day", tue="closed")
    publish = page(CALENDAR, office, "publish")
    assert response.url == publish
    shown = words(client.get(publish))
    assert "Friday 25 December 2026</span><span><b>closed, Christmas Day</b> <small>added</small>" in shown
    assert "Tuesday" in shown
    assert "No open ticket has clocks that count in it." in shown
    assert "Recorded breaches stay." in shown
    draft = office.versions.get(number=None)
    stale = client.post(publish, {"draft": draft.pk + 1})
    assert "changed after you looked at it" in told(stale)
    done = client.post(publish, {"draft": draft.pk})
    assert "Version 2 of Eastern office hours holds from now on." in told(done)
    assert "recorded breaches stay" in told(done)
    assert Recalculation.objects.get().kind == "CALENDAR"
    assert "no draft to publish" in told(client.get(publish))


def test_draft_is_discarded(client, sofia, office):
    drafted(office)
    client.force_login(sofia)
    assert "There is a draft" in words(client.get(page(CALENDAR, office)))
    for _ in range(2):
        assert "thrown away" in told(client.post(page(CALENDAR, office), {"deed": "discard"}))
    assert not office.versions.filter(number=None).exists()
