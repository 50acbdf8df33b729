"""Saved views over HTTP."""

from __future__ import annotations

import pytest

from common.tests.api import client_of, code_of
from tickets import services
from tickets.models import SavedView, Ticket
from tickets.tests.api import fields, ids
from tickets.tests.console import open_many
from tickets.tests.levels import at_level

VIEWS = "/api/v1/views"
MINE = {"name": "Mine", "filters": {"assignee": ["me"]}, "sort": "newest", "columns": ["status", "due"]}
pytestmark = pytest.mark.django_db


def test_a_view_is_kept_read_changed_and_removed(agnes):
    api = client_of(agnes)
    made = api.post(VIEWS, MINE, format="json")
    assert made.status_code == 201
    body = made.json()
    assert {name: body[name] for name in MINE} == MINE
    assert (body["circle"], body["team"], body["may_change"]) == ("OWN", None, True)
    one = f"{VIEWS}/{body['view_id']}"
    assert api.get(one).json() == body
    changed = api.patch(one, {"name": "My own", "filters": {"status": ["OPEN"]}}, format="json").json()
    assert (changed["name"], changed["filters"], changed["sort"]) == ("My own", {"status": ["OPEN"]}, "newest")
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_one_sees_everybodys_ones_teams_and_ones_own(agnes, bruno, sofia):
    team = bruno.teams.get()
    services.save_view(by=bruno, name="Beta's", filters={}, team=team)
    services.save_view(by=bruno, name="Bruno's", filters={})
    services.save_view(by=sofia, name="Ours", filters={}, is_everybodys=True)
    mine = {row["name"]: row["may_change"] for row in client_of(agnes).get(VIEWS).json()["results"]}
    assert mine.get("Ours") is False and not {"Beta's", "Bruno's"} & set(mine)
    listed = client_of(bruno).get(VIEWS, {"limit": 100}).json()["results"]
    theirs = {row["name"]: (row["circle"], row["may_change"]) for row in listed}
    assert theirs["Beta's"] == ("TEAM", True) and theirs["Bruno's"] == ("OWN", True)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"filters": {"colour": ["red"]}}, 422, "filters"),
        ({"sort": "colour"}, 422, "sort"),
        ({"columns": ["colour"]}, 422, "columns.0"),
        ({"name": ""}, 422, "name"),
        ({"colour": "red"}, 422, "colour"),
        ({"is_everybodys": True, "team": "{team}"}, 422, "is_everybodys"),
    ],
)
def test_what_means_nothing_is_refused(agnes, change, status, field):
    values = {name: agnes.teams.get().pk if value == "{team}" else value for name, value in change.items()}
    response = client_of(agnes).post(VIEWS, {**MINE, **values}, format="json")
    assert response.status_code == status
    assert fields(response) == [field]
    assert not SavedView.objects.filter(owner=agnes).exists()


def test_a_view_for_everybody_is_a_supervisors(agnes, sofia):
    body = {**MINE, "name": "Everything of mine", "is_everybodys": True}
    assert code_of(client_of(agnes).post(VIEWS, body, format="json")) == "not_allowed"
    assert client_of(sofia).post(VIEWS, body, format="json").json()["circle"] == "EVERYBODY"


def test_the_tickets_of_a_view_in_its_order_page_by_page(agnes, rita, django_assert_max_num_queries):
    first, second, third, fourth = open_many(rita, 4)
    for ticket in (first, third, fourth):
        services.change_ticket(ticket, by=agnes, assignee=agnes)
    view = services.save_view(by=agnes, name="Mine", filters={"assignee": ["me"]}, sort="oldest")
    api = client_of(agnes)
    with django_assert_max_num_queries(13):
        page = api.get(f"{VIEWS}/{view.pk}/tickets", {"limit": 2})
    assert ids(page) == [first.reference, third.reference]
    assert ids(api.get(page.json()["next"])) == [fourth.reference]
    assert second.reference not in ids(page)


def test_the_tickets_of_a_view_are_those_the_reader_sees(agnes, bruno, rita, sofia):
    for ticket in open_many(rita, 2):
        services.change_ticket(ticket, by=agnes, team=agnes.teams.get())
    view = services.save_view(by=sofia, name="Open", filters={}, is_everybodys=True)
    bruno = at_level(bruno, "own")
    assert ids(client_of(bruno).get(f"{VIEWS}/{view.pk}/tickets")) == []
    Ticket.objects.update(team=None)
    assert len(ids(client_of(bruno).get(f"{VIEWS}/{view.pk}/tickets"))) == 2
