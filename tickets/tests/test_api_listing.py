"""The list of tickets by the API."""

from __future__ import annotations

import pytest

from accounts.models import ProductArea, Team
from common.tests.api import client_of, code_of
from tickets import services
from tickets.tests.api import TICKETS, fields, ids
from tickets.vocabulary import Channel, Priority


def test_each_sees_their_tickets(ticket, rita, otto, agnes, ada, mallory):
    own = client_of(mallory).post(TICKETS, {"subject": "Mine", "description": "Alone."}).json()["ticket_id"]

    assert ids(client_of(rita).get(TICKETS)) == [ticket.reference]
    assert ids(client_of(otto).get(TICKETS)) == [ticket.reference]
    assert ids(client_of(mallory).get(TICKETS)) == [own]
    assert ids(client_of(agnes).get(TICKETS)) == [own, ticket.reference]
    assert ids(client_of(ada).get(TICKETS)) == [own, ticket.reference]
    assert client_of().get(TICKETS).status_code == 401


def test_a_follower_sees_the_ticket(ticket, mallory, agnes):
    services.add_follower(ticket, mallory, by=agnes)

    assert ids(client_of(mallory).get(TICKETS)) == [ticket.reference]


@pytest.fixture
def several(rita, agnes, bruno, aarlund):
    """Four tickets of Rita's, apart in everything a list can be narrowed by."""

    def make(subject, **asked):
        return services.open_ticket(
            subject=subject, description="d", requester=rita, by=rita, channel=Channel.API, **asked
        )

    area = ProductArea.objects.get(key="LINEAGE")
    one = make("Alpha lineage", priority=Priority.P1_CRITICAL, product_area=area, tags=["red"])
    two = make("Beta 100% strange", priority=Priority.P2_HIGH, tags=["red", "blue"])
    three = make("Gamma", priority=Priority.P3_NORMAL)
    four = make("Delta", priority=Priority.P4_LOW)
    services.change_ticket(one, by=agnes, assignee=agnes)
    services.change_ticket(two, by=agnes, assignee=bruno, team=Team.objects.get(name="Beta"))
    services.solve_ticket(three, by=agnes)
    return {"1": one, "2": two, "3": three, "4": four}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "4321"),
        ("status=NEW", "4"),
        ("status=new&status=open", "421"),
        ("status=IN_PROGRESS", "21"),
        ("status=SOLVED&priority=P4", ""),
        ("priority=high", "2"),
        ("priority=P1_CRITICAL&priority=low", "41"),
        ("assignee=me", "1"),
        ("assignee=none", "43"),
        ("assignee=me&assignee=none", "431"),
        ("tag=red", "21"),
        ("tag=RED&tag=blue", "21"),
        ("tag=green", ""),
        ("product_area=LINEAGE", "1"),
        ("product_area=lineage", "1"),
        ("organization=none", ""),
        ("team=none", "431"),
        ("channel=api", "4321"),
        ("channel=email", ""),
        ("q=lineage", "1"),
        ("q=100%25", "2"),
        ("q=rita@", "4321"),
        ("q=", "4321"),
        ("q=' OR 1=1 --", ""),
        ("q='; DROP TABLE tickets; --", ""),
        ("created_after=2020-01-01", "4321"),
        ("created_before=2020-01-01", ""),
        ("updated_since=2020-01-01T00:00:00Z", "4321"),
        ("ordering=priority", "1234"),
        ("ordering=-priority", "4321"),
        ("ordering=status,-ticket_id", "4213"),
        ("ordering=ticket_id", "1234"),
        ("limit=2", "43"),
        ("offset=1&limit=2", "32"),
    ],
)
def test_lists_are_narrowed_and_ordered(several, agnes, query, found):
    assert ids(client_of(agnes).get(f"{TICKETS}?{query}")) == [several[name].reference for name in found]


def test_a_customer_searches_no_people_and_knows_no_teams(several, rita):
    assert ids(client_of(rita).get(f"{TICKETS}?q=rita@")) == []
    assert ids(client_of(rita).get(f"{TICKETS}?q={several['2'].reference}")) == [several["2"].reference]
    response = client_of(rita).get(f"{TICKETS}?team=none")
    assert (response.status_code, fields(response)) == (400, ["team"])


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=resolved", "status"),
        ("status=NEW' OR '1'='1", "status"),
        ("status=NEW; DELETE FROM tickets", "status"),
        ("status=", "status"),
        ("priority=P9", "priority"),
        ("assignee=agnes", "assignee"),
        ("assignee=-1", "assignee"),
        ("product_area=NOWHERE", "product_area"),
        ("updated_since=yesterday", "updated_since"),
        ("ordering=subject", "ordering"),
        ("limit=-1", "limit"),
        ("offset=-5", "offset"),
        ("cursor=xyz", "cursor"),
        ("page=1", "page"),
        ("include_internal=true", "include_internal"),
    ],
)
def test_wrong_parameters_answer_400_by_name(several, agnes, query, name):
    response = client_of(agnes).get(f"{TICKETS}?{query}")

    assert (response.status_code, code_of(response), fields(response)) == (400, "invalid_query", [name])


def test_pages_follow_each_other_and_count_on_request(several, agnes):
    client = client_of(agnes)
    first = client.get(f"{TICKETS}?limit=3&count=true").json()
    second = client.get(first["next"]).json()

    assert (len(first["results"]), first["count"], first["previous"]) == (3, 4, None)
    assert [row["ticket_id"] for row in second["results"]] == [several["1"].reference]
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_a_list_costs_the_same_queries_whatever_its_length(rita, agnes, django_assert_max_num_queries, settings):
    def ask(user, path):
        with django_assert_max_num_queries(12) as asked:
            response = client_of(user).get(path)
        assert response.status_code == 200
        return len(asked), len(response.json()["results"])

    for count in (1, 49):
        for number in range(count):
            services.open_ticket(
                subject=f"Number {number}",
                description="d",
                requester=rita,
                by=rita,
                channel=Channel.API,
                tags=[f"t{number}"],
            )
        costs = [ask(user, f"{TICKETS}?limit=50&count=true") for user in (rita, agnes)]
        if count == 1:
            few = costs
    assert [rows for _, rows in costs] == [50, 50]
    assert [queries for queries, _ in costs] == [queries for queries, _ in few]
