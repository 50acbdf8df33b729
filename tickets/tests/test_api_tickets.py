"""Tickets over HTTP: opening, listing, reading, changing."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import ProductArea, Team, User
from accounts.services import create_access_token
from common.models import Event
from common.tests.api import client_of, code_of, problem_of
from tickets import services
from tickets.models import BlockedSender, CustomField, Ticket
from tickets.services import open_tracking_link
from tickets.vocabulary import Channel, Priority, PrioritySource, Status

TICKETS = "/api/v1/tickets"
GUIDE = {
    "subject": "Production deployment test",
    "description": "Testing post-deployment",
    "customer_name": "Test User",
    "customer_email": "test@opendatagov.io",
    "priority": "P4_LOW",
}
STAFF_ONLY = {"team", "priority_source", "submitter"}


def url(ticket, *rest):
    return "/".join([TICKETS, ticket.reference, *rest])


def ids(response):
    assert response.status_code == 200, response.content
    return [row["ticket_id"] for row in response.json()["results"]]


def fields(response):
    return [error["field"] for error in problem_of(response)["errors"]]


# --- opening ---


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


# --- listing ---


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
        cache.clear()
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


# --- reading ---


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


# --- changing ---


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
    assert response["ETag"] == f'"{body["version"]}"'
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

    assert (response.status_code, response["ETag"]) == (200, '"1"')


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


# --- verbs ---


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
