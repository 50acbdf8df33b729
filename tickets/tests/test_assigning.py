"""Giving tickets to agents: the service, new tickets, and what the journal says."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import ProductArea, Role, Strategy, Team
from accounts.services import create_user, go_away, set_role
from common import context, journal
from common.actors import SYSTEM
from common.errors import Conflict, Invalid, NotAllowed
from common.time import now
from tickets import services
from tickets.assignment.candidates import candidates_for
from tickets.models import AssignmentTurn, AssignmentWish, Ticket
from tickets.tasks import assign_wanted
from tickets.vocabulary import Channel, Status


@pytest.fixture
def area(db):
    return ProductArea.objects.get(key="LINEAGE")


@pytest.fixture
def skilled(agnes, bruno, area):
    """Both know lineage."""
    for person in (agnes, bruno):
        person.skills.set(area.skills.all())
    return agnes, bruno


def open_one(rita, subject="Another matter", **fields):
    return services.open_ticket(
        subject=subject, description="More.", requester=rita, by=rita, channel=Channel.WEB, **fields
    )


def again(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def test_by_skills_the_least_loaded_gets_it_and_it_is_open(skilled, rita, area):
    agnes, bruno = skilled
    services.change_ticket(open_one(rita), by=SYSTEM, assignee=agnes)
    ticket = open_one(rita, product_area=area)
    assigned = services.assign_ticket(ticket, by=agnes)
    assert (assigned.ticket.assignee, assigned.ticket.status, assigned.is_new) == (bruno, Status.OPEN, True)
    assert assigned.reason.startswith("Bruno Costa: has data_pipelines and lineage, 0 open tickets")
    given, opened = journal.timeline(ticket).order_by("pk")[1:]
    assert (given.kind, given.actor_kind, given.actor_label) == ("ticket.assigned", "rule", "assignment by skills")
    assert (given.data["reason"], given.data["asked_by"]) == (assigned.reason, "Agnes Moreau")
    assert (opened.kind, opened.data["status"]) == ("ticket.status_changed", {"from": "NEW", "to": "OPEN"})


def test_a_ticket_that_has_somebody_stays_as_it_is(ticket, agnes, bruno):
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    before = again(ticket).version
    assigned = services.assign_ticket(ticket, strategy=Strategy.ROUND_ROBIN, by=bruno)
    assert (assigned.ticket.assignee, assigned.ticket.version, assigned.is_new) == (agnes, before, False)
    assert assigned.reason == f"{ticket.reference} is Agnes Moreau's already."


def test_the_limit_of_the_priority_counts_open_tickets_of_it(ticket, agnes, rita, area):
    agnes.skills.set(area.skills.all())
    for n in range(2):
        mine = open_one(rita, f"Critical {n}", priority="P1_CRITICAL")
        services.change_ticket(mine, by=agnes, assignee=agnes)
    wanted = open_one(rita, "Critical too", priority="P1_CRITICAL", product_area=area)
    assigned = services.assign_ticket(wanted, by=agnes)
    assert (assigned.ticket.assignee, assigned.ticket.status) == (None, Status.NEW)
    assert "at the limit: Agnes Moreau has 2 open tickets of critical priority" in assigned.reason
    services.change_ticket(mine, by=agnes, status=Status.ON_HOLD)
    assert services.assign_ticket(wanted, by=agnes).ticket.assignee == agnes, "what is on hold is no load"
    assert services.assign_ticket(open_one(rita, product_area=area), by=agnes).ticket.assignee == agnes


def test_in_turn_by_team_and_for_everybody(agnes, bruno, rita, ticket):
    chosen = [services.assign_ticket(open_one(rita), strategy="ROUND_ROBIN", by=SYSTEM).ticket for _ in range(3)]
    assert [one.assignee for one in chosen] == [agnes, bruno, agnes]
    alpha = agnes.teams.get()
    team_one = open_one(rita, team=alpha)
    assert services.assign_ticket(team_one, strategy="ROUND_ROBIN", by=SYSTEM).ticket.assignee == agnes
    assert set(AssignmentTurn.objects.values_list("scope", "agent")) == {
        ("everybody", agnes.pk),
        (f"team-{alpha.pk}", agnes.pk),
    }
    alpha.delete()
    assert AssignmentTurn.objects.get().scope == "everybody"


def test_by_load_the_one_with_the_fewest(agnes, bruno, rita):
    services.change_ticket(open_one(rita), by=SYSTEM, assignee=agnes)
    assigned = services.assign_ticket(open_one(rita), strategy="LOAD_BALANCED", by=SYSTEM)
    assert assigned.ticket.assignee == bruno


def test_who_could_be_chosen(ticket, agnes, bruno, sofia, rita, django_assert_num_queries):
    """Agents for a ticket without a team; of a team whoever works, also a supervisor, but nobody who may not."""
    with django_assert_num_queries(3):
        assert [one.name for one in candidates_for(ticket, at=now())] == ["Agnes Moreau", "Bruno Costa"]
    team = agnes.teams.get()
    team.members.add(sofia, rita)
    ticket = services.change_ticket(ticket, by=agnes, team=team)
    assert [one.name for one in candidates_for(ticket, at=now())] == ["Agnes Moreau", "Sofia Lund"]
    agnes.is_active = False
    agnes.save()
    assert [one.name for one in candidates_for(ticket, at=now())] == ["Sofia Lund"]


def test_who_is_away_is_passed_until_the_end_of_it(ticket, agnes, bruno):
    go_away(agnes, until=now() + dt.timedelta(hours=1), by=agnes)
    later = now() + dt.timedelta(hours=2)
    assigned = services.assign_ticket(ticket, strategy="ROUND_ROBIN", by=bruno)
    assert (assigned.ticket.assignee, assigned.reason) == (bruno, "Bruno Costa: next in turn. Agnes Moreau is away.")
    assert [one.is_away for one in candidates_for(ticket, at=later)] == [False, False]


@pytest.mark.parametrize(
    ("strategy", "who", "refusal"),
    [("BY_DICE", "agnes", Invalid), ("ROUND_ROBIN", "rita", NotAllowed), ("ROUND_ROBIN", "mallory", NotAllowed)],
)
def test_refusals(ticket, request, agnes, strategy, who, refusal):
    with pytest.raises(refusal):
        services.assign_ticket(ticket, strategy=strategy, by=request.getfixturevalue(who))
    assert again(ticket).assignee is None


def test_only_open_tickets(ticket, agnes):
    services.solve_ticket(ticket, by=agnes)
    with pytest.raises(Conflict, match="solved; only open"):
        services.assign_ticket(ticket, by=agnes)


# --- new tickets ---


@pytest.fixture
def alpha(agnes) -> Team:
    team = agnes.teams.get()
    team.strategy = Strategy.ROUND_ROBIN
    team.save()
    return team


def test_a_new_ticket_of_a_team_waits_for_its_task_and_gets_its_agent(alpha, agnes, rita):
    ticket = open_one(rita, team=alpha)
    assert (ticket.assignee, AssignmentWish.objects.get().ticket) == (None, ticket), "opening does not wait for it"
    assert assign_wanted() == 1
    assert again(ticket).assignee == agnes
    assert not AssignmentWish.objects.exists()
    assert assign_wanted() == 0


def test_without_a_team_the_setting_decides(agnes, rita, settings, ticket):
    assert not AssignmentWish.objects.exists()
    assert services.want_assignment(ticket) is False
    settings.PORTAL_ASSIGNMENT_STRATEGY = "LOAD_BALANCED"
    open_one(rita)
    assert AssignmentWish.objects.get().strategy == "LOAD_BALANCED"


def test_a_team_that_wants_nobody_chosen_is_left_alone(bruno, rita, settings):
    settings.PORTAL_ASSIGNMENT_STRATEGY = "LOAD_BALANCED"
    open_one(rita, team=bruno.teams.get())
    assert not AssignmentWish.objects.exists()


def test_where_nobody_fits_the_ticket_says_so_and_is_not_tried_again(alpha, agnes, rita):
    go_away(agnes, by=agnes)
    ticket = open_one(rita, team=alpha)
    assert services.assign_wanted() == 0
    told = journal.timeline(ticket).last()
    assert (told.kind, told.actor_label) == ("ticket.not_assigned", "assignment in turn")
    assert told.data["reason"] == "Nobody of team Alpha is here: Agnes Moreau is away."
    assert not AssignmentWish.objects.exists()


def test_who_took_it_meanwhile_keeps_it(alpha, agnes, bruno, rita):
    ticket = open_one(rita, team=alpha)
    services.change_ticket(ticket, by=bruno, assignee=bruno)
    assert services.assign_wanted() == 0
    assert again(ticket).assignee == bruno
    assert "ticket.not_assigned" not in journal.timeline(ticket).values_list("kind", flat=True)


def test_what_was_solved_meanwhile_needs_nobody(alpha, agnes, rita):
    ticket = open_one(rita, team=alpha)
    services.solve_ticket(ticket, by=rita)
    assert services.assign_wanted() == 0
    assert not AssignmentWish.objects.exists()


def test_one_that_fails_stays_and_keeps_nobody_back(alpha, agnes, rita, monkeypatch):
    first, second = open_one(rita, team=alpha), open_one(rita, team=alpha)
    real = services.assigning.candidates_for

    def failing(ticket, *, at):
        if ticket.pk == first.pk:
            raise ZeroDivisionError
        return real(ticket, at=at)

    monkeypatch.setattr("tickets.services.assigning.candidates_for", failing)
    with pytest.raises(ZeroDivisionError):
        services.assign_wanted()
    assert (again(first).assignee, again(second).assignee) == (None, agnes)
    assert AssignmentWish.objects.get().ticket == first


def test_what_is_filled_in_from_the_past_is_given_to_nobody(alpha, rita):
    with context.origin(context.Origin(is_backfill=True)):
        open_one(rita, team=alpha)
    assert not AssignmentWish.objects.exists()


def test_whoever_lost_the_right_to_work_is_not_chosen(ticket, agnes, bruno, ada):
    set_role(agnes, role=Role.CUSTOMER, by=ada)
    assert services.assign_ticket(ticket, strategy="ROUND_ROBIN", by=bruno).ticket.assignee == bruno


def test_of_the_seeded_areas_only_the_one_for_everything_else_asks_for_no_skills(db):
    assert set(ProductArea.objects.filter(skills=None).values_list("key", flat=True)) == {"OTHER"}


def test_nobody_at_all(ticket, ada):
    assigned = services.assign_ticket(ticket, by=ada)
    assert assigned.reason == "Nobody can be chosen: there is no active agent who may work on tickets."


def test_a_new_agent_joins_the_turns(ticket, agnes, rita):
    services.assign_ticket(ticket, strategy="ROUND_ROBIN", by=agnes)
    create_user(email="new@support.example", name="New", role=Role.AGENT, by=SYSTEM)
    assert services.assign_ticket(open_one(rita), strategy="ROUND_ROBIN", by=agnes).ticket.assignee.name == "New"
