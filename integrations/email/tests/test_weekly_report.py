"""The weekly report by mail: when, once, and to whom."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from common.errors import NotAllowed
from common.models import Event
from integrations.models import Delivery
from integrations.services import deliver_due
from integrations.tests.notices import html_of
from tickets.models import WeeklyReport
from tickets.reporting.weekly import due_week
from tickets.services import send_weekly_report, want_weekly_report
from tickets.tasks import send_weekly_report as task
from tickets.tests.reporting import DAY, HOUR, NOON, opened, rated, solved

pytestmark = pytest.mark.django_db
WEEKLY = reverse("admin:tickets_weekly")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_it_is_due_on_mondays_from_the_set_hour_on_in_the_portal_s_zone(settings):
    last = dt.date(2026, 2, 2)
    assert [due_week(NOON + hours * HOUR) for hours in (-6, -5, 0, 11)] == [None, last, last, last]
    assert due_week(NOON + DAY) is None
    settings.PORTAL_TIME_ZONE, settings.PORTAL_WEEKLY_REPORT_HOUR = "Asia/Tokyo", 23
    assert [due_week(NOON + hours * HOUR) for hours in (1, 2, 3)] == [None, last, None]


def test_supervisors_get_the_numbers_of_the_week_once(sofia, agnes, rita, clock):
    rated(solved(rita, agnes, days=4, after=2), 4, days=3)
    solved(rita, agnes, days=9)
    waits = opened(rita, subject="Nobody <b>answers</b>", days=2)
    assert task() == 1
    assert [send_weekly_report(), send_weekly_report(at=NOON + HOUR)] == [0, 0]
    clock.shift(HOUR)
    deliver_due()
    (message,) = [one for one in mail.outbox if one.to == [sofia.email] and "week of" in one.subject]
    assert message.subject == "Support, week of 2 February to 8 February 2026: 2 opened, 1 solved"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    for line in ("Opened: 2 (the week before: 1)", "First response, median: 1 h (the week before: 1 h)"):
        assert line in message.body
    assert f"- {waits.reference} Nobody <b>answers</b>, waiting 2 d" in message.body
    assert "you supervise the support team" in message.body
    assert WEEKLY in message.body
    assert "Nobody &lt;b&gt;answers&lt;/b&gt;" in html_of(message)
    clock.shift(7 * DAY)
    assert send_weekly_report() == 1
    assert WeeklyReport.objects.count() == 2


def test_it_can_be_switched_off_for_all(sofia, settings):
    settings.PORTAL_WEEKLY_REPORT = False
    assert send_weekly_report() == 0
    assert not WeeklyReport.objects.exists()


def test_each_says_whether_they_want_it(sofia, agnes, ada, rita):
    want_weekly_report(sofia, is_wanted=False)
    want_weekly_report(agnes, is_wanted=True)
    want_weekly_report(agnes, is_wanted=True)
    assert send_weekly_report() == 1
    assert list(Delivery.objects.filter(template="weekly_report").values_list("destination", flat=True)) == [
        agnes.email
    ]
    assert Event.objects.filter(kind="report.weekly_wished").count() == 2, "the second time changed nothing"
    with pytest.raises(NotAllowed):
        want_weekly_report(rita, is_wanted=True)


def test_who_stopped_it_before_it_was_sent_gets_none(sofia):
    send_weekly_report()
    want_weekly_report(sofia, is_wanted=False)
    deliver_due()
    assert not mail.outbox


def test_the_page_shows_the_report_and_takes_the_wish(client, sofia, agnes, rita):
    solved(rita, agnes, days=4)
    client.force_login(sofia)
    page = client.get(WEEKLY).content.decode()
    assert "You get this by mail on Mondays from 07:00 (UTC)." in page
    assert "Week of 2 February to 8 February 2026" in page
    assert client.post(WEEKLY, {"wanted": "no"}).url == WEEKLY
    assert "You do not get this by mail." in client.get(WEEKLY).content.decode()
    client.post(WEEKLY, {"wanted": "yes"})
    assert send_weekly_report() == 1
