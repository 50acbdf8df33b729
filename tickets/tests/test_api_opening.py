"""Opening a ticket by the API."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.services import create_access_token
from common.tests.api import client_of, code_of
from tickets.models import BlockedSender, CustomField, Ticket
from tickets.services import open_tracking_link
from tickets.tests.api import GUIDE, STAFF_ONLY, TICKETS, fields
from tickets.vocabulary import Channel, PrioritySource


def test_the_guides_smoke_test_opens_a_ticket_word_for_word(db):
    response = client_of().post(TICKETS, GUIDE)

    body = response.json()
    assert response.status_code == 201
    assert {name: body[name] for name in GUIDE} == GUIDE
    assert (body["status"], body["channel"], body["assignee"], body["tags"]) == ("NEW", "API", None, [])
    assert body["sla"] == {
        "first_response_due_at": None,
        "next_response_due_at": None,
        "resolution_due_at": None,
        "breached": False,
        "paused": False,
    }
    assert body["created_at"].endswith("Z")
    assert response["Location"] == f"http://testserver/api/v1/tickets/{body['ticket_id']}"
    assert response["ETag"] == f'"{body["version"]}"'
    assert not STAFF_ONLY & set(body)


def test_a_guest_gets_the_secret_link_to_that_ticket(db):
    body = client_of().post(TICKETS, GUIDE).json()

    link = open_tracking_link(body["tracking_url"].rpartition("/")[2])
    assert link.ticket.reference == body["ticket_id"]
    assert body["tracking_url"].startswith("http://localhost:8000/t/")


def test_a_guest_learns_nothing_of_the_person_whose_address_they_write(rita):
    body = client_of().post(TICKETS, {**GUIDE, "customer_email": "Rita@Aarlund.example", "customer_name": "X"}).json()

    assert (body["customer_name"], body["customer_email"], body["organization"]) == ("X", rita.email, None)
    assert Ticket.objects.get().requester == rita


def test_a_signed_in_customer_is_who_they_are_whatever_they_write(rita):
    response = client_of(rita).post(TICKETS, GUIDE)

    body = response.json()
    assert (response.status_code, body["customer_email"]) == (201, rita.email)
    assert body["organization"]["name"] == "City of Aarlund"
    assert "tracking_url" not in body
    assert not User.objects.filter(email=GUIDE["customer_email"]).exists()


def test_an_agent_files_a_ticket_for_a_customer(agnes, rita):
    body = client_of(agnes).post(TICKETS, {**GUIDE, "customer_email": rita.email}).json()

    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.submitter, ticket.channel) == (rita, agnes, Channel.API)
    assert body["submitter"]["email"] == agnes.email
    assert body["customer_name"] == rita.name


def test_an_agent_may_ask_for_help_too(agnes):
    body = client_of(agnes).post(TICKETS, {"subject": "My screen", "description": "Is dark."}).json()

    assert body["customer_email"] == agnes.email


def test_everything_that_may_be_said_of_a_ticket_is_kept(rita):
    CustomField.objects.create(key="cost_centre", label="Cost centre")
    asked = {
        "subject": "  Two\n lines ",
        "description": "Text with *Markdown*.",
        "priority": "urgent",
        "product_area": "catalog",
        "environment": "production",
        "product_version": "3.2.1",
        "tags": ["Upgrade", "data pipeline"],
        "custom_fields": {"cost_centre": "4711", "severity": "major"},
    }

    body = client_of(rita).post(TICKETS, asked).json()

    assert body["subject"] == "Two lines"
    assert (body["priority"], body["product_area"], body["environment"]) == (
        "P1_CRITICAL",
        "DATA_CATALOG",
        "PRODUCTION",
    )
    assert (body["product_version"], body["tags"]) == ("3.2.1", ["data-pipeline", "upgrade"])
    assert body["custom_fields"] == {"cost_centre": "4711", "severity": "major"}


def test_without_a_priority_triage_decides(rita, agnes):
    asked = {"subject": "Total outage", "description": "Everything is down."}
    body = client_of(rita).post(TICKETS, asked).json()
    assert body["priority"] == "P1_CRITICAL"
    assert client_of(agnes).get(f"{TICKETS}/{body['ticket_id']}").json()["priority_source"] == PrioritySource.TRIAGE

    body = client_of(rita).post(TICKETS, {"subject": "A question", "description": "How do I?", "priority": None}).json()
    assert body["priority"] == "P3_NORMAL"


def test_a_priority_is_honoured_within_the_tier(db):
    assert client_of().post(TICKETS, {**GUIDE, "priority": "P1"}).json()["priority"] == "P3_NORMAL"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"subject": None}, ["subject"]),
        ({"subject": ""}, ["subject"]),
        ({"subject": "ab"}, ["subject"]),
        ({"subject": "   ab   "}, ["subject"]),
        ({"subject": "x" * 201}, ["subject"]),
        ({"subject": 12345}, ["subject"]),
        ({"description": " "}, ["description"]),
        ({"description": "x" * 10_001}, ["description"]),
        ({"description": "x" * 100_000}, ["description"]),
        ({"customer_email": "nobody"}, ["customer_email"]),
        ({"customer_email": "a@b"}, ["customer_email"]),
        ({"customer_email": "@b.org"}, ["customer_email"]),
        ({"customer_email": "a b@c.org"}, ["customer_email"]),
        ({"customer_email": "a@@b.org"}, ["customer_email"]),
        ({"customer_name": ""}, ["customer_name"]),
        ({"customer_name": None, "customer_email": None}, ["customer_email", "customer_name"]),
        ({"priority": "P9"}, ["priority"]),
        ({"priority": 1}, ["priority"]),
        ({"priority": "P1' OR '1'='1"}, ["priority"]),
        ({"product_area": "NOWHERE"}, ["product_area"]),
        ({"environment": "MOON"}, ["environment"]),
        ({"product_version": "x" * 41}, ["product_version"]),
        ({"tags": "upgrade"}, ["tags"]),
        ({"tags": [1]}, ["tags.0"]),
        ({"tags": ["x" * 51]}, ["tags.0"]),
        ({"tags": [str(n) for n in range(21)]}, ["tags"]),
        ({"custom_fields": []}, ["custom_fields"]),
        ({"custom_fields": {"unheard": 1}}, ["custom_fields.unheard"]),
        ({"custom_fields": {"severity": "dreadful"}}, ["custom_fields.severity"]),
        ({"status": "SOLVED"}, ["status"]),
        ({"colour": "red", "assignee": 1}, ["assignee", "colour"]),
    ],
    ids=str,
)
def test_what_does_not_validate_is_told_field_by_field(db, changes, names):
    response = client_of().post(TICKETS, {**GUIDE, **changes})

    assert (response.status_code, code_of(response)) == (422, "invalid")
    assert sorted(fields(response)) == names
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("missing", [*(set(GUIDE) - {"priority"})])
def test_guests_must_say_everything_that_is_needed(db, missing):
    response = client_of().post(TICKETS, {name: value for name, value in GUIDE.items() if name != missing})

    assert (response.status_code, fields(response)) == (422, [missing])


def test_an_agent_who_names_a_customer_gives_the_address(agnes):
    response = client_of(agnes).post(TICKETS, {"subject": "abc", "description": "d", "customer_name": "Rita"})

    assert fields(response) == ["customer_email"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 422), (b"null", 422), (b'{"subject": "a", "subject": "b"}', 400), (b'{"a": "\\u0000"}', 400)],
)
def test_unreadable_bodies_are_refused(db, body, status):
    assert client_of().generic("POST", TICKETS, body, "application/json").status_code == status


def test_markup_is_kept_as_text_and_rendered_harmless(rita):
    asked = {"subject": "<script>alert(1)</script>", "description": "<img src=x onerror=alert(1)>"}
    body = client_of(rita).post(TICKETS, asked).json()
    comments = client_of(rita).get(f"{TICKETS}/{body['ticket_id']}/comments").json()["results"]

    assert (body["subject"], body["description"]) == (asked["subject"], asked["description"])
    assert "<img" not in comments[0]["body_html"]


def test_a_blocked_sender_is_refused(db):
    BlockedSender.objects.create(pattern="opendatagov.io")

    response = client_of().post(TICKETS, GUIDE)

    assert (response.status_code, code_of(response)) == (403, "sender_blocked")


def test_guests_are_limited_by_network_and_by_address(db, settings, time_machine):
    time_machine.move_to("2026-02-08T12:10:00Z", tick=False)
    settings.PORTAL_RATES = {"default": (100, 60), "guest-ticket-ip": (3, 3600), "guest-ticket-email": (2, 3600)}
    answers = [client_of().post(TICKETS, GUIDE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0]["RateLimit"] == '"guest-ticket-email";r=1;t=3000'
    assert (code_of(answers[2]), answers[2]["Retry-After"]) == ("too_many_requests", "3000")

    other = client_of().post(TICKETS, {**GUIDE, "customer_email": "other@opendatagov.io"})
    assert (other.status_code, other["RateLimit-Policy"]) == (429, '"guest-ticket-ip";q=3;w=3600')
    assert Ticket.objects.count() == 2


def test_signed_in_people_are_not_limited_as_guests(rita, settings):
    settings.PORTAL_RATES = {"default": (100, 60), "guest-ticket-ip": (1, 3600), "guest-ticket-email": (1, 3600)}

    assert [client_of(rita).post(TICKETS, GUIDE).status_code for _ in range(3)] == [201, 201, 201]


def test_the_same_key_makes_one_ticket_and_the_same_answer(db):
    first, again = (client_of().post(TICKETS, GUIDE, HTTP_IDEMPOTENCY_KEY='"k-1"') for _ in range(2))
    other = client_of().post(TICKETS, {**GUIDE, "subject": "Another"}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")
    assert Ticket.objects.count() == 1


def test_a_body_that_does_not_validate_does_not_use_up_the_key(db):
    assert client_of().post(TICKETS, {}, HTTP_IDEMPOTENCY_KEY="k").status_code == 422
    assert client_of().post(TICKETS, GUIDE, HTTP_IDEMPOTENCY_KEY="k").status_code == 201


def test_a_token_without_the_scope_opens_nothing(rita):
    token = create_access_token(rita, name="reader", scopes=["tickets:read"], days=1, by=rita)[1]
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    response = client.post(TICKETS, GUIDE)

    assert (response.status_code, code_of(response)) == (403, "insufficient_scope")
    assert client.get(TICKETS).status_code == 200
