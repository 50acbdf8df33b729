"""What the start page says of how soon a question is answered."""

from __future__ import annotations

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts.models import Tier
from sla import library
from sla.models import CalendarVersion
from sla.reply_times import reply_time
from sla.tests.calendars import ny

GUEST = AnonymousUser()
MONDAY = "2026-02-09"
pytestmark = pytest.mark.django_db


@pytest.fixture
def office(publish):
    """Everybody is answered within eight hours of an office in New York."""
    with time_machine.travel(ny("2026-02-01 12:00"), tick=False):
        publish(calendar="Eastern office hours", FIRST_RESPONSE=480, tiers=[])


def change(**columns):
    """Change the published calendar, as a newer version would."""
    CalendarVersion.objects.filter(calendar__name="Eastern office hours").update(**columns)
    library.forget()


def told(when: str, reader=GUEST) -> str:
    with time_machine.travel(ny(when), tick=False):
        return str(reply_time(reader))


def test_open_office_says_until_when_and_by_when(office):
    assert told(f"{MONDAY} 10:30") == (
        "We reply within 8 hours of working time. We are here until 17:00. "
        "Write now and expect an answer by <strong>tomorrow at 10:30</strong>, New York time."
    )


def test_times_are_those_of_whoever_signed_in(office, rita):
    rita.time_zone = "Europe/Copenhagen"
    assert "We are here until 23:00." in told(f"{MONDAY} 10:30", rita)
    assert "by <strong>tomorrow at 16:30</strong>, your time" in told(f"{MONDAY} 10:30", rita)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (f"{MONDAY} 07:00", "We are closed now, until 09:00."),
        (f"{MONDAY} 18:00", "We are closed now, until tomorrow at 09:00."),
        ("2026-02-14 12:00", "We are closed now, until Monday at 09:00."),
    ],
)
def test_closed_office_says_until_when(office, when, words):
    assert words in told(when)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (
            {"name": "Presidents’ Day", "source": "holidays:US"},
            "Today is a public holiday, Presidents’ Day, and we are back tomorrow at 09:00.",
        ),
        ({"source": "holidays:US"}, "Today is a public holiday and we are back tomorrow at 09:00."),
        ({"name": "<b>Moving</b>"}, "Today we are closed, &lt;b&gt;Moving&lt;/b&gt;, and back tomorrow at 09:00."),
        ({"hours": [["09:00", "10:00"]], "name": "Short day"}, "We are closed now, until tomorrow at 09:00."),
    ],
)
def test_holiday_is_named(office, day, words):
    change(special_days=[{"date": MONDAY, "hours": [], "name": "", "source": "", **day}])
    assert words in told(f"{MONDAY} 10:30")
    assert "by <strong>" in told(f"{MONDAY} 10:30")


def test_day_and_night_needs_no_hours(rita):
    assert told(f"{MONDAY} 10:30", rita) == "We reply within <strong>24 hours</strong>, day and night."


def test_office_that_hardly_closes_names_no_end(office):
    whole = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
    change(weekly=whole)
    assert "We are here now." in told(f"{MONDAY} 10:30")


def test_where_nothing_is_promised_no_time_is_named(rita, mallory, aarlund):
    assert told(f"{MONDAY} 10:30") == "How soon we answer depends on your organization’s plan. Sign in to see it."
    assert (
        told(f"{MONDAY} 10:30", mallory) == "We answer as soon as we can. No time is promised without a support plan."
    )
    aarlund.tier = Tier.COMMUNITY
    aarlund.save()
    rita.refresh_from_db()
    assert "No time is promised" in told(f"{MONDAY} 10:30", rita)


def test_calendar_without_hours_promises_nothing(office):
    change(weekly={"mon": []})
    assert told(f"{MONDAY} 10:30") == "None"


def test_start_page_shows_it(client, office):
    with time_machine.travel(ny(f"{MONDAY} 10:30"), tick=False):
        page = client.get("/").content.decode()
    assert "We are here until 17:00." in page
    assert "<strong>tomorrow at 10:30</strong>, New York time." in page
