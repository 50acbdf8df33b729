"""Business calendars in the console: the list, when one is open, its versions, and who may do what."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from common.actors import SYSTEM
from sla import services
from sla.models import BusinessCalendar
from sla.tests.console import OFFICE, day, page, words
from sla.tests.console import drafted_calendar as drafted

pytestmark = pytest.mark.django_db

CALENDAR = "businesscalendar"
TUESDAY = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)  # 07:00 in New York


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def office() -> BusinessCalendar:
    return BusinessCalendar.objects.get(name="Eastern office hours")


# --- reading ---


def test_list_tells_hours_special_days_and_who_counts_in_it(client, agnes, office):
    days = [day("2026-12-25", "Christmas Day"), day("2027-01-01"), day("2025-12-25"), day("2028-01-01")]
    services.publish_calendar(drafted(office, special_days=days), by=SYSTEM)
    drafted(office)
    client.force_login(agnes)
    shown = words(client.get(page(CALENDAR)))
    assert "Mon to Fri 09:00 to 17:00" in shown
    assert "Day and night</td>" in shown
    assert "America/New_York, now Tuesday 07:00" in shown
    assert "2<small>Friday 25 December 2026: closed, Christmas Day</small>" in shown
    assert "Professional" in shown
    assert "Draft" in shown
    assert "New calendar" not in shown


def test_list_costs_the_same_queries_whatever_its_length(client, sofia, django_assert_max_num_queries):
    client.force_login(sofia)
    client.get(page(CALENDAR))
    for number in range(8):
        made = services.create_calendar(name=f"Number {number}", hours={"tz": "UTC", "weekly": OFFICE}, by=SYSTEM)
        if number % 2:
            services.publish_calendar(made.versions.get(), by=SYSTEM)
    with django_assert_max_num_queries(14):
        client.get(page(CALENDAR))


def test_page_draws_the_week_and_tells_the_days_to_come(client, agnes, office, ticket, django_assert_max_num_queries):
    weekly = OFFICE | {"sat": [["09:00", "12:00"], ["13:00", "15:30"]], "sun": [["00:00", "24:00"]]}
    feed = services.add_feed(office, "https://days.example/holidays.ics", by=SYSTEM)
    days = [
        day("2026-12-24", "Christmas Eve", [("09:00", "12:00")]),
        day("2026-12-25", "Christmas Day", source="holidays:US"),
        day("2026-12-28", "Bridge", source=f"feed:{feed.pk}"),
        day("2026-12-29", "Older bridge", source="feed:999999"),
        day("2026-12-30", "Stocktaking", source="file:days.ics"),
    ]
    services.publish_calendar(drafted(office, weekly=weekly, special_days=days), by=SYSTEM)
    client.force_login(agnes)
    client.get(page(CALENDAR, office))
    with django_assert_max_num_queries(14):
        shown = words(client.get(page(CALENDAR, office)))
    assert '<rect class="open" x="540" width="480" height="14"/>' in shown
    assert "09:00 to 12:00 and 13:00 to 15:30" in shown
    assert "All day" in shown
    assert "<td>Thursday 24 December 2026</td><td>09:00 to 12:00, Christmas Eve</td>" in shown
    for source in (
        "written by hand",
        "public holidays, US",
        "feed of days.example",
        "feed that was removed",
        "days.ics",
    ):
        assert source in shown
    assert "Tuesday 07:00" in shown
    assert "Closed, no time counts" in shown
    assert "Professional" in shown


def test_page_tells_when_it_is_open_and_what_changed(client, agnes, sofia, office):
    days = [day(f"2027-{month:02}-{number:02}") for month in (1, 2, 3) for number in range(1, 29)]
    services.publish_calendar(drafted(office, by=sofia, special_days=days, note="Long winter"), by=sofia)
    services.publish_calendar(drafted(office, zone="UTC", special_days=days[1:]), by=SYSTEM)
    client.force_login(agnes)
    shown = words(client.get(page(CALENDAR, office)))
    assert "Time counts" in shown
    assert "Long winter" in shown
    assert "by Sofia Lund" in shown
    assert "was </span>America/New_York</s>" in shown
    assert "<b>hours of the week</b>" in shown
    assert "76 more</summary>" in shown


def test_a_calendar_without_a_version_says_so(client, sofia):
    made = services.create_calendar(name="Coming", hours={"tz": "UTC", "weekly": OFFICE}, by=SYSTEM)
    client.force_login(sofia)
    assert "Nothing is published yet" in words(client.get(page(CALENDAR, made)))
    assert "Not published" in words(client.get(page(CALENDAR)))
    assert "What the first version says" in words(client.get(page(CALENDAR, made, "publish")))
    services.discard_draft(made.versions.get(), by=SYSTEM)
    assert client.get(page(CALENDAR, made, "draft")).context["form"]["mon"].value() == "09:00-17:00"


# --- rights ---


def test_who_may_read_and_who_may_change(client, rita, agnes, sofia, office):
    drafted(office)
    forms_ = [page(CALENDAR, office, "draft"), page(CALENDAR, office, "publish"), page(CALENDAR, verb="add")]
    reading = [page(CALENDAR), page(CALENDAR, office)]
    assert all("/accounts/login/" in client.get(address).url for address in (*forms_, *reading))
    client.force_login(rita)
    assert {client.get(address).status_code for address in (*forms_, *reading)} == {403}
    client.force_login(agnes)
    assert {client.get(address).status_code for address in reading} == {200}
    assert {client.get(address).status_code for address in forms_} == {403}
    for deed in ("discard", "add_feed", "remove_feed", "read_feeds"):
        assert client.post(page(CALENDAR, office), {"deed": deed}).status_code == 403
    assert {client.post(address).status_code for address in forms_} == {403}
    shown = words(client.get(page(CALENDAR, office)))
    assert not any(verb in shown for verb in ("Discard", "Add a feed", "Read now"))
    client.force_login(sofia)
    assert {client.get(address).status_code for address in (*forms_, *reading)} == {200}
    assert client.post(page(CALENDAR, office, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(page(CALENDAR, office), {"deed": "explode"}).status_code == 404
    assert client.get(page(CALENDAR) + "999999/change/").status_code == 404
