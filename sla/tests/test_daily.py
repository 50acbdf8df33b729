"""Promises kept day by day say the same as the reports of promises."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.services import create_organization, create_user
from common.actors import SYSTEM
from sla.daily import kept_by_day
from sla.reports import compliance
from sla.services import run_monitor
from sla.tests.live import NOON, after, opened
from tickets.services import cancel_ticket, post_public_reply, reopen_ticket, solve_ticket
from tickets.slots import KeptAsked, promises_kept

pytestmark = pytest.mark.django_db
SPAN = {"since": NOON - dt.timedelta(days=3), "until": NOON + dt.timedelta(days=3)}


@pytest.fixture
def story(rita, agnes, publish):
    """Some of everything that can become of a promise, within 30 hours."""
    publish(FIRST_RESPONSE=60, RESOLUTION=600)
    other = create_organization(name="Port", tier="ENTERPRISE", domains=["port.example"], by=SYSTEM)
    guest = create_user(email="a@port.example", name="Ana", organization=other, by=SYSTEM)
    with time_machine.travel(NOON, tick=False):
        for hours in (0.5, 2):  # kept, broken
            post_public_reply(opened(rita), body="Try this.", by=agnes, at=after(hours))
        solve_ticket(opened(guest), by=agnes, at=after(0.75))
        reopened = solve_ticket(opened(rita), by=agnes, at=after(1.5))
        reopen_ticket(reopened, by=rita, at=after(2.5))
        cancel_ticket(opened(rita), by=agnes, at=after(3))
        opened(guest)  # nobody ever answers
    with time_machine.travel(after(14), tick=False):
        run_monitor()
        opened(guest, hours=14)
    return other


@pytest.mark.parametrize("hours", [1, 14, 30])
def test_days_add_up_to_the_report(story, hours):
    """At 30 hours a deadline has passed that no monitor has seen."""
    at = after(hours)
    days = kept_by_day(KeptAsked(**SPAN), at=at)
    totals = compliance(**SPAN, at=at).totals
    assert (sum(row.met for row in days), sum(row.broken for row in days)) == (totals.met, totals.breached)
    assert totals.met
    told = {
        (one["day"], one["tier"]): figures for one, figures in compliance(**SPAN, at=at, group_by=("day", "tier")).rows
    }
    for row in days:
        figures = told[row.day.isoformat(), "Enterprise"]
        assert (row.tier, row.met, row.broken) == ("ENTERPRISE", figures.met, figures.breached)


def test_one_organization_alone_in_one_query(story, django_assert_max_num_queries):
    asked = KeptAsked(**SPAN, organization=story.pk)
    with time_machine.travel(after(30), tick=False), django_assert_max_num_queries(1):
        days = promises_kept(asked)
    totals = compliance(**SPAN, at=after(30), organization_id=story.pk).totals
    assert (sum(row.met for row in days), sum(row.broken for row in days)) == (totals.met, totals.breached)
    assert 0 < totals.breached < compliance(**SPAN, at=after(30)).totals.breached


def test_days_are_those_of_the_present_zone(story):
    with timezone.override("Pacific/Auckland"):
        assert min(row.day for row in kept_by_day(KeptAsked(**SPAN), at=after(30))) == dt.date(2026, 2, 10)
    assert min(row.day for row in kept_by_day(KeptAsked(**SPAN), at=after(30))) == dt.date(2026, 2, 9)
