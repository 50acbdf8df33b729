"""Policies and calendars: drafts, versions, and what a change does to clocks that run (rules C12, T1, T6 to T8)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from common.actors import SYSTEM
from common.errors import Conflict, Invalid, NotAllowed
from common.journal import Event
from sla import library
from sla.models import BusinessCalendar, CalendarVersion, Clock, PolicyVersion, Recalculation, Rulebook, SlaPolicy
from sla.services import (
    apply_policies,
    change_policy,
    create_calendar,
    create_policy,
    discard_draft,
    draft_calendar,
    draft_policy,
    move_policy,
    plan_for_calendar,
    plan_for_zones,
    publish_calendar,
    publish_policy,
    work_off,
)
from sla.vocabulary import Action, ClockState, Metric
from tickets.services import change_ticket, open_ticket
from tickets.vocabulary import Channel

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)
HOUR = 3_600_000_000
OFFICE = {"tz": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
CLOSED_TUESDAY = {**OFFICE, "special_days": [{"date": "2026-02-10", "hours": [], "name": "Anniversary"}]}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def at(hours: float):
    return time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False)


def opened(requester, priority="P1_CRITICAL"):
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=requester,
        channel=Channel.WEB,
        priority=priority,
    )


def clock(ticket, metric=Metric.FIRST_RESPONSE) -> Clock:
    return Clock.objects.get(ticket=ticket, metric=metric)


def due(ticket, metric=Metric.FIRST_RESPONSE) -> float:
    """Return in how many hours from noon the ticket is due."""
    return (clock(ticket, metric).due_at - NOON) / dt.timedelta(hours=1)


@pytest.fixture
def office(db) -> BusinessCalendar:
    calendar = create_calendar(name="Office", hours=OFFICE, by=SYSTEM)
    publish_calendar(calendar.versions.get(), by=SYSTEM)
    return calendar


def office_policy(publish):
    return publish(calendar="Office", FIRST_RESPONSE=480, RESOLUTION=960)


# --- calendars ---


def test_a_calendar_begins_as_a_draft_and_is_published_as_version_one(office):
    version = office.versions.get()
    assert (version.number, version.effective_from) == (1, NOON)
    assert version.weekly == OFFICE["weekly"]
    assert Event.objects.filter(kind="sla.calendar_published").latest("id").data["version"] == 1


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"tz": "UTC", "weekly": {}}, "weekly"),
        ({"tz": "UTC", "weekly": {"mon": [["22:00", "06:00"]]}}, "weekly"),
        ({"tz": "Mars/Olympus", "weekly": OFFICE["weekly"]}, "time_zone"),
        ({**OFFICE, "special_days": [{"date": "2026-02-30", "hours": []}]}, "special_days"),
    ],
)
def test_c12_hours_that_nobody_could_keep_are_refused_when_saved(db, hours, field):
    with pytest.raises(Invalid) as refused:
        create_calendar(name="Odd", hours=hours, by=SYSTEM)
    assert refused.value.field == field
    assert not BusinessCalendar.objects.filter(name="Odd").exists()


def test_c12_a_calendar_that_ran_out_leaves_the_ticket_and_says_so(rita, office, publish):
    office_policy(publish)
    CalendarVersion.objects.filter(calendar=office).update(
        weekly={}, special_days=[{"date": "2026-02-10", "hours": [["09:00", "10:00"]]}]
    )
    library.forget()
    ticket = opened(rita)
    row = clock(ticket)
    assert (row.state, row.due_at, row.next_action_at) == (ClockState.ERROR, None, None)
    draft = draft_calendar(office, hours=OFFICE, by=SYSTEM)
    publish_calendar(draft, by=SYSTEM)
    work_off()
    assert clock(ticket).state == ClockState.RUNNING


def test_t07_a_new_calendar_counts_from_now_and_the_past_stays(rita, office, publish):
    office_policy(publish)
    ticket = opened(rita)
    assert due(ticket) == 24 - 3 + 3  # five hours of Monday, three of Tuesday
    with at(2):
        publish_calendar(draft_calendar(office, hours=CLOSED_TUESDAY, by=SYSTEM), by=SYSTEM)
    with at(3):
        assert work_off() == 1
    assert due(ticket) == 48
    assert clock(ticket).banked_us == 2 * HOUR
    job = Recalculation.objects.latest("id")
    assert (job.done_count, job.changed_count) == (1, 1)
    assert Event.objects.filter(kind="sla.recalculated").exists()


def test_t07_paused_clocks_use_it_when_they_run_again(rita, agnes, office, publish):
    office_policy(publish)
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status="PENDING")
    publish_calendar(draft_calendar(office, hours=CLOSED_TUESDAY, by=SYSTEM), by=SYSTEM)
    work_off()
    assert clock(ticket, Metric.RESOLUTION).state == ClockState.PAUSED
    with at(1):
        change_ticket(ticket, by=agnes, status="OPEN")
    assert due(ticket, Metric.RESOLUTION) == 72 + 1


def test_t07_a_recorded_breach_and_the_revision_stay(rita, office, publish):
    office_policy(publish)
    ticket = opened(rita)
    with at(30):
        publish_calendar(draft_calendar(office, hours=CLOSED_TUESDAY, by=SYSTEM), by=SYSTEM)
        work_off()
    row = clock(ticket)
    assert (row.breached_at - NOON) / dt.timedelta(hours=1) == 24
    assert row.revision == 0


def test_a_draft_is_replaced_and_discarded_and_a_version_is_not(office):
    first = draft_calendar(office, hours=CLOSED_TUESDAY, by=SYSTEM)
    second = draft_calendar(office, hours=OFFICE, by=SYSTEM, note="Back again")
    assert list(office.versions.filter(number=None)) == [second]
    assert not CalendarVersion.objects.filter(pk=first.pk).exists()
    discard_draft(second, by=SYSTEM)
    with pytest.raises(Conflict):
        discard_draft(office.versions.get(), by=SYSTEM)


def test_a_calendar_needs_a_name_of_its_own(office):
    with pytest.raises(Invalid):
        create_calendar(name="Office", hours=OFFICE, by=SYSTEM)


def test_t08_new_rules_of_a_zone_are_a_job_too(rita):
    ticket = opened(rita)
    before = due(ticket)
    plan_for_zones(["America/Vancouver"])
    with at(1):
        assert work_off() == 1
    assert due(ticket) == before
    assert clock(ticket).banked_us == 0  # counted from the instant at which the job was planned


# --- policies ---


def test_t01_positions_are_unique_and_moving_changes_places(db):
    enterprise, professional = SlaPolicy.objects.order_by("position")
    move_policy(professional, up=True, by=SYSTEM)
    assert list(SlaPolicy.objects.order_by("position")) == [professional, enterprise]
    move_policy(professional, up=True, by=SYSTEM)  # nothing is before it
    with pytest.raises(Invalid):
        change_policy(professional, by=SYSTEM, position=SlaPolicy.objects.get(pk=enterprise.pk).position)


def test_t01_a_policy_before_all_others_decides_for_its_tag(rita, office, publish):
    vip = create_policy(name="VIP", by=SYSTEM)
    targets = [{"priority": "P1_CRITICAL", "metric": "FIRST_RESPONSE", "minutes": 30, "calendar": office}]
    publish_policy(draft_policy(vip, targets=targets, steps=[], tags=["vip"], by=SYSTEM), by=SYSTEM)
    for _ in range(2):
        move_policy(vip, up=True, by=SYSTEM)
    ticket = opened(rita)
    assert due(ticket) == 4
    change_ticket(ticket, by=SYSTEM, tags=["vip"])
    assert due(ticket) == 0.5
    assert clock(ticket, Metric.RESOLUTION).state == ClockState.INACTIVE  # that policy promises no solution


def test_t06_an_edit_is_a_new_version_and_running_clocks_keep_theirs(rita, agnes, publish):
    ticket = opened(rita)
    publish(FIRST_RESPONSE=60, RESOLUTION=600)
    assert due(ticket) == 4
    assert due(opened(rita)) == 1
    change_ticket(ticket, by=agnes, priority="P2_HIGH")  # the next event of rules T2 and T3 takes the version in force
    assert due(ticket) == 1


def test_t06_policies_are_applied_to_open_tickets_by_a_job_that_somebody_asks_for(rita, sofia, agnes, publish):
    ticket = opened(rita)
    publish(FIRST_RESPONSE=60, RESOLUTION=600)
    with pytest.raises(NotAllowed):
        apply_policies(by=agnes)
    job = apply_policies(by=sofia)
    work_off()
    job.refresh_from_db()
    assert (job.done_count, job.changed_count) == (1, 1)
    assert due(ticket) == 1


def test_a_job_goes_on_where_it_was_interrupted(rita, sofia, publish, monkeypatch):
    tickets = [opened(rita) for _ in range(5)]
    publish(FIRST_RESPONSE=60)
    job = apply_policies(by=sofia)
    monkeypatch.setattr("sla.services.recalculation.BATCH", 2)
    from sla.services import recalculation

    claimed = Recalculation.objects.get(pk=job.pk)
    recalculation._work_off_batch(claimed)  # and here the worker dies
    assert [due(ticket) for ticket in tickets] == [1, 1, 4, 4, 4]
    with at(0.1):  # after the lease of the dead worker
        assert work_off() == 3
    assert [due(ticket) for ticket in tickets] == [1] * 5


def test_a_version_can_begin_later(rita, publish):
    publish(FIRST_RESPONSE=60, effective_from=NOON + dt.timedelta(hours=5))
    assert due(opened(rita)) == 4
    with at(6):
        assert due(opened(rita)) == 7


@pytest.mark.parametrize(
    "broken",
    [
        {"targets": [{"priority": "P9", "metric": "RESOLUTION", "minutes": 5}]},
        {"targets": [{"priority": "P1_CRITICAL", "metric": "RESOLUTION", "minutes": 0}]},
        {"targets": [{"priority": "P1_CRITICAL", "metric": "RESOLUTION", "minutes": 5}] * 2},
        {"steps": [{"metric": "RESOLUTION", "at_percent": 100, "action": "SHOUT"}]},
        {"steps": [{"metric": "RESOLUTION", "at_percent": 0, "action": Action.NOTIFY_TEAM}]},
        {"steps": [{"metric": "RESOLUTION", "at_percent": 100, "action": Action.REASSIGN}]},
        {"steps": [{"metric": "RESOLUTION", "at_percent": 9, "action": Action.NOTIFY_TEAM, "priority": "P9"}]},
        {"thresholds": [0]},
        {"pause_statuses": ["SOLVED"]},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(office, broken):
    policy = SlaPolicy.objects.get(name="Enterprise")
    targets = [row | {"calendar": office} for row in broken.pop("targets", [])]
    with pytest.raises(Invalid):
        draft_policy(policy, targets=targets, steps=broken.pop("steps", []), by=SYSTEM, **broken)


def test_a_policy_on_an_unpublished_calendar_waits(db):
    calendar = create_calendar(name="Coming", hours=OFFICE, by=SYSTEM)
    targets = [{"priority": "P1_CRITICAL", "metric": "RESOLUTION", "minutes": 5, "calendar": calendar}]
    draft = draft_policy(SlaPolicy.objects.get(name="Enterprise"), targets=targets, steps=[], by=SYSTEM)
    with pytest.raises(Conflict):
        publish_policy(draft, by=SYSTEM)


def test_a_switched_off_policy_promises_nothing_more(rita, sofia):
    policy = SlaPolicy.objects.get(name="Enterprise")
    change_policy(policy, by=sofia, is_active=False)
    assert not Clock.objects.filter(ticket=opened(rita)).exists()
    data = Event.objects.filter(kind="sla.policy_changed").latest("id").data
    assert data["changes"]["is_active"] == {"from": True, "to": False}


def test_publishing_is_for_supervisors_and_counted(db, agnes, sofia, office):
    policy = SlaPolicy.objects.get(name="Enterprise")
    generation = Rulebook.objects.get().generation
    for deed in (
        lambda by: draft_policy(policy, targets=[], steps=[], by=by),
        lambda by: publish_policy(draft_policy(policy, targets=[], steps=[], by=SYSTEM), by=by),
        lambda by: create_policy(name="Mine", by=by),
        lambda by: draft_calendar(office, hours=OFFICE, by=by),
    ):
        with pytest.raises(NotAllowed):
            deed(agnes)
        deed(sofia)
    assert Rulebook.objects.get().generation != generation  # one was published
    assert PolicyVersion.objects.filter(policy=policy).latest("number").created_by is None


def test_the_seeded_policies_are_those_of_the_tiers(db):
    policies = {one.name: one for one in library.policies_at(NOON)}
    professional = policies["Professional"].terms
    assert {p: terms["FIRST_RESPONSE"].target_us // HOUR for p, terms in professional.items()} == {
        "P1_CRITICAL": 8,
        "P2_HIGH": 24,
        "P3_NORMAL": 48,
        "P4_LOW": 48,
    }
    assert {p: terms["RESOLUTION"].target_us // HOUR for p, terms in professional.items()} == {
        "P1_CRITICAL": 16,
        "P2_HIGH": 40,
        "P3_NORMAL": 80,
        "P4_LOW": 80,
    }
    enterprise = policies["Enterprise"].terms
    assert [terms["RESOLUTION"].target_us // HOUR for _, terms in sorted(enterprise.items())] == [24, 72, 168, 336]
    assert enterprise["P1_CRITICAL"]["FIRST_RESPONSE"].calendar.timetable.hours.zone_name == "UTC"
    assert professional["P1_CRITICAL"]["FIRST_RESPONSE"].calendar.timetable.hours.zone_name == "America/New_York"
    assert plan_for_calendar.__doc__
