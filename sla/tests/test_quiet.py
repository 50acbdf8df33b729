"""What moves no clock and tells nobody: machines, policies that are off, answers, the past (B6, B7, M6, M8, T6)."""

from __future__ import annotations

import pytest
import time_machine

from common import context
from common.actors import SYSTEM
from common.time import now
from sla.keeping import monitor_is_well
from sla.models import Conversation, SlaPolicy, StepRun
from sla.rules.clocks import is_breached_at
from sla.services import apply_policies, change_policy, overdue_seconds, plan_for_policy, take_steps, work_off
from sla.tests.live import HOUR, NOON, after, at, clock, due, levels, look, opened
from sla.vocabulary import Action, ClockState, Metric, StepState
from tickets.services import change_ticket, post_customer_message, post_public_reply, solve_ticket
from tickets.vocabulary import Channel, Status

HALF_WAY_UP = [{"metric": "FIRST_RESPONSE", "at_percent": 50, "action": Action.RAISE_PRIORITY}]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def enterprise(db) -> SlaPolicy:
    return SlaPolicy.objects.get(name="Enterprise")


def out_of_office(ticket, *, hours: float) -> None:
    post_customer_message(
        ticket,
        body="I am out of office.",
        by=ticket.requester,
        channel=Channel.EMAIL,
        is_automatic=True,
        at=after(hours),
    )


# --- machines ---


def test_m08_an_automatic_message_does_not_resume_what_waits_for_the_customer(rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status=Status.PENDING, at=after(1))
    out_of_office(ticket, hours=1.1)
    assert clock(ticket, Metric.RESOLUTION).state == ClockState.PAUSED
    ticket.refresh_from_db()
    assert ticket.status == Status.PENDING


def test_m08_an_automatic_message_does_not_reopen_what_was_solved(rita, agnes):
    ticket = opened(rita)
    solve_ticket(ticket, by=agnes, at=after(1))
    out_of_office(ticket, hours=1.1)
    row = clock(ticket, Metric.RESOLUTION)
    assert (row.state, row.stopped_at, row.reopened_count) == (ClockState.STOPPED, after(1), 0)
    ticket.refresh_from_db()
    assert ticket.status == Status.SOLVED


# --- what waits from its beginning ---


def test_m06_a_new_ticket_waits_where_the_policy_pauses_new_ones(rita, agnes, publish):
    publish(FIRST_RESPONSE=240, RESOLUTION=600, pause_statuses=["NEW"])
    ticket = opened(rita)
    assert ticket.sla_conversation.status == Status.NEW
    assert clock(ticket, Metric.RESOLUTION).state == ClockState.PAUSED
    assert clock(ticket).state == ClockState.RUNNING
    change_ticket(ticket, by=agnes, status=Status.OPEN, at=after(2))
    assert due(ticket, Metric.RESOLUTION) == 12


# --- policies that are off ---


def test_t06_a_policy_that_is_switched_off_escalates_nothing_more(rita, enterprise):
    ticket = opened(rita)
    with at(1):
        change_policy(enterprise, by=SYSTEM, is_active=False)
        assert work_off() == 1
    look(100)
    row = clock(ticket)
    assert (row.state, row.banked_us, row.breached_at) == (ClockState.INACTIVE, HOUR, None)
    assert levels(ticket) == []
    assert not StepRun.objects.exists()


def test_t06_a_step_that_was_due_when_its_policy_was_switched_off_is_not_taken(rita, enterprise, publish):
    publish(FIRST_RESPONSE=240, steps=HALF_WAY_UP)
    ticket = opened(rita, priority="P3_NORMAL")
    look(2.5)
    with at(2.6):
        change_policy(enterprise, by=SYSTEM, is_active=False)
        work_off()
        take_steps()
    assert StepRun.objects.get().state == StepState.SUPPRESSED
    ticket.refresh_from_db()
    assert ticket.priority == "P3_NORMAL"


def test_t06_without_the_policy_the_next_that_matches_decides(rita, enterprise, publish):
    publish("Professional", FIRST_RESPONSE=600, tiers=["PROFESSIONAL", "ENTERPRISE"])
    ticket = opened(rita)
    with at(1):
        change_policy(enterprise, by=SYSTEM, is_active=False)
        work_off()
    assert clock(ticket).policy_version.policy.name == "Professional"
    assert due(ticket) == 10  # the hour that was used stays used


def test_t06_the_job_takes_only_tickets_that_the_policy_decides_for(rita, mallory, enterprise, publish):
    publish("Professional", FIRST_RESPONSE=600, tiers=[])
    opened(rita)
    other = opened(mallory)
    job = plan_for_policy(enterprise, at=NOON, by=None)
    assert work_off() == 1
    job.refresh_from_db()
    assert (job.reason, job.done_count) == ("The policy Enterprise was switched off", 1)
    assert clock(other).state == ClockState.RUNNING


# --- answers and extensions that come before a step is taken ---


def test_b07_a_step_that_was_due_is_not_taken_after_the_answer(rita, agnes, publish):
    publish(FIRST_RESPONSE=240, steps=HALF_WAY_UP)
    ticket = opened(rita, priority="P3_NORMAL")
    look(2.5)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(2.6))
    with at(3):
        take_steps()
    ticket.refresh_from_db()
    assert ticket.priority == "P3_NORMAL"
    run = StepRun.objects.get(event__threshold=50)
    assert (run.state, run.note) == (
        StepState.SUPPRESSED,
        "It was answered, solved or given more time before this was done.",
    )


def test_b08_a_step_of_a_level_that_was_taken_back_is_not_taken(rita, sofia, publish):
    publish(FIRST_RESPONSE=240, steps=HALF_WAY_UP)
    ticket = opened(rita, priority="P3_NORMAL")
    look(2.5)
    with at(2.6):
        publish(FIRST_RESPONSE=2400, steps=HALF_WAY_UP)
        apply_policies(by=sofia)
        work_off()
        take_steps()
    ticket.refresh_from_db()
    assert (ticket.priority, clock(ticket).revision) == ("P3_NORMAL", 1)
    assert StepRun.objects.get().state == StepState.SUPPRESSED


def test_b05_the_step_is_taken_once_the_level_is_passed_again(rita, sofia, publish):
    publish(FIRST_RESPONSE=240, steps=HALF_WAY_UP)
    ticket = opened(rita, priority="P3_NORMAL")
    look(2.5)
    with at(2.6):
        publish(FIRST_RESPONSE=2400, steps=HALF_WAY_UP)
        apply_policies(by=sofia)
        work_off()
    look(20.5)
    with at(20.5):
        take_steps()
    ticket.refresh_from_db()
    assert ticket.priority == "P2_HIGH"
    assert levels(ticket) == [(0, 50), (1, 50)]


# --- the past ---


def test_t06_what_is_older_than_its_promises_is_promised_from_the_job_on(rita, sofia):
    ticket = opened(rita)
    ticket.clocks.all().delete()
    Conversation.objects.all().delete()
    with at(500):
        apply_policies(by=sofia)
        work_off()
        assert not is_breached_at(clock(ticket), now())
    row = clock(ticket)
    assert (row.started_at, row.running_since, row.due_at) == (NOON, after(500), after(504))


def test_t04_what_nobody_was_promised_is_promised_from_the_job_on(mallory, sofia, publish):
    ticket = opened(mallory)
    with at(500):
        publish(FIRST_RESPONSE=240, tiers=[])
        apply_policies(by=sofia)
        work_off()
        assert not is_breached_at(clock(ticket), now())
    assert due(ticket) == 504


def test_b06_of_a_breach_in_the_past_nobody_is_told_at_a_later_level(rita):
    with context.origin(context.Origin(is_backfill=True)), at(8.5):
        ticket = opened(rita, priority="P2_HIGH")  # promised within eight hours
    look(10)
    assert levels(ticket) == [(0, 80), (0, 100), (0, 120)]
    assert not StepRun.objects.filter(ticket=ticket).exists()


def test_b06_of_a_breach_after_the_filling_in_the_leadership_is_told(rita):
    with context.origin(context.Origin(is_backfill=True)), at(7):
        ticket = opened(rita, priority="P2_HIGH")  # 80 % were over at 6.4
    look(8.5)
    assert list(StepRun.objects.filter(ticket=ticket).values_list("event__threshold", flat=True)) == [100]


def test_what_is_filled_in_from_the_past_is_no_lag_of_the_monitor(rita):
    with context.origin(context.Origin(is_backfill=True)):
        opened(rita, hours=-1000)
    assert overdue_seconds(now()) == 0
    monitor_is_well()
    with at(1):
        assert overdue_seconds(now()) == 3600
