"""The feed of changes: what each reader is told, in which order, and for how long."""

from __future__ import annotations

import datetime as dt

import pytest

from common.tests.api import client_of, code_of, problem_of
from common.time import now
from tickets import services
from tickets.models import ChangeFeed, TicketChange
from tickets.services.changes import CHANGES_KEPT
from tickets.tests.console import open_many
from tickets.tests.levels import at_level

CHANGES = "/api/v1/changes"
pytestmark = pytest.mark.django_db


def ask(person, after=None, **more):
    response = client_of(person).get(CHANGES, {**({} if after is None else {"after": after}), **more})
    assert response.status_code == 200, response.content
    return response.json()


def told(body):
    return [(row["type"], row["ticket_id"]) for row in body["results"]]


def test_a_client_begins_where_the_feed_stands_and_follows_it(rita, agnes):
    open_many(rita, 2)
    start = ask(agnes)
    assert start["results"] == [] and start["next_after"] == 2 and not start["has_more"]
    third = open_many(rita, 1)[0]
    services.change_ticket(third, by=agnes, priority="P1_CRITICAL")
    body = ask(agnes, start["next_after"])
    assert told(body) == [("CREATED", third.reference)], "several changes between two readings are one"
    assert body["results"][0]["ticket"]["priority"] == "P1_CRITICAL"
    services.solve_ticket(third, by=agnes)
    again = ask(agnes, body["next_after"])
    assert told(again) == [("CHANGED", third.reference)]
    assert ask(agnes, again["next_after"])["results"] == []


def test_pages_hold_so_many_and_say_where_to_go_on(rita, agnes, django_assert_max_num_queries):
    tickets = open_many(rita, 5)
    client_of(agnes).get(CHANGES)
    with django_assert_max_num_queries(14):
        first = ask(agnes, 0, limit=2)
    assert first["has_more"] and [row["sequence"] for row in first["results"]] == [1, 2]
    second = ask(agnes, first["next_after"], limit=3)
    assert not second["has_more"]
    assert [row["ticket_id"] for row in first["results"] + second["results"]] == [one.reference for one in tickets]


def test_customers_are_told_of_theirs_and_of_nothing_else(rita, mallory, agnes):
    mine, theirs = open_many(rita, 1)[0], open_many(mallory, 1)[0]
    services.add_internal_note(mine, body="Psst.", by=agnes)
    body = ask(rita, 0)
    assert told(body) == [("CREATED", mine.reference)]
    assert "team" not in body["results"][0]["ticket"]
    assert body["next_after"] == ask(mallory, 0)["next_after"], "a reader whom nothing concerns keeps up too"
    services.solve_ticket(theirs, by=agnes)
    assert ask(rita, body["next_after"])["results"] == []


def test_who_loses_sight_of_a_ticket_is_told_that_it_is_gone(rita, otto, mallory, agnes, bruno):
    ticket = open_many(rita, 1)[0]
    services.add_follower(ticket, mallory, by=agnes)
    services.change_ticket(ticket, by=agnes, team=bruno.teams.get(), assignee=bruno)
    bruno = at_level(bruno, "own")
    after = {person: ask(person)["next_after"] for person in (mallory, bruno)}
    services.remove_follower(ticket, mallory, by=agnes)
    services.change_ticket(ticket, by=agnes, team=agnes.teams.get(), assignee=agnes)
    for person in (mallory, bruno):
        rows = ask(person, after[person])["results"]
        assert {(row["type"], row["deleted"], row["ticket"]) for row in rows} == {("DELETED", True, None)}
    assert {kind for kind, _ in told(ask(agnes, after[bruno]))} == {"CHANGED"}


def test_a_ticket_that_finds_its_team_is_gone_for_the_others(rita, agnes, bruno):
    ticket, bruno = open_many(rita, 1)[0], at_level(bruno, "own")
    assert told(ask(bruno, 0)) == [("CREATED", ticket.reference)]
    services.change_ticket(ticket, by=agnes, team=agnes.teams.get())
    assert told(ask(bruno, 1)) == [("DELETED", ticket.reference)]
    assert told(ask(agnes, 1)) == [("CHANGED", ticket.reference)]


def test_a_ticket_that_is_gone_is_a_tombstone(rita, ada):
    ticket = open_many(rita, 1)[0]
    assert told(ask(ada, 0)) == [("CREATED", ticket.reference)]
    TicketChange.objects.update(ticket_id=ticket.pk + 1000)
    assert told(ask(ada, 0))[0][0] == "DELETED"


def test_a_merged_ticket_is_a_change_of_both(rita, agnes):
    one, other = open_many(rita, 2)
    after = ask(agnes)["next_after"]
    services.merge_tickets(one, into=other, by=agnes)
    rows = {row["ticket_id"]: row["ticket"] for row in ask(agnes, after)["results"]}
    assert rows[one.reference]["merged_into"] == other.reference and set(rows) == {one.reference, other.reference}


def test_looking_is_no_change(ticket, rita, agnes):
    after = ask(agnes)["next_after"]
    services.request_tracking_link(reference=ticket.reference, email=rita.email)
    assert ask(agnes, after)["results"] == []


def test_a_change_that_is_taken_back_leaves_nothing(ticket, agnes):
    after = ask(agnes)["next_after"]
    with pytest.raises(ValueError, match="changeable"):
        services.change_ticket(ticket, by=agnes, colour="red")
    assert ask(agnes, after)["results"] == []


def test_who_was_away_too_long_starts_over(rita, agnes):
    open_many(rita, 2)
    assert ask(agnes, 0)["next_after"] == 2
    TicketChange.objects.update(recorded_at=now() - CHANGES_KEPT - dt.timedelta(hours=1))
    open_many(rita, 1)
    assert services.purge_changes(now()) == 2
    assert ChangeFeed.objects.get().floor == 2
    response = client_of(agnes).get(CHANGES, {"after": 1})
    assert response.status_code == 410 and code_of(response) == "changes_forgotten"
    assert problem_of(response)["oldest_after"] == 2
    assert len(ask(agnes, 2)["results"]) == 1


def test_what_nobody_read_is_not_passed_over_when_it_is_forgotten(rita, agnes):
    ask(agnes)
    open_many(rita, 1)
    TicketChange.objects.update(recorded_at=now() - CHANGES_KEPT - dt.timedelta(hours=1))
    services.purge_changes(now())
    assert client_of(agnes).get(CHANGES, {"after": 0}).status_code == 410


@pytest.mark.parametrize(
    ("query", "status"),
    [({"after": "x"}, 400), ({"after": -1}, 400), ({"limit": 0}, 400), ({"colour": 1}, 400), ({"after": 10**6}, 410)],
)
def test_what_means_nothing_is_refused(agnes, query, status):
    assert client_of(agnes).get(CHANGES, query).status_code == status


def test_numbering_is_done_once(rita):
    open_many(rita, 3)
    services.number_changes()
    services.number_changes()
    assert sorted(TicketChange.objects.values_list("sequence", flat=True)) == [1, 2, 3]
