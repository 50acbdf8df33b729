"""What an answer about tickets holds besides, where it is asked for."""

from __future__ import annotations

import pytest

from common.tests.api import client_of
from tickets import services
from tickets.tests.api import TICKETS, fields, url
from tickets.tests.console import open_many
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db
ALL_OF_LISTS = "requester,organization,assignee,team"


def test_what_surrounds_a_ticket_for_the_support_team(ticket, agnes, rita):
    services.change_ticket(ticket, by=agnes, assignee=agnes, team=agnes.teams.get())
    services.add_internal_note(ticket, body="Psst.", by=agnes)
    body = client_of(agnes).get(url(ticket), {"include": f"{ALL_OF_LISTS},messages,sla"}).json()
    found = body["included"]
    assert list(found) == ["requester", "organization", "assignee", "team", "messages", "sla"]
    assert (found["requester"]["email"], found["requester"]["role"]) == (rita.email, "customer")
    assert found["organization"]["domains"] == ["aarlund.example"]
    assert found["assignee"]["teams"][0]["name"] == "Alpha"
    assert found["team"]["members"] == [{"id": agnes.pk, "name": agnes.name}]
    assert [one["is_internal"] for one in found["messages"]] == [False, True]
    assert found["sla"]["ticket_id"] == ticket.reference and found["sla"]["clocks"]
    assert "included" not in client_of(agnes).get(url(ticket)).json()


def test_customers_read_no_more_than_they_may(ticket, agnes, rita, mallory):
    services.change_ticket(ticket, by=agnes, assignee=agnes, team=agnes.teams.get())
    services.add_internal_note(ticket, body="Psst.", by=agnes)
    services.add_follower(ticket, mallory, by=agnes)
    asked = {"include": "requester,organization,assignee,messages,sla"}
    hers = client_of(rita).get(url(ticket), asked).json()["included"]
    assert hers["requester"] == {"id": rita.pk, "name": rita.name, "email": rita.email}
    assert hers["assignee"] == {"id": agnes.pk, "name": agnes.name}
    assert hers["organization"]["domains"] == ["aarlund.example"]
    assert [one["body"] for one in hers["messages"]] == ["Since the upgrade every lineage graph is empty."]
    assert "escalations" not in hers["sla"]
    theirs = client_of(mallory).get(url(ticket), asked).json()["included"]
    assert theirs["organization"] == {"id": ticket.organization_id, "name": "City of Aarlund"}


@pytest.mark.parametrize("who", ["agnes", "rita"])
def test_a_list_costs_the_same_however_long(rita, agnes, bruno, who, request, django_assert_max_num_queries):
    person = request.getfixturevalue(who)
    names = ALL_OF_LISTS if who == "agnes" else "requester,organization,assignee"
    tickets = open_many(rita, 8)
    for number, ticket in enumerate(tickets):
        agent = (agnes, bruno)[number % 2]
        services.change_ticket(ticket, by=agnes, assignee=agent, team=agent.teams.get())
    with django_assert_max_num_queries(22):
        rows = client_of(person).get(TICKETS, {"include": names}).json()["results"]
    assert {row["included"]["assignee"]["name"] for row in rows} == {agnes.name, bruno.name}


def test_what_is_not_there_is_null(mallory, agnes):
    lone = open_many(mallory, 1)[0]
    body = client_of(agnes).get(url(lone), {"include": "assignee, organization,team"}).json()
    assert body["included"] == {"assignee": None, "organization": None, "team": None}


@pytest.mark.parametrize(
    ("who", "path", "names"),
    [
        ("agnes", "one", "colour"),
        ("agnes", "one", ""),
        ("agnes", "list", "messages"),
        ("agnes", "list", "requester,sla"),
        ("rita", "one", "team"),
    ],
)
def test_what_is_not_offered_is_refused(ticket, agnes, rita, request, who, path, names):
    where = url(ticket) if path == "one" else TICKETS
    response = client_of(request.getfixturevalue(who)).get(where, {"include": names})
    assert response.status_code == 400 and fields(response) == ["include"]


def test_the_tag_of_what_is_included_changes_with_it_and_still_names_the_version(ticket, agnes, rita):
    api = client_of(agnes)
    asked = {"include": "requester"}
    tag = api.get(url(ticket), asked)["ETag"]
    assert api.get(url(ticket), asked, HTTP_IF_NONE_MATCH=tag).status_code == 304
    rita.name = "Rita L. Lindqvist"
    rita.save(update_fields=["name"])
    assert api.get(url(ticket), asked, HTTP_IF_NONE_MATCH=tag).status_code == 200
    assert api.patch(url(ticket), {"priority": "P1"}, format="json", HTTP_IF_MATCH=tag).status_code == 200


def test_a_long_conversation_is_its_newest_part(ticket, agnes, monkeypatch):
    monkeypatch.setattr("tickets.including.MESSAGES_MOST", 2)
    for number in range(3):
        services.post_public_reply(ticket, body=f"Reply {number}", by=agnes, channel=Channel.API)
    found = client_of(agnes).get(url(ticket), {"include": "messages"}).json()["included"]["messages"]
    assert [one["body"] for one in found] == ["Reply 1", "Reply 2"]


@pytest.mark.parametrize("who", ["agnes", "rita"])
def test_only_what_is_asked_for_is_answered(ticket, agnes, rita, who, request):
    person = request.getfixturevalue(who)
    asked = {"fields": "ticket_id,status, version"}
    one = client_of(person).get(url(ticket), asked)
    assert list(one.json()) == ["ticket_id", "status", "version"]
    assert one["ETag"] == client_of(person).get(url(ticket))["ETag"], "it names the state of the whole ticket"
    (row,) = client_of(person).get(TICKETS, {**asked, "include": "requester"}).json()["results"]
    assert list(row) == ["ticket_id", "status", "version", "included"]


@pytest.mark.parametrize(
    ("who", "names"), [("agnes", "colour"), ("agnes", ""), ("agnes", "included"), ("rita", "ticket_id,team")]
)
def test_a_field_that_there_is_not_is_refused(ticket, agnes, rita, request, who, names):
    client = client_of(request.getfixturevalue(who))
    for where in (url(ticket), TICKETS):
        response = client.get(where, {"fields": names})
        assert (response.status_code, fields(response)) == (400, ["fields"])


def test_a_field_that_there_is_not_is_refused_of_an_empty_list_too(rita):
    assert client_of(rita).get(TICKETS, {"fields": "colour"}).status_code == 400
