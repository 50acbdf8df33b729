"""The monitor page and the banner of a storm."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version as package_version

import pytest
import time_machine
import tzdata
from django.urls import reverse

from sla import services
from sla.console import storm
from sla.console.monitor_page import seconds_words, state_of
from sla.models import CalendarVersion, Clock, MonitorPass, Recalculation, Storm
from sla.tests.console import told, words
from sla.vocabulary import ClockState

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clock():
    storm.forget()
    with time_machine.travel(NOON, tick=False):
        yield
    storm.forget()


def page() -> str:
    return reverse("admin:sla_monitor")


def passed(**values) -> MonitorPass:
    begun = {"started_at": NOON - MINUTE, "finished_at": NOON - MINUTE + dt.timedelta(seconds=2), "is_complete": True}
    return MonitorPass.objects.create(**begun | values)


# --- the page ---


def test_page_is_where_it_is_looked_for():
    assert page() == reverse("admin:index") + "sla/monitor/"


def test_who_may_look_and_who_may_run_a_pass(client, rita, agnes, sofia):
    assert "/accounts/login/" in client.get(page()).url
    for person, status in ((rita, 403), (agnes, 403), (sofia, 200)):
        client.force_login(person)
        assert client.get(page()).status_code == status
        assert client.post(page(), {"deed": "run"}).status_code == (302 if status == 200 else 403)
    assert MonitorPass.objects.count() == 1
    assert client.post(page(), {"deed": "stop"}).status_code == 404


def test_whoever_only_looks_gets_no_button(client, agnes):
    from django.contrib.auth.models import Permission

    agnes.user_permissions.add(Permission.objects.get(codename="view_monitorpass"))
    client.force_login(agnes)
    assert "Run a pass now" not in words(client.get(page()))
    assert client.post(page(), {"deed": "run"}).status_code == 403


def test_it_has_never_run(client, sofia):
    client.force_login(sofia)
    shown = words(client.get(page()))
    assert "Has never run" in shown
    assert "Run a pass now" in shown
    assert f"IANA {tzdata.IANA_VERSION}, from the package tzdata {package_version('tzdata')}." in shown


def test_page_tells_the_last_pass_clocks_jobs_and_storms(client, sofia, ticket, django_assert_max_num_queries):
    passed(clock_count=12, event_count=30, lag_seconds=42.4)
    passed(is_complete=False, finished_at=None, started_at=NOON - 9 * MINUTE)
    passed(is_complete=False, clock_count=3)
    Storm.objects.create(began_at=NOON - 90 * MINUTE, ended_at=NOON - 60 * MINUTE, breach_count=77)
    Storm.objects.create(began_at=NOON - 5 * MINUTE, breach_count=31)
    services.apply_policies(by=sofia)
    Recalculation.objects.create(kind="ZONE", reason="New rules for Mars", done_count=4, changed_count=1)
    Recalculation.objects.create(kind="ZONE", reason="Older rules", done_count=2, finished_at=NOON)
    client.force_login(sofia)
    client.get(page())
    with django_assert_max_num_queries(16):
        shown = words(client.get(page()))
    assert "its time was up" in shown
    assert "under way, or broken off" in shown
    assert "all that was due" in shown
    assert '<td data-label="Late by">42 s</td>' in shown
    assert "31 deadlines passed. One notice tells them all." in shown
    assert "77 deadlines, until" in shown
    assert "waits for a worker" in shown
    assert "under way: 4 tickets, 1 of them changed" in shown
    assert "2 tickets, 0 of them changed" in shown
    assert "by Sofia Lund" in shown
    assert "<dt>Running</dt><dd>2<small>clocks" in shown


def test_clocks_in_error_lead_to_their_tickets(client, sofia, ticket):
    calendar = CalendarVersion.objects.get(calendar__name="Day and night")
    Clock.objects.filter(ticket=ticket, metric="RESOLUTION").update(
        state=ClockState.ERROR, running_since=None, next_action_at=None, calendar_version=calendar
    )
    client.force_login(sofia)
    shown = words(client.get(page()))
    assert reverse("admin:tickets_ticket_change", args=[ticket.pk]) in shown
    assert "Resolution, Day and night" in shown


def test_running_a_pass_tells_what_it_did(client, sofia, ticket):
    client.force_login(sofia)
    assert "0 clocks moved on, 0 levels recorded." in told(client.post(page(), {"deed": "run"}))
    with time_machine.travel(NOON + dt.timedelta(days=60), tick=False):
        client.force_login(sofia)
        response = client.post(page(), {"deed": "run"})
        assert "clocks moved on" in told(response)
        assert response.url == page()
    assert Clock.objects.filter(ticket=ticket, breached_at__isnull=False).exists()


def test_a_pass_that_ran_out_of_time_says_so(client, sofia, monkeypatch):
    client.force_login(sofia)
    monkeypatch.setattr(services, "run_monitor", lambda seconds: passed(is_complete=False, clock_count=1))
    assert "Not all was due in one pass. 1 clock moved on" in told(client.post(page(), {"deed": "run"}))


@pytest.mark.parametrize(
    ("last", "lag", "word"),
    [
        (None, 0, "Has never run"),
        (1, 0, "Fine"),
        (1, 299, "Fine"),
        (1, 301, "Late"),
        (6, 0, "Silent"),
        (6, 400, "Late"),
    ],
)
def test_the_state_in_a_word(last, lag, word):
    row = MonitorPass(started_at=NOON - last * MINUTE) if last else None
    assert state_of(row, lag, NOON).word == word


@pytest.mark.parametrize(
    ("seconds", "told_as"),
    [
        (0, "0 s"),
        (0.04, "0 s"),
        (0.4, "0.4 s"),
        (42.4, "42 s"),
        (200, "3 min"),
        (7500, "2 h 5 min"),
        (270000, "3 d 3 h"),
    ],
)
def test_seconds_in_words(seconds, told_as):
    assert seconds_words(seconds) == told_as


# --- the banner ---


def banner_of(client) -> str:
    shown = words(client.get(reverse("admin:index")))
    return shown.partition('<div class="console storm"')[2][:600]


def test_banner_stands_on_every_page_while_a_big_storm_is_on(client, agnes, sofia, settings):
    row = Storm.objects.create(began_at=NOON - 3 * MINUTE, breach_count=settings.PORTAL_STORM_BANNER - 1)
    client.force_login(sofia)
    assert not banner_of(client)
    Storm.objects.filter(pk=row.pk).update(breach_count=57)
    assert not banner_of(client), "what was seen half a minute ago"
    with time_machine.travel(NOON + MINUTE, tick=False):
        shown = banner_of(client)
        assert "57 deadlines passed within 10 minutes." in shown
        assert page() in shown
        client.force_login(agnes)
        assert page() not in banner_of(client), "an agent sees the banner, not the monitor"
    with time_machine.travel(NOON + 20 * MINUTE, tick=False):
        assert "57 deadlines passed since" in banner_of(client)
        services.end_storm(NOON + 20 * MINUTE)
    with time_machine.travel(NOON + 21 * MINUTE, tick=False):
        assert not banner_of(client)


def test_banner_costs_no_query_while_it_is_remembered(client, sofia, django_assert_num_queries):
    Storm.objects.create(began_at=NOON, breach_count=57)
    with django_assert_num_queries(1):
        storm.banner()
    with django_assert_num_queries(0):
        assert storm.banner()["count"] == 57


def test_whoever_is_not_signed_in_sees_no_banner(client):
    Storm.objects.create(began_at=NOON, breach_count=57)
    assert "console storm" not in client.get(reverse("admin:index"), follow=True).content.decode()
