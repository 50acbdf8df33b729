"""Conversation, files, timeline and links over HTTP; and that internal notes stay inside."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.tests.api import client_of, code_of, problem_of
from tickets import services
from tickets.models import Attachment, Message, Ticket, TicketLink
from tickets.vocabulary import Channel, LinkKind, Status

TICKETS = "/api/v1/tickets"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + b"\x00" * 20
SECRET = "xyzzy-only-for-agents"


def url(ticket, *rest):
    return "/".join([TICKETS, ticket.reference, *rest])


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def fields(response):
    return [error["field"] for error in problem_of(response)["errors"]]


def attach(user, ticket, content=b"a log line\n", name="run.log", **more):
    file = SimpleUploadedFile(name, content)
    key = {"HTTP_IDEMPOTENCY_KEY": more.pop("key")} if "key" in more else {}
    return client_of(user).post(url(ticket, "attachments"), {"file": file, **more}, format="multipart", **key)


# --- comments ---


def test_the_conversation_begins_with_the_description(ticket, rita, agnes):
    services.post_public_reply(ticket, body="We *look* into it.", by=agnes)
    services.post_customer_message(ticket, body="Thank you.", by=rita, channel=Channel.WEB)

    found = results(client_of(rita).get(url(ticket, "comments")))

    assert [row["body"] for row in found] == [
        "Since the upgrade every lineage graph is empty.",
        "We *look* into it.",
        "Thank you.",
    ]
    assert found[1]["body_html"] == "<p>We <em>look</em> into it.</p>\n"
    assert [row["author_is_support"] for row in found] == [False, True, False]
    assert found[1]["author"] == {"id": agnes.pk, "name": agnes.name}
    assert {row["ticket_id"] for row in found} == {ticket.reference}


def test_a_customers_comment_is_theirs_and_hands_the_ticket_back(ticket, rita, agnes):
    services.change_ticket(ticket, by=agnes, status=Status.PENDING)

    response = client_of(rita).post(url(ticket, "comments"), {"body": " Here it is. "})

    body = response.json()
    assert (response.status_code, body["body"], body["is_internal"], body["channel"]) == (
        201,
        "Here it is.",
        False,
        "API",
    )
    assert body["author"]["id"] == rita.pk
    assert Ticket.objects.get().status == Status.OPEN


def test_an_agents_comment_is_the_answer(ticket, agnes):
    response = client_of(agnes).post(url(ticket, "comments"), {"body": "Done."})

    assert (response.status_code, response.json()["author_is_support"]) == (201, True)
    assert Ticket.objects.get().first_response_at is not None
    assert Message.objects.last().kind == Message.Kind.PUBLIC_REPLY


def test_an_agents_note_is_internal(ticket, agnes):
    response = client_of(agnes).post(url(ticket, "comments"), {"body": SECRET, "is_internal": True})

    assert (response.status_code, response.json()["is_internal"]) == (201, True)
    assert Ticket.objects.get().first_response_at is None


def test_a_customer_writes_no_notes(ticket, rita):
    response = client_of(rita).post(url(ticket, "comments"), {"body": "Psst.", "is_internal": True})

    assert (response.status_code, code_of(response)) == (403, "not_allowed")


def test_a_comment_on_a_closed_ticket_opens_a_follow_up_and_says_so(ticket, rita, agnes):
    services.close_ticket(ticket, by=agnes)

    body = client_of(rita).post(url(ticket, "comments"), {"body": "It is back."}).json()
    refused = client_of(agnes).post(url(ticket, "comments"), {"body": "Too late."})

    assert body["ticket_id"] != ticket.reference
    links = results(client_of(rita).get(f"{TICKETS}/{body['ticket_id']}/related"))
    assert [(row["kind"], row["direction"], row["ticket_id"]) for row in links] == [
        ("FOLLOW_UP_OF", "OUT", ticket.reference)
    ]
    assert (refused.status_code, code_of(refused)) == (409, "ticket_is_final")


def test_the_same_key_writes_one_comment(ticket, rita):
    answers = [
        client_of(rita).post(url(ticket, "comments"), {"body": "Once."}, HTTP_IDEMPOTENCY_KEY="c") for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["body"]),
        ({"body": ""}, ["body"]),
        ({"body": " \n"}, ["body"]),
        ({"body": "x" * 10_001}, ["body"]),
        ({"body": 5}, ["body"]),
        ({"body": "x", "is_internal": "true"}, ["is_internal"]),
        ({"body": "x", "author": 1}, ["author"]),
        ({"content": "x", "body": "x"}, ["content"]),
    ],
)
def test_comments_that_do_not_validate(ticket, rita, body, names):
    response = client_of(rita).post(url(ticket, "comments"), body)

    assert (response.status_code, fields(response)) == (422, names)


def test_comments_are_paged_and_narrowed_by_time(ticket, rita, agnes):
    for number in range(4):
        services.post_public_reply(ticket, body=f"Answer {number}", by=agnes)
    client = client_of(rita)
    first = client.get(url(ticket, "comments") + "?limit=2&count=true").json()

    assert first["count"] == 5
    assert [row["body"] for row in client.get(first["next"]).json()["results"]] == ["Answer 1", "Answer 2"]
    assert results(client.get(url(ticket, "comments") + "?created_after=2999-01-01")) == []
    assert len(results(client.get(url(ticket, "comments") + "?updated_since=2020-01-01"))) == 5


def test_comments_cost_the_same_queries_whatever_their_number(ticket, rita, agnes, django_assert_max_num_queries):
    for number in range(30):
        files = [SimpleUploadedFile("a.log", b"line\n")]
        services.post_public_reply(ticket, body=f"Answer {number}", by=agnes, files=files)
    with django_assert_max_num_queries(10):
        assert len(results(client_of(rita).get(url(ticket, "comments") + "?limit=100"))) == 31


# --- files ---


def test_a_file_is_attached_and_fetched_by_an_address_that_expires(ticket, rita, time_machine):
    time_machine.move_to("2026-02-08T12:00:00Z", tick=False)
    response = attach(rita, ticket, PNG, "graph.png")

    body = response.json()
    assert (response.status_code, body["name"], body["content_type"], body["size"]) == (
        201,
        "graph.png",
        "image/png",
        49,
    )
    assert body["url_expires_in_seconds"] == 600
    assert results(client_of(rita).get(url(ticket, "attachments"))) == [body]

    file = client_of().get(urlsplit(body["url"]).path)
    assert (file.status_code, b"".join(file.streaming_content), file["Content-Type"]) == (200, PNG, "image/png")
    assert "sandbox" in file["Content-Security-Policy"]
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Cache-Control"] == "private, no-store"

    time_machine.move_to("2026-02-08T12:10:01Z", tick=False)
    expired = client_of().get(urlsplit(body["url"]).path)
    assert (expired.status_code, code_of(expired)) == (404, "not_found")


@pytest.mark.parametrize("token", ["x", "a:b:c", "5f0c8c1e2f8e4a539d431d5b2a3b7c11:1abc:sig", "%00", "é"])
def test_other_addresses_lead_nowhere(db, token):
    assert client_of().get(f"/api/v1/attachments/{token}").status_code == 404


def test_a_file_that_is_gone_is_not_found(ticket, rita):
    body = attach(rita, ticket).json()
    Attachment.objects.get().file.delete(save=False)

    assert client_of().get(urlsplit(body["url"]).path).status_code == 404


def test_text_is_handed_out_as_a_download(ticket, rita):
    body = attach(rita, ticket, b"a log line\n", "../../etc/run.log").json()

    response = client_of().get(urlsplit(body["url"]).path)

    assert (body["name"], b"".join(response.streaming_content)) == ("run.log", b"a log line\n")
    assert response["Content-Disposition"] == 'attachment; filename="run.log"'


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\x00", "setup.exe", "file_type"),
        (b"MZ\x90\x00", "report.pdf", "file_type"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt", "file_type"),
        (b"echo off\n", "run.bat", "file_type"),
        (b"<html><script>alert(1)</script></html>", "page.txt", "file_type"),
        (b"", "empty.txt", "file_empty"),
        (PNG, "graph.pdf", "file_type"),
    ],
)
def test_files_are_judged_by_content(ticket, rita, content, name, code):
    response = attach(rita, ticket, content, name)

    assert (response.status_code, code_of(response)) == (422, "invalid")
    assert [(error["field"], error["code"]) for error in problem_of(response)["errors"]] == [("file", code)]
    assert not Attachment.objects.exists()


def test_a_file_over_the_limit_is_refused(ticket, rita, settings):
    settings.PORTAL_ATTACHMENT_LIMIT_BYTES = 10

    assert problem_of(attach(rita, ticket, b"eleven byte"))["errors"][0]["code"] == "file_too_large"


@pytest.mark.parametrize(
    ("form", "names"),
    [({}, ["file"]), ({"file": "text"}, ["file"]), ({"colour": "red", "file": io.BytesIO(b"line")}, ["colour"])],
)
def test_forms_that_do_not_validate(ticket, rita, form, names):
    response = client_of(rita).post(url(ticket, "attachments"), form, format="multipart")

    assert (response.status_code, fields(response)) == (422, names)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_files_come_in_forms_only(ticket, rita, content_type):
    response = client_of(rita).generic("POST", url(ticket, "attachments"), b"{}", content_type)

    assert (response.status_code, code_of(response)) == (415, "unsupported_media_type")


def test_a_file_sent_twice_with_one_key_is_there_once(ticket, rita):
    first, again = attach(rita, ticket, key="f"), attach(rita, ticket, key="f")

    assert first.json() == again.json()
    assert Attachment.objects.count() == 1
    assert attach(rita, ticket, b"other\n", key="f").status_code == 422


def test_an_internal_file_is_for_the_support_team(ticket, rita, agnes):
    assert attach(rita, ticket, is_internal="true").status_code == 403
    assert attach(agnes, ticket, is_internal="true").json()["is_internal"] is True

    assert results(client_of(rita).get(url(ticket, "attachments"))) == []
    assert len(results(client_of(agnes).get(url(ticket, "attachments")))) == 1


# --- timeline ---


def test_the_timeline_of_a_customer_and_of_an_agent(ticket, rita, agnes):
    services.change_ticket(ticket, by=agnes, assignee=agnes, tags=["vip"])
    services.add_internal_note(ticket, body=SECRET, by=agnes)
    services.solve_ticket(ticket, by=agnes)

    customers, staffs = (results(client_of(user).get(url(ticket, "events"))) for user in (rita, agnes))

    assert [row["kind"] for row in customers] == ["ticket.opened", "ticket.status_changed", "ticket.solved"]
    assert customers[2]["data"] == {"status": {"from": "OPEN", "to": "SOLVED"}}
    assert customers[0]["data"] == {"status": "NEW", "priority": "P3_NORMAL"}
    assert customers[2]["label"] == "solved the ticket"
    assert not {"request_id", "ip_address"} & set(customers[0])
    assert {"ticket.assigned", "message.internal_note_added", "ticket.fields_changed"} < {row["kind"] for row in staffs}
    assert "request_id" in staffs[0]
    assert staffs[0]["actor"] == {"kind": "person", "id": rita.pk, "name": rita.name}


def test_the_timeline_is_narrowed_and_paged(ticket, agnes):
    services.solve_ticket(ticket, by=agnes)
    client = client_of(agnes)

    assert len(results(client.get(url(ticket, "events") + "?kind=ticket.solved"))) == 1
    assert results(client.get(url(ticket, "events") + "?updated_since=2999-01-01")) == []
    page = client.get(url(ticket, "events") + "?limit=1").json()
    assert [row["kind"] for row in client.get(page["next"]).json()["results"]] == ["ticket.solved"]


# --- links ---


@pytest.fixture
def other(rita):
    return services.open_ticket(subject="Another", description="d", requester=rita, by=rita, channel=Channel.API)


def test_a_link_is_seen_from_both_sides(ticket, other, rita, agnes):
    asked = {"kind": "blocked_by", "ticket_id": other.reference}
    response = client_of(agnes).post(url(ticket, "related"), asked)

    assert (response.status_code, response.json()["direction"]) == (201, "OUT")
    there = results(client_of(rita).get(url(other, "related")))
    assert [(row["kind"], row["direction"], row["ticket_id"], row["subject"], row["status"]) for row in there] == [
        ("BLOCKED_BY", "IN", ticket.reference, ticket.subject, "NEW")
    ]
    assert client_of(agnes).post(url(ticket, "related"), asked).json() == response.json()


def test_links_to_what_one_may_not_see_are_not_there(ticket, mallory, rita, agnes):
    hidden = services.open_ticket(subject=SECRET, description="d", requester=mallory, by=mallory, channel=Channel.API)
    link = services.link_tickets(ticket, kind=LinkKind.RELATED, other=hidden, by=agnes)

    assert client_of(rita).get(url(ticket, "related") + "?count=true").json()["count"] == 0
    assert client_of(rita).delete(url(ticket, "related", str(link.pk))).status_code == 404
    assert client_of(rita).delete(url(ticket, "related", "99999999999999999999")).status_code == 404


def test_links_are_the_support_teams_to_make_and_remove(ticket, other, rita, agnes):
    asked = {"ticket_id": other.reference}
    assert client_of(rita).post(url(ticket, "related"), asked).status_code == 403
    link = client_of(agnes).post(url(ticket, "related"), asked).json()

    assert link["kind"] == "RELATED"
    assert client_of(rita).delete(url(ticket, "related", str(link["link_id"]))).status_code == 403
    assert client_of(agnes).delete(url(ticket, "related", str(link["link_id"]))).status_code == 204
    assert not TicketLink.objects.exists()


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["ticket_id"]),
        ({"ticket_id": "ODG-999999"}, ["ticket_id"]),
        ({"ticket_id": 7}, ["ticket_id"]),
        ({"ticket_id": "{own}"}, ["other"]),
        ({"ticket_id": "{other}", "kind": "ENEMY_OF"}, ["kind"]),
    ],
)
def test_links_that_do_not_validate(ticket, other, agnes, asked, names):
    places = {"{own}": ticket.reference, "{other}": other.reference}
    body = {name: places.get(value, value) for name, value in asked.items()}

    response = client_of(agnes).post(url(ticket, "related"), body)

    assert (response.status_code, fields(response)) == (422, names)


# --- what stays inside ---


def test_internal_notes_never_reach_a_customer_in_no_field_and_no_count(ticket, rita, otto, agnes, mallory):
    services.add_follower(ticket, mallory, by=agnes)
    before = {}

    def everything(user):
        """Everything that a customer can read of the ticket, as one text per route."""
        client = client_of(user)
        routes = ["", "/comments?count=true", "/attachments?count=true", "/events?count=true", "/related?count=true"]
        paths = [f"{url(ticket)}{route}" for route in routes]
        paths += [f"{TICKETS}?count=true", f"{TICKETS}?q={SECRET}&count=true", "/api/v1/kb/search?q=" + SECRET]
        return {path: client.get(path) for path in paths}

    for user in (rita, otto, mallory):
        before[user] = {path: answer.json().get("count") for path, answer in everything(user).items()}
    files = [SimpleUploadedFile(f"{SECRET}.log", b"line\n")]
    note = services.add_internal_note(ticket, body=f"# {SECRET}", by=agnes, files=files)
    services.attach_file(ticket, SimpleUploadedFile(f"{SECRET}2.log", b"line\n"), by=agnes, is_internal=True)

    for user in (rita, otto, mallory):
        for path, answer in everything(user).items():
            assert answer.status_code == 200
            assert SECRET not in answer.content.decode().replace(f'"query":"{SECRET}"', ""), path
            assert f'"comment_id":{note.pk}' not in answer.content.decode()
            assert answer.json().get("count") == before[user][path], path
    assert SECRET in client_of(agnes).get(url(ticket, "comments")).content.decode()


@pytest.mark.parametrize(
    ("method", "route"),
    [
        *(("get", route) for route in ("comments", "attachments", "events", "related")),
        *(("post", route) for route in ("comments", "attachments", "related", "solve", "reopen", "cancel")),
        *(("post", route) for route in ("close", "merge", "split")),
    ],
)
def test_nothing_of_a_ticket_one_may_not_see_is_there(ticket, mallory, method, route):
    assert getattr(client_of(mallory), method)(url(ticket, route)).status_code == 404
