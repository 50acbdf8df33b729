"""A fault in one ticket, clock, calendar or zone keeps nothing from all the others (B3, C12, T7, T8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine

from common import journal
from sla import library
from sla.keeping import calendars_are_well
from sla.models import BusinessCalendar, CalendarVersion, Clock, Recalculation, SlaTarget, StepRun, ZoneRules
from sla.rules.hours import WEEKDAYS
from sla.services import apply_policies, check_zones, take_steps, work_off
from sla.tasks import run_monitor as monitor_task
from sla.tests.live import (
    NOON,
    WHOLE_DAY,
    after,
    around_the_clock,
    at,
    clock,
    due,
    levels,
    look,
    opened,
    publish_hours,
)
from sla.vocabulary import Action, ClockState, StepState
from tickets.models import Ticket

GONE = "US/Pacific-New"  # a zone that older data had
HALF_WAY_UP = [{"metric": "FIRST_RESPONSE", "at_percent": 50, "action": Action.RAISE_PRIORITY}]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


@contextmanager
def fault(ticket: Ticket, kind: str) -> Iterator[None]:
    """Let a subscriber to that kind of event fail, for this ticket only, until it is mended."""

    def fail(event: journal.Event) -> None:
        if event.subject_id == ticket.pk:
            raise RuntimeError("a fault that this ticket brings out")

    subscribers = journal._subscribers[kind]
    subscribers.append(fail)
    try:
        yield
    finally:
        subscribers.remove(fail)


@pytest.fixture
def unreadable(db) -> CalendarVersion:
    """A published calendar in a zone that the shipped data no longer has."""
    calendar = BusinessCalendar.objects.create(name="Old zone")
    version = CalendarVersion.objects.create(
        calendar=calendar,
        number=1,
        effective_from=NOON - dt.timedelta(days=1),
        time_zone=GONE,
        weekly=dict.fromkeys(WEEKDAYS, WHOLE_DAY),
    )
    library.forget()
    return version


# --- the monitor ---


def test_a_ticket_that_brings_out_a_fault_keeps_the_monitor_from_no_other(rita):
    bad = opened(rita)
    good = opened(rita, hours=0.5)
    with fault(bad, "sla.warning_reached"):
        seen = look(3.9)
    assert levels(good) == [(0, 80)]
    assert levels(bad) == []
    assert (seen.event_count, seen.is_complete) == (1, True)


def test_b03_a_clock_that_fails_keeps_its_true_instant_for_the_next_pass(rita):
    ticket = opened(rita)
    warned_at = clock(ticket).next_action_at
    with fault(ticket, "sla.warning_reached"):
        assert look(3.9).clock_count == 0
    assert clock(ticket).next_action_at == warned_at
    with at(5):
        monitor_task()
    assert levels(ticket) == [(0, 80), (0, 100), (0, 120)]
    assert clock(ticket).breached_at == after(4)


def test_a_clock_whose_row_of_the_policy_is_gone_passes_nothing_and_keeps_no_other(rita):
    bad = opened(rita)
    good = opened(rita, hours=1, priority="P2_HIGH")
    SlaTarget.objects.filter(priority="P1_CRITICAL").delete()
    library.forget()
    assert look(20).is_complete
    assert levels(bad) == []
    assert clock(bad).next_action_at is None
    assert levels(good) == [(0, 80), (0, 100), (0, 120)]


# --- steps ---


def test_a_step_that_fails_keeps_no_other_and_is_tried_again_after_its_lease(rita, publish):
    publish(FIRST_RESPONSE=240, steps=HALF_WAY_UP)
    bad = opened(rita, priority="P3_NORMAL")
    good = opened(rita, priority="P3_NORMAL")
    look(2.5)
    with at(2.5), fault(bad, "sla.step_taken"):
        take_steps()
    states = dict(StepRun.objects.values_list("ticket", "state"))
    assert states == {bad.pk: StepState.DUE, good.pk: StepState.DONE}
    with at(2.6):
        assert take_steps() == 1
    bad.refresh_from_db()
    assert bad.priority == "P2_HIGH"


def test_a_step_whose_team_is_gone_says_so(rita, bruno, publish):
    beta = bruno.teams.get()
    publish(
        FIRST_RESPONSE=240,
        steps=[{"metric": "FIRST_RESPONSE", "at_percent": 50, "action": Action.REASSIGN, "team": beta}],
    )
    opened(rita)
    beta.delete()
    look(2.5)
    with at(3):
        take_steps()
    run = StepRun.objects.get(event__threshold=50)
    assert (run.state, run.note) == (StepState.NOT_DELIVERED, "The team or person of the step is gone.")


# --- jobs ---


def test_t06_a_ticket_that_brings_out_a_fault_is_counted_and_the_job_takes_all_others(rita, sofia, publish):
    bad = opened(rita)
    good = opened(rita)
    look(5)
    with at(6):
        publish(FIRST_RESPONSE=600)
        job = apply_policies(by=sofia)
        with fault(bad, "sla.breach_withdrawn"):
            assert work_off() == 2
    job.refresh_from_db()
    assert (job.done_count, job.changed_count, job.failed_count) == (2, 1, 1)
    assert job.finished_at is not None
    assert (due(good), clock(good).breached_at) == (10, None)
    assert (due(bad), clock(bad).breached_at) == (4, after(4))


def test_t07_a_clock_whose_row_of_the_policy_is_gone_keeps_no_other_from_the_new_calendar(rita):
    bad = opened(rita, priority="P2_HIGH")
    good = opened(rita)
    with at(1):
        latest = publish_hours(around_the_clock(**{"2027-01-01": []}))
        SlaTarget.objects.filter(priority="P2_HIGH").delete()
        library.forget()
        work_off()
    assert clock(good).calendar_version == latest
    assert clock(bad).calendar_version.number == 1
    assert not Recalculation.objects.filter(finished_at=None).exists()


def test_t07_what_was_left_under_an_old_calendar_is_taken_by_a_job_at_most_once_an_hour(rita):
    ticket = opened(rita)
    first = clock(ticket).calendar_version
    with at(1):
        latest = publish_hours(around_the_clock(**{"2027-01-01": []}))
        assert work_off() == 1
    Clock.objects.filter(ticket=ticket).update(calendar_version=first)  # as one that was being written meanwhile
    with at(1.5):
        assert work_off() == 0
    with at(2.1):
        assert work_off() == 1
    assert clock(ticket).calendar_version == latest
    with at(3.5):
        assert work_off() == 0  # nothing is left behind
    assert Recalculation.objects.count() == 2


# --- calendars and zones ---


def test_c12_a_calendar_that_cannot_be_read_stops_no_ticket_that_is_counted_in_another(rita, unreadable):
    assert due(opened(rita)) == 4


def test_c12_a_clock_in_a_calendar_that_cannot_be_read_says_so_and_health_does(rita, unreadable, publish):
    publish(calendar="Old zone", FIRST_RESPONSE=240)
    ticket = opened(rita)
    row = clock(ticket)
    assert (row.state, row.due_at) == (ClockState.ERROR, None)
    with pytest.raises(RuntimeError, match="no working time"):
        calendars_are_well()
    publish_hours(around_the_clock(), name="Old zone")
    with at(1):
        work_off()
    assert clock(ticket).state == ClockState.RUNNING


def test_t08_a_zone_that_is_not_shipped_keeps_the_monitor_from_nothing(rita, unreadable):
    ticket = opened(rita)
    with at(5):
        monitor_task()
    assert levels(ticket) == [(0, 80), (0, 100), (0, 120)]


def test_t08_a_zone_that_is_not_shipped_keeps_no_other_from_being_looked_at(unreadable, monkeypatch):
    check_zones()
    assert not ZoneRules.objects.filter(zone_name=GONE).exists()
    ZoneRules.objects.filter(zone_name="America/New_York").update(fingerprint="what it was before")
    monkeypatch.setattr("sla.services.zones.version", lambda name: "2099.1")
    assert check_zones() == ["America/New_York"]


def test_t08_an_older_release_beside_a_newer_one_plans_nothing_again_and_again(db, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr("sla.services.zones.version", lambda name: "2099.1")
        check_zones()
    ZoneRules.objects.filter(zone_name="America/New_York").update(fingerprint="what the newer one has")
    assert check_zones() == []
    assert not Recalculation.objects.exists()
