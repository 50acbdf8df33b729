"""Reading and changing a ticket by the API."""

from __future__ import annotations

import pytest

from accounts.models import Team
from common.tests.api import client_of, code_of, problem_of
from tickets import services
from tickets.models import CustomField, Ticket
from tickets.tests.api import STAFF_ONLY, TICKETS, fields, url


def test_what_a_customer_and_an_agent_read(ticket, rita, agnes):
    customers, staffs = (client_of(user).get(url(ticket)).json() for user in (rita, agnes))

    assert set(staffs) - set(customers) == STAFF_ONLY
    assert not set(customers) - set(staffs)
    assert customers["description"] == "Since the upgrade every lineage graph is empty."
    assert customers["status_label"] == "New"


def test_an_assignees_address_is_not_the_customers_to_know(ticket, rita, agnes):
    services.change_ticket(ticket, by=agnes, assignee=agnes, team=Team.objects.get(name="Alpha"))

    assert client_of(rita).get(url(ticket)).json()["assignee"] == {"id": agnes.pk, "name": agnes.name}
    read = client_of(agnes).get(url(ticket)).json()
    assert (read["assignee"]["email"], read["team"]["name"]) == (agnes.email, "Alpha")


def test_custom_fields_not_for_customers_are_not_shown_to_them(ticket, rita, agnes):
    CustomField.objects.create(key="churn_risk", label="Churn risk", is_customer_visible=False)
    services.change_ticket(ticket, by=agnes, custom_fields={"churn_risk": "high", "severity": "minor"})

    assert client_of(rita).get(url(ticket)).json()["custom_fields"] == {"severity": "minor"}
    assert client_of(rita).get(TICKETS).json()["results"][0]["custom_fields"] == {"severity": "minor"}
    assert client_of(agnes).get(url(ticket)).json()["custom_fields"] == {"churn_risk": "high", "severity": "minor"}


@pytest.mark.parametrize("form", ["{}", "odg-{n}", "{n}"])
def test_a_reference_is_read_in_any_spelling(ticket, rita, form):
    reference = form.format(ticket.reference, n=ticket.pk)

    assert client_of(rita).get(f"{TICKETS}/{reference}").json()["ticket_id"] == ticket.reference


@pytest.mark.parametrize(
    "reference", ["ODG-999999", "ODG-0", "XYZ-1", "ODG-99999999999999999999", "ODG--1", "%00", "a'b", "ODG-1%00", "½"]
)
def test_what_is_not_there_is_404(ticket, rita, reference):
    response = client_of(rita).get(f"{TICKETS}/{reference}")

    assert (response.status_code, code_of(response)) == (404, "not_found")


def test_what_one_may_not_see_is_answered_like_what_is_not_there(ticket, mallory):
    hidden = problem_of(client_of(mallory).get(url(ticket)))
    missing = problem_of(client_of(mallory).get(f"{TICKETS}/ODG-999999"))

    assert hidden | {"instance": ""} == missing | {"instance": ""}


def test_a_ticket_that_did_not_change_need_not_be_sent_again(ticket, rita):
    client = client_of(rita)
    tag = client.get(url(ticket))["ETag"]

    response = client.get(url(ticket), HTTP_IF_NONE_MATCH=tag)

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
    assert client.get(url(ticket), HTTP_IF_NONE_MATCH='"0"').status_code == 200


def test_an_agent_changes_a_ticket(ticket, agnes, bruno):
    asked = {
        "subject": "Lineage graph is empty after upgrade",
        "status": "waiting_on_customer",
        "priority": "p2",
        "assignee": bruno.email.upper(),
        "team": Team.objects.get(name="Beta").pk,
        "tags": ["upgrade"],
        "product_area": "LINEAGE",
        "environment": "staging",
        "product_version": "4",
        "custom_fields": {"severity": "major"},
    }

    response = client_of(agnes).patch(url(ticket), asked, HTTP_IF_MATCH='"1"')

    body = response.json()
    assert response.status_code == 200
    assert (body["status"], body["priority"], body["assignee"]["id"]) == ("PENDING", "P2_HIGH", bruno.pk)
    assert (body["team"]["name"], body["tags"], body["product_area"]) == ("Beta", ["upgrade"], "LINEAGE")
    assert (body["environment"], body["product_version"]) == ("STAGING", "4")
    assert response["ETag"].startswith(f'"{body["version"]}-')
    assert body["version"] > 1


def test_null_takes_away(ticket, agnes):
    client = client_of(agnes)
    client.patch(
        url(ticket),
        {"assignee": agnes.pk, "product_area": "API", "environment": "OTHER", "custom_fields": {"severity": "minor"}},
    )

    body = client.patch(
        url(ticket),
        {
            "assignee": None,
            "team": None,
            "product_area": None,
            "environment": None,
            "custom_fields": {"severity": None},
        },
    ).json()

    assert (body["assignee"], body["team"], body["product_area"], body["environment"]) == (None, None, None, None)
    assert body["custom_fields"] == {}


def test_nothing_to_change_changes_nothing(ticket, agnes):
    response = client_of(agnes).patch(url(ticket), {})

    assert response.status_code == 200
    assert response["ETag"].startswith('"1-')


@pytest.mark.parametrize("header", ['"0"', 'W/"1"', '"2", "3"', "1", ""])
def test_a_stale_change_is_refused_with_the_present_state(ticket, agnes, header):
    response = client_of(agnes).patch(url(ticket), {"priority": "P1"}, HTTP_IF_MATCH=header)

    body = problem_of(response)
    assert (response.status_code, code_of(response)) == (412, "stale")
    assert (body["current"]["ticket_id"], body["current"]["version"]) == (ticket.reference, 1)
    assert Ticket.objects.get().priority != "P1_CRITICAL"


def test_a_change_between_reading_and_writing_is_noticed(ticket, agnes, bruno, monkeypatch):
    """Two agents read version 1; the one who writes second is told, though both asked at the same time."""
    services.change_ticket(ticket, by=bruno, subject="Bruno was first")
    monkeypatch.setattr("tickets.api.tickets.TicketViewSet.ticket", lambda view: ticket)

    response = client_of(agnes).patch(url(ticket), {"subject": "Agnes was second"}, HTTP_IF_MATCH='"1"')

    assert problem_of(response)["current"]["subject"] == "Bruno was first"


@pytest.mark.parametrize("header", ['"1"', "*", '"0", "1"'])
def test_a_change_of_the_present_version_is_made(ticket, agnes, header):
    assert client_of(agnes).patch(url(ticket), {"priority": "P1"}, HTTP_IF_MATCH=header).status_code == 200


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"status": "resolved"}, ["status"]),
        ({"status": None}, ["status"]),
        ({"priority": None}, ["priority"]),
        ({"assignee": 999999}, ["assignee"]),
        ({"assignee": "nobody@nowhere.example"}, ["assignee"]),
        ({"assignee": True}, ["assignee"]),
        ({"assignee": 1.5}, ["assignee"]),
        ({"assignee": 10**30}, ["assignee"]),
        ({"assignee": []}, ["assignee"]),
        ({"team": 999999}, ["team"]),
        ({"team": "Alpha"}, ["team"]),
        ({"team": -(10**30)}, ["team"]),
        ({"subject": "x"}, ["subject"]),
        ({"description": "new"}, ["description"]),
        ({"version": 2}, ["version"]),
        ({"ticket_id": "ODG-1"}, ["ticket_id"]),
    ],
    ids=str,
)
def test_changes_that_do_not_validate(ticket, agnes, changes, names):
    response = client_of(agnes).patch(url(ticket), changes)

    assert (response.status_code, fields(response)) == (422, names)


def test_a_customer_cannot_be_assigned(ticket, agnes, rita):
    response = client_of(agnes).patch(url(ticket), {"assignee": rita.pk})

    assert problem_of(response)["errors"][0]["code"] == "not_an_agent"


def test_a_move_the_status_does_not_allow_is_a_conflict(ticket, agnes):
    services.close_ticket(ticket, by=agnes)

    response = client_of(agnes).patch(url(ticket), {"status": "OPEN"})

    assert (response.status_code, code_of(response)) == (409, "invalid_transition")


@pytest.mark.parametrize(
    "changes", [{"product_version": "9"}, {"environment": "OTHER"}, {"custom_fields": {"severity": "minor"}}]
)
def test_a_customer_changes_what_is_theirs(ticket, rita, changes):
    assert client_of(rita).patch(url(ticket), changes).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"status": "SOLVED"}, {"priority": "P1"}, {"assignee": None}, {"tags": []}, {"subject": "Other"}]
)
def test_a_customer_changes_nothing_else(ticket, rita, changes):
    response = client_of(rita).patch(url(ticket), changes)

    assert (response.status_code, code_of(response)) == (403, "not_allowed")


@pytest.mark.parametrize("method", ["put", "delete", "post"])
def test_there_are_no_other_methods(ticket, agnes, method):
    response = getattr(client_of(agnes), method)(url(ticket), {})

    assert (response.status_code, response["Allow"]) == (405, "GET, PATCH, HEAD, OPTIONS")
