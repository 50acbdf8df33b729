"""Storms, and what becomes of a step (decision C20)."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from common.journal import Event
from common.time import now
from sla.models import ClockEvent, EscalationStep, StepRun, Storm
from sla.services import end_storm, note_outcome, read_weather
from sla.services.escalation import due_steps, runs_of
from sla.vocabulary import StepState
from tickets.models import Ticket


def test_fair_weather(db, settings):
    weather = read_weather(now(), coming=settings.PORTAL_STORM_BREACHES)
    assert (weather.recent, weather.storm) == (20, None)


def test_one_storm_begins_and_is_told_once(db):
    first = read_weather(now(), coming=21)
    second = read_weather(now(), coming=5)
    assert first.storm == second.storm
    assert Event.objects.filter(kind="sla.storm_began").count() == 1
    first.storm.refresh_from_db()
    assert first.storm.breach_count == 26


def test_two_monitors_that_see_it_begin_write_one(db, monkeypatch):
    Storm.objects.create()
    # The other monitor's storm is not there yet when this one looks, and is when it writes.
    monkeypatch.setattr("sla.services.storms._present", lambda: None)
    assert read_weather(now(), coming=30).storm == Storm.objects.get()
    assert not Event.objects.filter(kind="sla.storm_began").exists()


def test_a_second_open_storm_is_refused_by_the_database(db):
    Storm.objects.create()
    try:
        with transaction.atomic():
            Storm.objects.create()
    except IntegrityError:
        return
    raise AssertionError("two storms are on")


def test_a_storm_ends_when_it_calms_down(db):
    read_weather(now(), coming=21)
    assert end_storm(now()).ended_at is not None
    assert end_storm(now()) is None
    assert Event.objects.filter(kind="sla.storm_ended").count() == 1


def test_what_became_of_a_step_is_kept(ticket: Ticket):
    clock = ticket.clocks.first()
    event = ClockEvent.objects.create(clock=clock, revision=0, threshold=80, reached_at=now())
    step = EscalationStep.objects.filter(version=clock.policy_version).first()
    due_steps(list(runs_of(event, [step], ticket=ticket, is_told=False, weather=read_weather(now(), coming=0))))
    run = StepRun.objects.get()
    assert run.state == StepState.SUPPRESSED
    note_outcome(run, StepState.DONE, "x" * 500)
    run.refresh_from_db()
    assert (run.state, len(run.note)) == (StepState.DONE, 300)
    assert run.done_at is not None
