"""The monitor: every level once, with its true instant, whoever looks and however late (rules B2 to B9)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from common import context, health, journal
from common.time import now
from sla.keeping import calendars_are_well, monitor_is_well
from sla.models import Clock, ClockEvent, MonitorPass, StepRun, Storm
from sla.services import advance_due, overdue_seconds, run_monitor, take_steps
from sla.vocabulary import Action, ClockState, Metric, StepState
from tickets.services import change_ticket, open_ticket, post_public_reply
from tickets.vocabulary import Channel

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def at(hours: float):
    return time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False)


def opened(requester, *, hours: float = 0, priority="P1_CRITICAL"):
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=requester,
        channel=Channel.WEB,
        priority=priority,
        at=NOON + dt.timedelta(hours=hours),
    )


def told(ticket) -> list[str]:
    return list(journal.timeline(ticket).filter(kind__startswith="sla.").values_list("kind", flat=True))


def levels(ticket, **only) -> list[int]:
    return list(
        ClockEvent.objects.filter(clock__ticket=ticket, **only).order_by("id").values_list("threshold", flat=True)
    )


def test_b02_and_b03_the_breach_is_at_the_deadline_and_the_tick_is_the_detection(rita):
    ticket = opened(rita)
    with at(4):
        run_monitor()
    assert 100 not in levels(ticket)
    with at(4.01):
        run_monitor()
    row = Clock.objects.get(ticket=ticket, metric=Metric.FIRST_RESPONSE)
    assert row.breached_at == NOON + dt.timedelta(hours=4)
    assert row.detected_at == NOON + dt.timedelta(hours=4.01)
    assert "sla.breached" in told(ticket)


def test_b05_looking_twice_tells_once(rita):
    ticket = opened(rita)
    for hours in (3.5, 3.5, 3.6, 4.5, 4.5, 5, 5, 6):
        with at(hours):
            run_monitor()
    assert levels(ticket, clock__metric=Metric.FIRST_RESPONSE) == [80, 100, 120]
    assert told(ticket).count("sla.breached") == 1
    assert StepRun.objects.filter(ticket=ticket).count() == 3


def test_b05_the_database_refuses_a_second_event(rita):
    ticket = opened(rita)
    with at(3.5):
        run_monitor()
    event = ClockEvent.objects.get(clock__ticket=ticket)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockEvent.objects.create(clock=event.clock, revision=0, threshold=80, reached_at=NOON)


def test_b05_what_is_recorded_already_is_not_recorded_again(rita):
    """Even where somebody set the row back by hand."""
    ticket = opened(rita)
    with at(3.5):
        run_monitor()
        Clock.objects.filter(ticket=ticket).update(reached_percent=0, next_step=80, next_action_at=NOON)
        run_monitor()
    assert levels(ticket, clock__metric=Metric.FIRST_RESPONSE) == [80]
    assert StepRun.objects.filter(ticket=ticket).count() == 1


def test_b05_raising_the_priority_by_a_step_tells_nothing_again(rita, publish):
    steps = [{"metric": "FIRST_RESPONSE", "at_percent": 80, "action": Action.RAISE_PRIORITY}]
    publish(FIRST_RESPONSE=240, steps=steps)
    ticket = opened(rita, priority="P3_NORMAL")
    for _ in range(3):
        with at(3.5):
            run_monitor()
            take_steps()
    ticket.refresh_from_db()
    assert ticket.priority == "P2_HIGH"
    assert levels(ticket) == [80]


def test_b06_after_an_outage_only_the_highest_is_told(rita):
    ticket = opened(rita)
    with at(9):
        run_monitor()
    rows = ClockEvent.objects.filter(clock__ticket=ticket, clock__metric=Metric.FIRST_RESPONSE).order_by("id")
    assert [(row.threshold, row.suppressed) for row in rows] == [(80, True), (100, True), (120, False)]
    assert [(row.reached_at - NOON) / dt.timedelta(hours=1) for row in rows] == [3.2, 4, 4.8]
    runs = {run.step.action: run.state for run in StepRun.objects.filter(ticket=ticket).select_related("step")}
    assert runs[Action.NOTIFY_MANAGER] == StepState.SUPPRESSED
    assert runs[Action.ESCALATE_TO_VP_ENGINEERING] == StepState.SUPPRESSED
    assert runs[Action.PAGE_ON_CALL] != StepState.SUPPRESSED


def test_b06_the_highest_with_a_step_is_told_so_that_no_notice_is_lost(rita):
    ticket = opened(rita, priority="P3_NORMAL")  # one step, at 100 %
    with at(40):
        run_monitor()
    assert levels(ticket, suppressed=False) == [100]
    assert StepRun.objects.get(ticket=ticket).state != StepState.SUPPRESSED


def test_b07_an_answer_silences(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=NOON + dt.timedelta(hours=5))
    with at(9):
        run_monitor()
    assert levels(ticket, clock__metric=Metric.FIRST_RESPONSE) == [100]
    assert not StepRun.objects.filter(ticket=ticket).exists()


def test_b09_waiting_clocks_tell_nothing(rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status="PENDING")
    with at(100):
        run_monitor()
    assert levels(ticket, clock__metric=Metric.RESOLUTION) == []


def test_the_past_is_recorded_and_told_to_nobody(rita):
    with context.origin(context.Origin(is_backfill=True)):
        ticket = opened(rita, hours=-100)
    run_monitor()
    assert set(ClockEvent.objects.filter(clock__ticket=ticket).values_list("suppressed", "is_past")) == {(True, True)}
    assert not StepRun.objects.filter(ticket=ticket).exists()
    assert "sla.breached" in told(ticket)


def test_c20_more_than_twenty_at_once_are_a_storm(rita):
    for _ in range(25):
        opened(rita)
    with at(4.1):
        run_monitor()
    storm = Storm.objects.get()
    assert (storm.breach_count, storm.ended_at) == (25, None)
    runs = StepRun.objects.filter(event__threshold=100)
    assert {run.state for run in runs} == {StepState.SUPPRESSED}
    assert {run.storm_id for run in runs} == {storm.pk}
    with at(4.5):
        run_monitor()
    storm.refresh_from_db()
    assert storm.ended_at == NOON + dt.timedelta(hours=4.5)


def test_c20_twenty_are_none(rita):
    for _ in range(20):
        opened(rita)
    with at(4.1):
        run_monitor()
    assert not Storm.objects.exists()


def test_c20_a_storm_grows_and_holds_back_pages_too(rita):
    for _ in range(21):
        opened(rita)
    with at(4.9):  # all at once: 80, 100 and 120 %
        run_monitor()
    late = opened(rita, hours=0.85)
    with at(4.95):
        run_monitor()
    assert Storm.objects.get().breach_count == 22
    assert set(StepRun.objects.filter(ticket=late).values_list("state", flat=True)) == {StepState.SUPPRESSED}
    assert not StepRun.objects.filter(step__action=Action.PAGE_ON_CALL, state=StepState.DONE).exists()


def test_a_pass_is_bounded_in_batches_and_reported(rita):
    for _ in range(5):
        opened(rita)
    with at(3.5):
        assert advance_due(2)[:2] == (2, 2)
        seen = run_monitor(batch=2)
    assert (seen.clock_count, seen.event_count, seen.is_complete) == (3, 3, True)
    assert seen.lag_seconds == pytest.approx(0.3 * 3600, abs=1)
    assert MonitorPass.objects.get().finished_at is not None


def test_nothing_due_touches_nothing(rita, django_assert_num_queries):
    opened(rita)
    with django_assert_num_queries(3):  # one, between a savepoint and its release
        assert advance_due() == (0, 0, 0.0)


def test_steps_that_change_the_ticket_are_taken_under_its_lock(rita, bruno, publish):
    beta = bruno.teams.get()
    steps = [
        {"metric": "FIRST_RESPONSE", "at_percent": 50, "action": Action.REASSIGN, "team": beta, "person": bruno},
        {"metric": "FIRST_RESPONSE", "at_percent": 60, "action": Action.RAISE_PRIORITY, "priority": "P1_CRITICAL"},
    ]
    publish(FIRST_RESPONSE=240, steps=steps)
    ticket = opened(rita)
    with at(3):
        run_monitor()
        assert take_steps() == 2
        assert take_steps() == 0
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee) == (beta, bruno)
    notes = StepRun.objects.filter(ticket=ticket).order_by("id").values_list("state", "note")
    assert list(notes) == [
        (StepState.DONE, "Handed to Beta and Bruno Costa."),
        (StepState.DONE, "It has the highest priority already."),
    ]


def test_a_step_that_the_ticket_refuses_says_why(rita, bruno, publish):
    publish(
        FIRST_RESPONSE=240,
        steps=[{"metric": "FIRST_RESPONSE", "at_percent": 50, "action": Action.REASSIGN, "person": bruno}],
    )
    ticket = opened(rita)
    bruno.groups.clear()
    with at(3):
        run_monitor()
        take_steps()
    run = StepRun.objects.get(ticket=ticket)
    assert (run.state, run.note) == (StepState.NOT_DELIVERED, "Bruno Costa does not work on tickets.")


def test_health_knows_a_monitor_that_lags_and_a_calendar_that_is_empty(rita):
    ticket = opened(rita)
    monitor_is_well()
    calendars_are_well()
    with at(10):
        assert overdue_seconds(now()) > 300
        with pytest.raises(RuntimeError):
            monitor_is_well()
    Clock.objects.filter(ticket=ticket).update(state=ClockState.ERROR, running_since=None, next_action_at=None)
    with pytest.raises(RuntimeError):
        calendars_are_well()
    assert {"sla_monitor", "sla_calendars"} <= set(health.check())


def test_the_command_runs_one_pass(rita, capsys):
    from django.core.management import call_command

    opened(rita)
    with at(3.5):
        call_command("sla_monitor")
    assert "1 clock" in capsys.readouterr().out
