"""Whom each escalation step reaches, and what is noted of it."""

import pytest
import structlog

from accounts.models import Team
from accounts.services import go_away
from common import context
from common.journal import Event
from integrations import escalations, registry
from integrations.registry import Kind, Sent
from integrations.tests.notices import (
    ADDRESSES,
    HOUR,
    MANAGER,
    OPENED,
    come_due,
    reached,
    readings,
    sent,
    stopped_clock,
    storm_begins,
    ticket_after,
)
from sla.events import STEP_DUE, STORM_BEGAN
from sla.models import StepRun
from sla.vocabulary import TICKET_ACTIONS, Action, StepState
from tickets import services as tickets


@pytest.fixture(autouse=True)
def addresses_of_roles(settings):
    settings.PORTAL_ROLE_ADDRESSES = ADDRESSES


@pytest.fixture
def clock(monkeypatch):
    with stopped_clock(monkeypatch) as clock:
        yield clock


@pytest.fixture
def late(clock, rita, agnes):
    """A ticket of team Alpha that nobody has answered, twelve hours after it was due."""
    return ticket_after(clock, rita, agnes, hours=60)


@pytest.mark.parametrize(
    ("action", "address"),
    [
        (Action.NOTIFY_MANAGER, MANAGER),
        (Action.ESCALATE_TO_DIRECTOR, ADDRESSES["director"]),
        (Action.ESCALATE_TO_VP_ENGINEERING, ADDRESSES["vp_engineering"]),
    ],
)
def test_a_role_is_mailed_at_its_address(late, action, address):
    run = come_due(late, action)
    assert reached() == [address]
    assert (run.state, run.note) == (StepState.DONE, f"Mailed to {address}.")
    assert run.done_at == OPENED + 60 * HOUR


def test_the_assignee_is_mailed(late, agnes):
    tickets.change_ticket(late, by=agnes, assignee=agnes)
    run = come_due(late, Action.NOTIFY_ASSIGNEE)
    assert reached() == [agnes.email]
    assert (run.state, run.note) == (StepState.DONE, "Mailed to Agnes Moreau.")


def test_nobody_assigned_reaches_the_team(late, agnes):
    run = come_due(late, Action.NOTIFY_ASSIGNEE)
    assert reached() == [agnes.email]
    assert (run.state, run.note) == (StepState.NOT_DELIVERED, "Nobody is assigned. Mailed to team Alpha instead.")


def test_an_assignee_who_left_is_not_mailed(late, agnes, bruno):
    tickets.change_ticket(late, by=agnes, assignee=bruno)
    bruno.is_active = False
    bruno.save(update_fields=["is_active"])
    run = come_due(late, Action.NOTIFY_ASSIGNEE)
    assert reached() == [agnes.email]
    assert run.note == "Bruno Costa, who is assigned, is not active. Mailed to team Alpha instead."


def test_who_stands_in_for_an_assignee_who_is_away_is_mailed(late, agnes, bruno):
    tickets.change_ticket(late, by=agnes, assignee=agnes)
    go_away(agnes, stand_in=bruno, by=agnes)
    run = come_due(late, Action.NOTIFY_ASSIGNEE)
    assert reached() == [bruno.email]
    assert (run.state, run.note) == (StepState.DONE, "Mailed to Bruno Costa, who stands in for Agnes Moreau.")


def test_an_assignee_who_is_away_without_a_stand_in_leaves_it_to_the_team(late, agnes, bruno):
    tickets.change_ticket(late, by=agnes, assignee=bruno)
    go_away(bruno, by=bruno)
    run = come_due(late, Action.NOTIFY_ASSIGNEE)
    assert reached() == [agnes.email]
    assert run.note == "Bruno Costa, who is assigned, is away and nobody stands in. Mailed to team Alpha instead."


def test_nobody_assigned_and_no_team_reaches_the_manager(late, agnes):
    tickets.change_ticket(late, by=agnes, team=None)
    run = come_due(late, Action.NOTIFY_ASSIGNEE)
    assert reached() == [MANAGER]
    assert run.note == f"Nobody is assigned. No team has the ticket. Mailed to {MANAGER} instead."


def test_the_tickets_team_is_mailed_each_once(late, agnes, bruno, ada):
    agnes.teams.get().members.add(bruno, ada)
    tickets.change_ticket(late, by=agnes, assignee=agnes)
    run = come_due(late, Action.NOTIFY_TEAM)
    assert reached() == sorted([agnes.email, bruno.email, ada.email])
    assert (run.state, run.note) == (StepState.DONE, "Mailed to team Alpha.")


def test_the_steps_own_team_goes_before_the_tickets(late, bruno):
    run = come_due(late, Action.NOTIFY_TEAM, team=bruno.teams.get())
    assert reached() == [bruno.email]
    assert run.note == "Mailed to team Beta."


def test_a_team_without_staff_at_work_is_nobody(late, agnes, otto):
    agnes.is_active = False
    agnes.save(update_fields=["is_active"])
    Team.objects.get(name="Alpha").members.add(otto)  # a customer gets no notice, whatever list names them
    run = come_due(late, Action.NOTIFY_TEAM)
    assert reached() == [MANAGER]
    assert run.state == StepState.NOT_DELIVERED
    assert run.note == f"Team Alpha has no active members. Mailed to {MANAGER} instead."


@pytest.mark.parametrize(
    ("action", "why", "address"),
    [
        (Action.POST_TO_SLACK, "Slack is not connected.", MANAGER),
        (Action.PAGE_ON_CALL, "Paging is not connected.", ADDRESSES["on_call"]),
    ],
)
def test_what_is_not_connected_comes_by_mail(late, action, why, address):
    run = come_due(late, action)
    assert reached() == [address]
    assert (run.state, run.note) == (StepState.NOT_DELIVERED, f"{why} Mailed to {address} instead.")
    (message,) = sent()
    for words in readings(message):
        assert f"{why} That is why this mail comes to you." in words


@pytest.fixture
def slack(monkeypatch):
    """A kind of integration by the name of slack."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    made = []

    def send(delivery):
        made.append((delivery.template, delivery.destination, delivery.event.data["run"]))
        return Sent()

    registry.register(Kind("slack", "Slack", send))
    return made


def test_what_is_connected_gets_it_in_its_channel(late, slack, settings):
    settings.PORTAL_ESCALATION_CHANNELS = {"slack": "#sla"}
    run = come_due(late, Action.POST_TO_SLACK)
    assert (run.state, run.note) == (StepState.DONE, "Sent to Slack.")
    assert sent() == []
    assert slack == [("sla_escalation", "#sla", run.pk)]


def test_what_is_connected_without_a_channel_comes_by_mail(late, slack, settings):
    settings.PORTAL_ESCALATION_CHANNELS = {}
    run = come_due(late, Action.POST_TO_SLACK)
    assert reached() == [MANAGER]
    assert run.note == f"No channel is set for Slack. Mailed to {MANAGER} instead."


def test_a_role_without_an_address_reaches_the_manager(late, settings):
    settings.PORTAL_ROLE_ADDRESSES = {"manager": MANAGER, "director": ""}
    run = come_due(late, Action.ESCALATE_TO_DIRECTOR)
    assert reached() == [MANAGER]
    assert run.state == StepState.NOT_DELIVERED
    assert run.note == f"No address is set for the director. Mailed to {MANAGER} instead."


def test_without_any_address_it_says_that_nobody_was_told(late, settings):
    settings.PORTAL_ROLE_ADDRESSES = {}
    run = come_due(late, Action.NOTIFY_MANAGER)
    assert reached() == []
    assert (run.state, run.note) == (
        StepState.NOT_DELIVERED,
        "No address is set for the manager. Nobody was told.",
    )


def test_every_action_that_tells_somebody_has_a_ladder():
    assert set(escalations.LADDERS) == set(Action) - set(TICKET_ACTIONS)


def test_told_twice_it_is_done_once(late):
    run = come_due(late, Action.NOTIFY_MANAGER)
    escalations.escalate(Event.objects.get(kind=STEP_DUE.name))
    assert reached() == [MANAGER]
    StepRun.objects.update(state=StepState.DUE)  # even if the run forgot, the outbox knows
    escalations.escalate(Event.objects.get(kind=STEP_DUE.name))
    assert reached() == [MANAGER]
    run.refresh_from_db()
    assert run.state == StepState.DONE


def test_the_past_is_told_to_nobody(late):
    with context.origin(context.Origin(is_backfill=True)):
        run = come_due(late, Action.NOTIFY_MANAGER)
    assert reached() == []
    assert run.state == StepState.SUPPRESSED
    assert run.note


def test_a_storm_is_told_once_and_to_the_leadership(db):
    storm_begins()
    escalations.tell_of_storm(Event.objects.get(kind=STORM_BEGAN.name))
    assert reached() == [ADDRESSES["leadership"]]


def test_without_any_address_a_storm_is_in_the_log(db, settings):
    settings.PORTAL_ROLE_ADDRESSES = {}
    with structlog.testing.capture_logs() as lines:
        storm = storm_begins()
    assert reached() == []
    assert {"event": "storm_has_no_reader", "storm": storm.pk, "log_level": "warning"} in lines


def test_a_storm_in_the_past_is_told_to_nobody(db):
    with context.origin(context.Origin(is_backfill=True)):
        storm_begins()
    assert reached() == []
