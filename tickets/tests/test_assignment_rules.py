"""Whom each rule of assignment chooses, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Strategy
from tickets.assignment.rules import LIMITS, Candidate, Need, choose, next_in_turn
from tickets.vocabulary import Priority

LINEAGE = frozenset({"lineage", "data_pipelines"})
AGNES = Candidate(1, "Agnes", LINEAGE, open_count=2, of_priority=1)
BRUNO = Candidate(2, "Bruno", frozenset({"mlops"}), open_count=0)
CHIDI = Candidate(3, "Chidi", LINEAGE | {"api"}, open_count=5, of_priority=0)
NEED = Need("P3_NORMAL", LINEAGE, "Lineage", "Alpha")


def changed(candidate, **columns):
    return Candidate(**{**vars(candidate), **columns})


@pytest.mark.parametrize(
    ("strategy", "candidates", "need", "last", "chosen", "reason"),
    [
        (
            *("SKILL_BASED", [AGNES, BRUNO, CHIDI], NEED, None, "Agnes"),
            "Agnes: has data_pipelines and lineage, 2 open tickets, 1 of at most 10 of normal priority.",
        ),
        (
            *("SKILL_BASED", [changed(AGNES, is_away=True), BRUNO, CHIDI], NEED, None, "Chidi"),
            "Chidi: has data_pipelines and lineage, 5 open tickets, 0 of at most 10 of normal priority. Agnes is away.",
        ),
        (
            *("SKILL_BASED", [changed(AGNES, of_priority=10), BRUNO, CHIDI], NEED, None, "Chidi"),
            "Chidi: has data_pipelines and lineage, 5 open tickets, 0 of at most 10 of normal priority. Agnes is full.",
        ),
        (
            *("SKILL_BASED", [changed(AGNES, of_priority=10), BRUNO], NEED, None, None),
            "Everybody who could take it is at the limit: Agnes has 10 open tickets of normal priority or more.",
        ),
        (
            *("SKILL_BASED", [changed(AGNES, is_away=True), BRUNO], NEED, None, "Bruno"),
            "Bruno: next in turn. Nobody here has data_pipelines and lineage. Agnes is away.",
        ),
        (
            *("SKILL_BASED", [AGNES, BRUNO], Need("P4_LOW", area="Something else"), None, "Bruno"),
            "Bruno: Something else asks for no skills, 0 open tickets, 0 of at most 15 of low priority.",
        ),
        ("ROUND_ROBIN", [AGNES, BRUNO, CHIDI], NEED, None, "Agnes", "Agnes: next in turn."),
        ("ROUND_ROBIN", [CHIDI, AGNES, BRUNO], NEED, 1, "Bruno", "Bruno: next in turn."),
        ("ROUND_ROBIN", [AGNES, BRUNO, CHIDI], NEED, 3, "Agnes", "Agnes: next in turn."),
        ("ROUND_ROBIN", [AGNES, CHIDI], NEED, 2, "Chidi", "Chidi: next in turn."),
        ("ROUND_ROBIN", [AGNES, changed(BRUNO, is_away=True)], NEED, 1, "Agnes", "Agnes: next in turn. Bruno is away."),
        ("LOAD_BALANCED", [AGNES, BRUNO, CHIDI], NEED, None, "Bruno", "Bruno: 0 open tickets, the fewest."),
        (
            *("LOAD_BALANCED", [changed(AGNES, open_count=1), CHIDI], NEED, None, "Agnes"),
            "Agnes: 1 open ticket, the fewest.",
        ),
        (
            *("LOAD_BALANCED", [changed(AGNES, is_away=True), changed(BRUNO, is_away=True)], NEED, None, None),
            "Nobody of team Alpha is here: Agnes and Bruno are away.",
        ),
        (
            *("SKILL_BASED", [], NEED, None, None),
            "Nobody can be chosen: team Alpha has no active member who may work on tickets.",
        ),
    ],
)
def test_who_is_chosen_and_why(strategy, candidates, need, last, chosen, reason):
    choice = choose(strategy, candidates, need, last_turn=last)
    assert (choice.agent.name if choice.agent else None, choice.reason) == (chosen, reason)


def test_a_ticket_without_an_area_asks_for_no_skills():
    reason = choose("SKILL_BASED", [BRUNO], Need("P1_CRITICAL")).reason
    assert reason.startswith("Bruno: the ticket has no product area, which asks for no skills, 0 open tickets")


def test_a_long_list_of_those_who_are_away_is_cut():
    away = [Candidate(n, f"A{n}", is_away=True) for n in range(6)]
    assert (
        choose("ROUND_ROBIN", [*away, BRUNO], NEED).reason == "Bruno: next in turn. A0, A1, A2 and 3 others are away."
    )


def test_limits_are_those_of_the_domain():
    assert [LIMITS[priority] for priority in Priority] == [2, 5, 10, 15]


candidates = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 30),
        name=st.sampled_from(["Agnes", "Bruno", "Chidi"]),
        skills=st.frozensets(st.sampled_from(["a", "b", "c"])),
        is_away=st.booleans(),
        open_count=st.integers(15, 40),
        of_priority=st.integers(0, 20),
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)
needs = st.builds(Need, priority=st.sampled_from(Priority.values), skills=st.frozensets(st.sampled_from(["a", "b"])))
quick = settings(max_examples=150, deadline=None)


@quick
@given(st.sampled_from(Strategy.values), candidates, needs, st.none() | st.integers(1, 30))
def test_who_is_away_is_never_chosen_and_a_reason_is_always_given(strategy, people, need, last):
    choice = choose(strategy, people, need, last_turn=last)
    assert choice.reason.endswith(".")
    assert choice.agent is None or (choice.agent in people and not choice.agent.is_away)
    assert choice.agent is None or choice.reason.startswith(f"{choice.agent.name}: ")
    if strategy != Strategy.SKILL_BASED and any(not one.is_away for one in people):
        assert choice.agent is not None
    assert choice == choose(strategy, people[::-1], need, last_turn=last), "the order in which people are read is none"


@quick
@given(candidates, needs, st.none() | st.integers(1, 30))
def test_skills_come_first_and_no_limit_is_passed_for_them(people, need, last):
    choice = choose(Strategy.SKILL_BASED, people, need, last_turn=last)
    skilled = [one for one in people if not one.is_away and need.skills <= one.skills]
    room = [one for one in skilled if one.of_priority < need.limit]
    if room:
        assert choice.agent in room
        assert choice.agent.open_count == min(one.open_count for one in room)
    elif skilled:
        assert choice.agent is None
    assert choice.is_turn == (choice.agent is not None and not skilled)


@quick
@given(candidates.filter(lambda people: any(not one.is_away for one in people)))
def test_in_turn_everybody_here_comes_once_before_anybody_comes_again(people):
    here = sorted((one for one in people if not one.is_away), key=lambda one: one.id)
    last, seen = None, []
    for _ in range(2 * len(here)):
        last = choose(Strategy.ROUND_ROBIN, people, NEED, last_turn=last).agent.id
        seen.append(last)
    assert seen == [one.id for one in here] * 2
    assert next_in_turn(here, seen[-1]) == here[0]
