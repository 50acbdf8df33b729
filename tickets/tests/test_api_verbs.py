"""The verbs of a ticket by the API."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common.models import Event
from common.tests.api import client_of, code_of
from tickets import services
from tickets.models import Ticket
from tickets.tests.api import TICKETS, fields, url
from tickets.vocabulary import Channel, Status


@pytest.mark.parametrize(
    ("who", "verb", "before", "status", "after"),
    [
        ("rita", "solve", "NEW", 200, "SOLVED"),
        ("otto", "solve", "OPEN", 200, "SOLVED"),
        ("agnes", "solve", "PENDING", 200, "SOLVED"),
        ("agnes", "solve", "SOLVED", 200, "SOLVED"),
        ("rita", "solve", "CLOSED", 409, "CLOSED"),
        ("rita", "reopen", "SOLVED", 200, "OPEN"),
        ("agnes", "reopen", "OPEN", 200, "OPEN"),
        ("rita", "reopen", "NEW", 409, "NEW"),
        ("rita", "reopen", "CLOSED", 409, "CLOSED"),
        ("rita", "cancel", "NEW", 200, "CANCELLED"),
        ("rita", "cancel", "ON_HOLD", 409, "ON_HOLD"),
        ("agnes", "cancel", "ON_HOLD", 200, "CANCELLED"),
        ("rita", "cancel", "SOLVED", 409, "SOLVED"),
        ("agnes", "close", "SOLVED", 200, "CLOSED"),
        ("rita", "close", "SOLVED", 403, "SOLVED"),
        ("mallory", "solve", "NEW", 404, "NEW"),
        ("mallory", "close", "NEW", 404, "NEW"),
    ],
)
def test_verbs(ticket, request, agnes, who, verb, before, status, after):
    if before != Status.NEW:
        services.change_ticket(ticket, by=agnes, status=before)

    response = client_of(request.getfixturevalue(who)).post(url(ticket, verb))

    assert response.status_code == status, response.content
    assert Ticket.objects.get().status == after
    if status == 200:
        assert response.json()["status"] == after


def test_a_verb_takes_nothing(ticket, rita):
    response = client_of(rita).post(url(ticket, "solve"), {"comment": "Thanks"})

    assert (response.status_code, fields(response)) == (422, ["comment"])


def test_merging_closes_one_and_answers_the_other(ticket, rita, agnes):
    other = client_of(rita).post(TICKETS, {"subject": "Again", "description": "The same."}).json()["ticket_id"]

    response = client_of(agnes).post(f"{TICKETS}/{other}/merge", {"into": ticket.reference})

    assert (response.status_code, response.json()["ticket_id"]) == (200, ticket.reference)
    merged = client_of(rita).get(f"{TICKETS}/{other}").json()
    assert (merged["status"], merged["merged_into"]) == ("CLOSED", ticket.reference)


def test_merging_is_for_the_support_team_and_for_one_customer(ticket, rita, mallory, agnes):
    other = client_of(mallory).post(TICKETS, {"subject": "Mine", "description": "Alone."}).json()["ticket_id"]

    assert client_of(rita).post(url(ticket, "merge"), {"into": ticket.reference}).status_code == 403
    response = client_of(agnes).post(url(ticket, "merge"), {"into": other})
    assert (response.status_code, code_of(response)) == (409, "different_customers")
    assert client_of(agnes).post(url(ticket, "merge"), {"into": ticket.reference}).status_code == 409
    for into in ("ODG-999999", "", 5, None):
        assert fields(client_of(agnes).post(url(ticket, "merge"), {"into": into})) == ["into"]


def test_splitting_opens_a_ticket_of_a_message(ticket, rita, agnes):
    message = services.post_customer_message(ticket, body="Export fails too.", by=rita, channel=Channel.WEB)
    asked = {"comment_id": message.pk, "subject": "Export fails"}

    response = client_of(agnes).post(url(ticket, "split"), asked, HTTP_IDEMPOTENCY_KEY="s")

    body = response.json()
    assert (response.status_code, body["subject"], body["description"]) == (201, "Export fails", "Export fails too.")
    assert client_of(agnes).post(url(ticket, "split"), asked, HTTP_IDEMPOTENCY_KEY="s").json() == body
    assert client_of(rita).post(url(ticket, "split"), asked).status_code == 403
    assert fields(client_of(agnes).post(url(ticket, "split"), {**asked, "comment_id": 999999})) == ["comment_id"]


def test_a_note_cannot_be_split_off(ticket, agnes):
    note = services.add_internal_note(ticket, body="Secret.", by=agnes)

    response = client_of(agnes).post(url(ticket, "split"), {"comment_id": note.pk, "subject": "Secret"})

    assert (response.status_code, code_of(response)) == (409, "not_a_customer_message")


def test_every_change_is_journalled_with_request_and_person(ticket, agnes):
    client_of(agnes).post(url(ticket, "solve"), HTTP_X_REQUEST_ID="abcdefgh-1", REMOTE_ADDR="192.0.2.7")

    event = Event.objects.filter(kind="ticket.solved").get()
    assert (event.actor_id, event.request_id, event.ip_address) == (agnes.pk, "abcdefgh-1", "192.0.2.7")


def test_routes_have_names():
    assert reverse("api:ticket", args=["ODG-1"]) == "/api/v1/tickets/ODG-1"
