"""Holiday feeds: what they say becomes a version of the calendar, and nobody's draft is lost by it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from common.actors import SYSTEM
from common.errors import DeliveryError, Invalid, NotAllowed
from common.http import Answer
from sla.models import BusinessCalendar, HolidayFeed
from sla.services import add_feed, draft_calendar, publish_calendar, read_feeds, remove_feed
from sla.services.feeds import FEEDS_MOST, years_read
from sla.tasks import read_holiday_feeds
from sla.tests.console import OFFICE, page, told, words

pytestmark = pytest.mark.django_db

URL = "https://days.example/holidays.ics"
NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def web(monkeypatch):
    """What is answered at each address: a list of dates, a status, or an error."""
    answers: dict[str, object] = {}

    def fetch(url, **_):
        said = answers.get(url, 404)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, int):
            return Answer(said, {}, b"Nothing here", url)
        return Answer(200, {}, ics(said) if isinstance(said, list) else said, url)

    monkeypatch.setattr("sla.services.feeds.fetch", fetch)
    return answers


@pytest.fixture
def office() -> BusinessCalendar:
    return BusinessCalendar.objects.get(name="Eastern office hours")


@pytest.fixture
def feed(office) -> HolidayFeed:
    return add_feed(office, URL, by=SYSTEM)


def ics(dates) -> bytes:
    events = [
        f"BEGIN:VEVENT\r\nUID:{date}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:{date}\r\nSUMMARY:Day off\r\n"
        "END:VEVENT\r\n"
        for date in dates
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


def dates(version) -> list[str]:
    return [row["date"] for row in version.special_days]


def current(calendar):
    return calendar.versions.published().first()


# --- adding and removing ---


@pytest.mark.parametrize(
    "url", ["", "days.example", "ftp://days.example/x.ics", "javascript:alert(1)", "https://" + "x" * 600]
)
def test_an_address_that_cannot_be_read_is_refused(office, url):
    with pytest.raises(Invalid) as refused:
        add_feed(office, url, by=SYSTEM)
    assert refused.value.field == "url"


def test_a_feed_stands_once_and_not_without_end(office, feed):
    with pytest.raises(Invalid):
        add_feed(office, f" {URL} ", by=SYSTEM)
    for number in range(FEEDS_MOST - 1):
        add_feed(office, f"{URL}?{number}", by=SYSTEM)
    with pytest.raises(Invalid):
        add_feed(office, "https://one.too.many.example/", by=SYSTEM)


def test_feeds_are_for_supervisors(office, feed, agnes, sofia):
    with pytest.raises(NotAllowed):
        add_feed(office, "https://other.example/", by=agnes)
    with pytest.raises(NotAllowed):
        remove_feed(feed, by=agnes)
    add_feed(office, "https://other.example/", by=sofia)
    remove_feed(feed, by=sofia)
    assert [one.url for one in office.feeds.all()] == ["https://other.example/"]


# --- reading ---


def test_what_a_feed_says_is_published_once(office, feed, web):
    web[URL] = ["20261225", "20270101", "20100101"]
    assert read_feeds() == 1
    version = current(office)
    assert (version.number, version.created_by, dates(version)) == (2, None, ["2026-12-25", "2027-01-01"])
    assert version.special_days[0] == {
        "date": "2026-12-25",
        "hours": [],
        "name": "Day off",
        "source": f"feed:{feed.pk}",
    }
    feed.refresh_from_db()
    assert (feed.read_at, feed.last_error) == (NOON, "")
    assert read_holiday_feeds() == 0
    assert current(office).number == 2


def test_days_that_a_feed_takes_back_go_and_a_persons_stay(office, feed, web):
    mine = {"date": "2026-12-25", "hours": [["09:00", "12:00"]], "name": "Mine"}
    hours = {"tz": "America/New_York", "weekly": OFFICE, "special_days": [mine]}
    publish_calendar(draft_calendar(office, hours=hours, by=SYSTEM), by=SYSTEM)
    web[URL] = ["20261225", "20270101"]
    read_feeds(office)
    assert current(office).special_days[0] == mine
    web[URL] = ["20270102"]
    assert read_feeds(office) == 1
    assert dates(current(office)) == ["2026-12-25", "2027-01-02"]


def test_a_persons_draft_gets_the_days_and_stays_theirs(office, feed, web, sofia):
    hours = {"tz": "Europe/Oslo", "weekly": OFFICE, "special_days": [{"date": "2026-05-17", "hours": []}]}
    draft = draft_calendar(office, hours=hours, by=sofia, note="Moving to Oslo")
    web[URL] = ["20261225"]
    with time_machine.travel(NOON + dt.timedelta(hours=8), tick=False):
        assert read_feeds() == 1
        assert read_feeds() == 0
    assert (current(office).number, current(office).time_zone) == (2, "America/New_York")
    kept = office.versions.get(number=None)
    assert (kept.created_by, kept.created_at, kept.note) == (sofia, NOON, "Moving to Oslo")
    assert (kept.time_zone, dates(kept)) == ("Europe/Oslo", ["2026-05-17", "2026-12-25"])
    assert kept.pk != draft.pk, "whoever has the form open is told"


def test_a_calendar_with_nothing_but_a_draft_is_not_published(web, sofia):
    from sla.services import create_calendar

    calendar = create_calendar(name="Coming", hours={"tz": "UTC", "weekly": OFFICE}, by=sofia)
    add_feed(calendar, URL, by=SYSTEM)
    web[URL] = ["20261225"]
    assert read_feeds() == 1
    only = calendar.versions.get()
    assert (only.is_draft, dates(only)) == (True, ["2026-12-25"])


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (404, "status 404"),
        (DeliveryError("days.example cannot be reached."), "cannot be reached"),
        (b"<html>Sign in</html>", "iCalendar"),
        ([], "closes a whole day"),
        (["19990101"], "closes a whole day"),
    ],
)
def test_what_goes_wrong_stands_at_the_feed_and_stops_no_other(office, feed, web, said, error):
    web[URL] = ["20261225"]
    read_feeds()
    add_feed(office, "https://good.example/", by=SYSTEM)
    web |= {URL: said, "https://good.example/": ["20261226"]}
    assert read_feeds() == 1
    feed.refresh_from_db()
    assert error in feed.last_error
    assert dates(current(office)) == ["2026-12-25", "2026-12-26"], "the days it gave before stay"
    web[URL] = ["20261225"]
    read_feeds()
    feed.refresh_from_db()
    assert feed.last_error == ""


def test_days_that_would_leave_no_working_time_are_not_taken(office, feed, web):
    hours = {"tz": "UTC", "weekly": {}, "special_days": [{"date": "2026-12-24", "hours": [["09:00", "12:00"]]}]}
    publish_calendar(draft_calendar(office, hours=hours, by=SYSTEM), by=SYSTEM)
    web[URL] = ["20261225"]
    with time_machine.travel(dt.datetime(2026, 12, 25, tzinfo=dt.UTC), tick=False):
        assert read_feeds() == 0
    feed.refresh_from_db()
    assert "never open" in feed.last_error
    assert current(office).number == 2


def test_what_is_read_changes_with_the_years_only():
    assert years_read() == (dt.date(2025, 1, 1), dt.date(2029, 12, 31))


# --- the calendar's page ---


def test_feeds_are_added_read_and_removed_on_the_page(client, sofia, office, web):
    client.force_login(sofia)
    address = page("businesscalendar", office)
    refused = client.post(address, {"deed": "add_feed", "url": "holidays"})
    assert refused.status_code == 422
    assert "beginning with https://" in words(refused)
    assert 'value="holidays"' in words(refused)
    assert client.post(address, {"deed": "add_feed", "url": ""}).status_code == 422
    added = client.post(address, {"deed": "add_feed", "url": URL})
    assert added.url == f"{address}#feeds"
    assert "Not read yet" in words(client.get(address))
    assert "1 feed could not be read" in told(client.post(address, {"deed": "read_feeds"}))
    assert "status 404" in words(client.get(address))
    web[URL] = ["20261225"]
    assert "their days are in the calendar now" in told(client.post(address, {"deed": "read_feeds"}))
    assert "what the calendar has already" in told(client.post(address, {"deed": "read_feeds"}))
    shown = words(client.get(address))
    assert "closed, Day off" in shown
    assert "feed of days.example" in shown
    row = office.feeds.get().pk
    for wanted in (row, row, "x"):  # the second time it is gone already
        response = client.post(address, {"deed": "remove_feed", "row": wanted})
        assert "read no more" in told(response)
    assert not office.feeds.exists()
