"""A promise runs out: who hears of it and when, each once, and one notice where many run out together.

On the policies that the portal comes with, a clock that is moved by hand, and mails read where they are sent.
"""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.core import mail

from common.time import now
from integrations.services import deliver_due
from sla.models import StepRun, Storm
from sla.services import run_monitor
from sla.vocabulary import StepState
from tickets.services import open_ticket, post_public_reply
from tickets.vocabulary import Channel, Priority

MONDAY = dt.datetime(2026, 2, 9, 9, 0, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def frozen_monitor(monkeypatch):
    """Monday at nine, until the test moves on. The monitor must not ask a database that has a clock of its own."""
    monkeypatch.setattr("sla.services.monitor.database_now", now)
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def look(frozen_monitor):
    """Move to so long after nine, let the monitor look, and return (address, subject) of what left for staff."""

    def look(after=None):
        if after is not None:
            frozen_monitor.move_to(MONDAY + after)
        run_monitor()
        mail.outbox.clear()
        deliver_due()
        staff = set(settings.PORTAL_ROLE_ADDRESSES.values())
        return [(one.to[0], one.subject) for one in mail.outbox if one.to[0] in staff]

    return look


@pytest.fixture
def role():
    return settings.PORTAL_ROLE_ADDRESSES


def asked(rita, priority):
    return open_ticket(
        subject="Nothing loads",
        description="Since nine no page loads.",
        requester=rita,
        by=rita,
        channel=Channel.WEB,
        priority=priority,
    )


def test_a_critical_ticket_climbs_level_by_level(look, role, rita):
    ticket = asked(rita, Priority.P1_CRITICAL)  # four hours, day and night
    alert = f"[{ticket.reference}] SLA breach alert: Critical, first response overdue"
    assert look(3 * HOUR + 11 * MINUTE) == []
    assert look(3 * HOUR + 12 * MINUTE) == [
        (role["manager"], f"[{ticket.reference}] SLA warning: Critical, first response at 80 %")
    ]
    assert look() == []
    assert look(4 * HOUR) == []  # the last instant still keeps the promise
    assert look(4 * HOUR + MINUTE) == [(role["vp_engineering"], alert)]
    assert look() == []
    assert look(4 * HOUR + 47 * MINUTE) == []
    assert look(4 * HOUR + 48 * MINUTE) == [(role["on_call"], alert)]
    assert "Paging is not connected. That is why this mail comes to you." in mail.outbox[-1].body
    assert look() == []
    assert look(48 * HOUR) == []
    assert [(run.step.at_percent, run.state) for run in StepRun.objects.select_related("step")] == [
        (80, StepState.DONE),
        (100, StepState.DONE),
        (120, StepState.NOT_DELIVERED),
    ]


def test_an_answer_in_time_spares_everybody(look, frozen_monitor, rita, agnes):
    ticket = asked(rita, Priority.P1_CRITICAL)
    assert look(3 * HOUR) == []
    post_public_reply(ticket, body="We are on it.", by=agnes)
    for after in (3 * HOUR + 12 * MINUTE, 5 * HOUR, 30 * HOUR):
        assert look(after) == []
    assert not StepRun.objects.exists()


def test_after_an_outage_only_the_highest_level_is_told(look, role, rita):
    asked(rita, Priority.P1_CRITICAL)
    assert [address for address, _ in look(10 * HOUR)] == [role["on_call"]]
    assert sorted(StepRun.objects.values_list("step__at_percent", "state")) == [
        (80, StepState.SUPPRESSED),
        (100, StepState.SUPPRESSED),
        (120, StepState.NOT_DELIVERED),
    ]


def test_a_storm_is_one_mail_and_passes(look, role, rita):
    for _ in range(25):
        asked(rita, Priority.P2_HIGH)  # eight hours
    assert look(8 * HOUR + MINUTE) == [(role["leadership"], "SLA breach storm: 25 deadlines passed within 10 minutes")]
    assert look() == []
    storm = Storm.objects.get()
    assert (storm.breach_count, storm.ended_at) == (25, None)
    told_at_once = StepRun.objects.filter(storm=storm, state=StepState.SUPPRESSED)
    assert told_at_once.filter(step__at_percent=100).count() == 25
    assert look(8 * HOUR + 12 * MINUTE) == []
    storm.refresh_from_db()
    assert storm.ended_at == MONDAY + 8 * HOUR + 12 * MINUTE


def test_after_the_storm_single_notices_are_sent_again(look, role, frozen_monitor, rita):
    for _ in range(25):
        asked(rita, Priority.P2_HIGH)
    frozen_monitor.move_to(MONDAY + HOUR)
    straggler = asked(rita, Priority.P2_HIGH)
    look(8 * HOUR + MINUTE)
    look(8 * HOUR + 12 * MINUTE)
    assert look(9 * HOUR + MINUTE) == [
        (role["director"], f"[{straggler.reference}] SLA breach alert: High, first response overdue")
    ]
    assert Storm.objects.count() == 1
