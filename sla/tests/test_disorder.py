"""What is written down late, twice or out of order: the rules hold as if it had come in time (B, T2, T3, T7)."""

from __future__ import annotations

import pytest
import time_machine

from accounts.models import Tier
from accounts.services import change_organization
from common import journal
from common.actors import SYSTEM
from common.time import now
from sla import library
from sla.backtest import journals
from sla.replay import replay
from sla.reports import compliance
from sla.services import apply_policies, work_off
from sla.tests.live import (
    HOUR,
    NOON,
    after,
    around_the_clock,
    at,
    clock,
    due,
    levels,
    look,
    opened,
    publish_hours,
    running_out,
)
from sla.vocabulary import ClockState, Metric
from tickets.services import change_ticket, post_public_reply, solve_ticket
from tickets.vocabulary import Status

CLOSED_MONDAY = {"2026-02-09": []}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def verdicts(ticket, metric: str) -> tuple[int, int, int]:
    """Return how many promises reports call kept, broken and taken back."""
    totals = compliance(since=NOON, until=after(1000), at=now(), metric=metric, ticket=ticket).totals
    return totals.met, totals.breached, totals.withdrawn


# --- jobs that come late ---


def test_t07_a_calendar_published_twice_before_the_job_counts_each_version_in_its_time(rita):
    ticket = opened(rita)
    with at(1):
        publish_hours(around_the_clock(**CLOSED_MONDAY))
    with at(3):
        publish_hours(around_the_clock())
    with at(3.5):
        work_off()
    assert clock(ticket).banked_us == HOUR
    assert due(ticket) == 6  # one hour, two that were closed, three more


def test_t07_a_job_that_comes_after_a_later_version_was_taken_leaves_it(rita, agnes):
    ticket = opened(rita, priority="P2_HIGH")
    with at(1):
        publish_hours(around_the_clock(**CLOSED_MONDAY))
    with at(3):
        latest = publish_hours(around_the_clock())
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(3.2))
    with at(3.5):
        work_off()
    assert clock(ticket).calendar_version == latest


def test_t07_a_change_that_waited_for_the_lock_while_the_job_ran_counts_in_the_new_calendar(rita, agnes):
    ticket = opened(rita, priority="P2_HIGH")
    with at(1):
        latest = publish_hours(around_the_clock(**CLOSED_MONDAY))
    with at(1.0001):
        work_off()
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(0.9999))
    assert clock(ticket).calendar_version == latest
    assert due(ticket) == 15  # the hour that was counted, and three more from midnight on


def test_t06_a_change_written_down_late_takes_the_policy_of_the_one_before_it_live_and_in_a_replay(
    rita, agnes, publish
):
    ticket = opened(rita, priority="P2_HIGH")
    with at(1.5):
        latest = publish(FIRST_RESPONSE=600)
    change_ticket(ticket, by=agnes, priority="P3_NORMAL", at=after(2))
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(1))
    assert clock(ticket).policy_version == latest
    ((_, entries),) = journals([ticket.pk])
    replayed = replay(entries, library.trial(), until=after(2))
    (first,) = [one for one in replayed.clocks if one.metric == Metric.FIRST_RESPONSE]
    assert first.promise.policy == latest.pk


def test_t03_a_tier_changed_several_times_before_the_job_counts_each_in_its_time(rita, aarlund):
    ticket = opened(rita)
    with at(1):
        change_organization(aarlund, by=SYSTEM, tier=Tier.COMMUNITY)
    with at(3):
        change_organization(aarlund, by=SYSTEM, tier=Tier.ENTERPRISE)
    with at(3.5):
        work_off()
    assert due(ticket) == 6  # for two hours nothing was promised


def test_b05_a_calendar_that_the_job_takes_late_lets_no_level_be_passed_twice(rita):
    ticket = opened(rita)
    with at(3.1):
        publish_hours(around_the_clock(**{"2026-03-01": []}))
    look(3.25)  # 80 % of four hours were over at 3.2
    with at(3.3):
        work_off()
    look(3.4)
    assert levels(ticket) == [(0, 80)]


def test_b05_other_thresholds_neither_pass_a_level_twice_nor_make_up_for_one(rita, sofia, publish):
    publish(FIRST_RESPONSE=240, thresholds=[80, 100, 120])
    ticket = opened(rita)
    look(3.3)
    with at(3.4):
        publish(FIRST_RESPONSE=240, thresholds=[50, 100, 110])
        apply_policies(by=sofia)
        work_off()
    look(5)
    assert levels(ticket) == [(0, 80), (0, 100), (0, 110)]


# --- a monitor that looks first ---


def test_b02_an_answer_in_time_is_in_time_although_a_monitor_looked_first(rita, agnes):
    ticket = opened(rita)
    look(4.001)
    assert clock(ticket).breached_at == after(4)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(3.9999))
    row = clock(ticket)
    assert (row.state, row.breached_at, row.due_at) == (ClockState.STOPPED, None, after(4))
    assert row.stopped_at == after(3.9999)
    assert journal.timeline(ticket).filter(kind="sla.breach_withdrawn").count() == 1
    with at(5):
        assert verdicts(ticket, Metric.FIRST_RESPONSE) == (1, 0, 1)


def test_b02_an_answer_after_the_deadline_is_late_also_where_a_monitor_looked_first(rita, agnes):
    ticket = opened(rita)
    look(4.001)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(4.0001))
    assert clock(ticket).breached_at == after(4)
    assert journal.timeline(ticket).filter(kind="sla.breached").count() == 1


@pytest.mark.parametrize("status", [Status.PENDING, Status.CANCELLED])
def test_b02_a_pause_or_cancellation_in_time_is_in_time_although_a_monitor_looked_first(rita, agnes, publish, status):
    publish(RESOLUTION=240)
    ticket = opened(rita)
    look(4.001)
    assert clock(ticket, Metric.RESOLUTION).breached_at == after(4)
    change_ticket(ticket, by=agnes, status=status, at=after(3.5))
    row = clock(ticket, Metric.RESOLUTION)
    assert (row.breached_at, row.withdrawn_count, row.banked_us) == (None, 1, 3.5 * HOUR)


def test_b05_a_pause_written_down_after_a_monitor_looked_lets_no_level_be_passed_twice(rita, agnes, publish):
    publish(FIRST_RESPONSE=240, RESOLUTION=600)
    ticket = opened(rita)
    look(8.0005)  # 80 % of ten hours
    change_ticket(ticket, by=agnes, status=Status.PENDING, at=after(7.9999))
    change_ticket(ticket, by=agnes, status=Status.OPEN, at=after(9))
    look(9.1)
    assert levels(ticket, Metric.RESOLUTION) == [(0, 80)]


# --- targets that change while a clock waits, or under an empty calendar ---


def test_b08_a_longer_target_that_came_while_the_clock_waited_takes_the_breach_back_when_solved(rita, agnes):
    ticket = opened(rita)
    look(25)
    change_ticket(ticket, by=agnes, status=Status.PENDING, at=after(26))
    change_ticket(ticket, by=agnes, priority="P3_NORMAL", at=after(27))  # a week instead of a day
    solve_ticket(ticket, by=agnes, at=after(28))
    assert clock(ticket, Metric.RESOLUTION).breached_at is None
    with at(29):
        assert verdicts(ticket, Metric.RESOLUTION) == (1, 0, 1)


def test_t02_a_shorter_target_that_came_while_the_clock_waited_is_late_from_the_solution_on(rita, agnes):
    ticket = opened(rita, priority="P3_NORMAL")
    change_ticket(ticket, by=agnes, status=Status.PENDING, at=after(100))
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(101))  # a day instead of a week
    solve_ticket(ticket, by=agnes, at=after(102))
    row = clock(ticket, Metric.RESOLUTION)
    assert row.breached_at == row.due_at == after(102)
    with at(103):
        assert verdicts(ticket, Metric.RESOLUTION) == (0, 1, 0)


def test_m07_and_b08_reopened_under_a_longer_target_the_breach_is_taken_back(rita, agnes):
    ticket = opened(rita)
    solve_ticket(ticket, by=agnes, at=after(30))
    change_ticket(ticket, by=agnes, priority="P3_NORMAL", at=after(31))
    assert clock(ticket, Metric.RESOLUTION).breached_at == after(24)  # stopped: nothing moves it (T5)
    change_ticket(ticket, by=agnes, status=Status.OPEN, at=after(32))
    row = clock(ticket, Metric.RESOLUTION)
    assert (row.breached_at, row.withdrawn_count, row.reopened_count) == (None, 1, 0)
    assert row.due_at == after(7 * 24 + 2)  # solved for two hours


def test_c12_a_clock_without_a_deadline_keeps_what_counted(rita):
    publish_hours(running_out("23:00"))
    ticket = opened(rita, hours=0.1)
    row = clock(ticket, Metric.RESOLUTION)
    assert (row.state, row.due_at) == (ClockState.ERROR, None)
    assert clock(ticket).state == ClockState.RUNNING  # for the first response there is time enough
    with at(10):
        publish_hours(around_the_clock())
        work_off()
    row = clock(ticket, Metric.RESOLUTION)
    assert (row.state, row.banked_us, row.due_at) == (ClockState.RUNNING, round(9.9 * HOUR), after(24.1))


def test_c12_and_t02_a_shorter_target_gives_a_clock_without_a_deadline_one_from_its_beginning(rita, agnes):
    publish_hours(running_out("23:00"))
    ticket = opened(rita, priority="P4_LOW", hours=0.1)
    assert clock(ticket).state == ClockState.ERROR
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(2))
    assert due(ticket) == 4.1
