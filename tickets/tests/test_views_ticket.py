"""One ticket on its page, for whoever is signed in."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from common.actors import Rule
from common.errors import Invalid
from tickets.models import CustomField, Ticket
from tickets.services import (
    add_follower,
    add_internal_note,
    attach_file,
    cancel_ticket,
    change_ticket,
    close_ticket,
    merge_tickets,
    open_ticket,
    post_customer_message,
    post_public_reply,
    solve_ticket,
)
from tickets.slots import PROMISES
from tickets.tests.pages import PNG, text_file, token, words
from tickets.vocabulary import Channel, Status

QUERIES_MOST = 13
pytestmark = pytest.mark.django_db


def url(ticket: Ticket, name: str = "detail", *args: object) -> str:
    return reverse(f"ticket-{name}", args=[ticket.reference, *args])


@pytest.fixture
def page(client, rita):
    client.force_login(rita)
    return client


def test_page_tells_state_conversation_and_details(page, ticket, agnes):
    CustomField.objects.create(key="hidden", label="Team only", is_customer_visible=False)
    change_ticket(ticket, by=agnes, custom_fields={"severity": "major", "hidden": "x"}, assignee=agnes)
    post_public_reply(ticket, body="Please run `odg count`.\n\n# Then\n\n    odg build", by=agnes)
    text = words(page.get(url(ticket)))
    assert f"<title>{ticket.reference} Lineage graph is empty" in text
    assert "We are working on it" in text
    assert "started to work on the ticket" in text
    assert "<code>odg count</code>" in text
    assert "<h3>Then</h3>" in text
    assert '<pre tabindex="0">' in text
    assert text.count("<h1") == 1
    assert "Agnes Moreau" in text
    assert "Major" in text
    assert "Team only" not in text


@pytest.mark.parametrize("who", ["mallory", None])
def test_others_do_not_see_it(client, ticket, who, request):
    if who:
        client.force_login(request.getfixturevalue(who))
        assert client.get(url(ticket)).status_code == 404
        assert client.get(url(ticket, "cancel")).status_code == 404
        assert client.post(url(ticket, "reply"), {"body": "let me in", "token": token()}).status_code == 404
    else:
        assert client.get(url(ticket))["Location"] == f"/accounts/login/?next=/tickets/{ticket.reference}"
        assert client.post(url(ticket, "solve"))["Location"].endswith(f"?next=/tickets/{ticket.reference}")
    assert ticket.messages.public().count() == 1


@pytest.mark.parametrize("reference", ["ODG-1", "nonsense", "ODG-99999999999999999999", "-1", "ODG-\u0661"])
def test_wrong_reference_is_not_found(page, reference):
    assert page.get(f"/tickets/{reference}").status_code == 404


def test_reply_is_posted_once_and_answers(page, ticket, agnes):
    change_ticket(ticket, by=agnes, status=Status.PENDING)
    form = {"body": "Here it is.", "token": token(), "attachments": [text_file()]}
    response = page.post(url(ticket, "reply"), form)
    assert (response.status_code, response["Location"]) == (302, url(ticket))
    page.post(url(ticket, "reply"), {**form, "attachments": [text_file()]})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count(), ticket.attachments.count()) == (Status.OPEN, 2, 1)
    assert "Your message was sent." in words(page.get(url(ticket)))


def test_refused_reply_keeps_words_and_files(page, ticket):
    response = page.post(url(ticket, "reply"), {"body": " ", "token": token(), "attachments": [text_file()]})
    assert response.status_code == 422
    assert "<title>Error: " in words(response)
    assert "error.log, 14 bytes" in words(response)
    too_long = page.post(url(ticket, "reply"), {"body": "x" * 10_001, "token": token()})
    assert "x" * 10_001 in words(too_long)
    assert "Shorten the message to 10000 characters" in words(too_long)


def test_reply_can_end_the_ticket_with_or_without_words(page, ticket):
    page.post(url(ticket, "reply"), {"body": "It works now.", "token": token(), "solve": "1"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == (Status.SOLVED, 2)
    assert "The ticket is solved." in words(page.get(url(ticket)))
    page.post(url(ticket, "reopen"))
    page.post(url(ticket, "reply"), {"body": "", "token": token(), "solve": "1"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == (Status.SOLVED, 2)


def test_service_that_refuses_a_reply_is_told_at_the_form(page, ticket, monkeypatch):
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise Invalid("error.log could not be read.", field="file")

    monkeypatch.setattr("tickets.services.post_customer_message", refuse)
    form = {"body": "Here it is.", "token": token(), "attachments": [text_file()]}
    response = page.post(url(ticket, "reply"), form)
    assert response.status_code == 422
    assert words(response).count("error.log could not be read.") == 2
    assert "error.log, 14 bytes" in words(response)


def test_loose_files_and_files_of_nobody_are_told(page, ticket, rita):
    attachment = attach_file(ticket, text_file(), by=rita)
    type(attachment).objects.filter(pk=attachment.pk).update(uploaded_by=None)
    assert "Somebody</b> attached a file." in words(page.get(url(ticket)))


def test_reopen_and_cancel_follow_the_rules(page, ticket, agnes):
    refused = page.post(url(ticket, "reopen"))
    assert refused.status_code == 409
    assert "only a solved ticket can be opened again" in words(refused)
    assert "Cancel this ticket?" in words(page.get(url(ticket, "cancel")))
    change_ticket(ticket, by=agnes, status=Status.ON_HOLD)
    assert page.post(url(ticket, "cancel")).status_code == 409
    change_ticket(ticket, by=agnes, status=Status.OPEN)
    assert page.post(url(ticket, "cancel")).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Status.CANCELLED
    assert "You</b> cancelled the ticket" in words(page.get(url(ticket)))


@pytest.mark.parametrize("deed", ["reply", "solve", "reopen"])
def test_deeds_are_no_links(page, ticket, deed):
    assert page.get(url(ticket, deed)).status_code == 405


def test_message_on_a_closed_ticket_follows_it_up(page, ticket, agnes):
    solve_ticket(ticket, by=agnes)
    close_ticket(ticket, by=agnes)
    assert "This ticket is closed." in words(page.get(url(ticket)))
    response = page.post(url(ticket, "reply"), {"body": "It is back.", "token": token()}, follow=True)
    follow_up = Ticket.objects.latest("pk")
    assert response.redirect_chain == [(url(follow_up), 302)]
    assert "which follows it up" in words(response)
    assert f"{follow_up.reference} follows this one up" in words(page.get(url(ticket)))


def test_message_on_a_merged_ticket_goes_to_the_survivor(page, rita, ticket, agnes):
    survivor = open_ticket(subject="The same", description="Same.", requester=rita, by=rita, channel=Channel.WEB)
    merge_tickets(ticket, into=survivor, by=agnes)
    text = words(page.get(url(ticket)))
    assert "This continues in" in text
    assert url(survivor) in text
    assert page.post(url(ticket, "reply"), {"body": "More.", "token": token()})["Location"] == url(survivor)
    assert survivor.messages.public().count() == 2


def test_colleagues_are_added_and_removed(page, ticket, otto, mallory):
    form = url(ticket, "people")
    assert page.post(form, {"email": otto.email}).status_code == 302
    assert "Otto Brandt" in words(page.get(url(ticket)))
    new = page.post(form, {"email": "Nina@aarlund.example"}, follow=True)
    assert "nina now sees this ticket" in words(new)
    assert User.objects.get(email="nina@aarlund.example").organization == ticket.organization
    for outsider in (mallory.email, "nobody@elsewhere.example", "no address"):
        refused = page.post(form, {"email": outsider})
        assert refused.status_code == 422
        assert "<title>Error: " in words(refused)
    page.post(url(ticket, "person", otto.pk))
    assert not ticket.followers.filter(person=otto).exists()
    assert page.post(url(ticket, "person", 999_999)).status_code == 302


def test_follower_may_leave_but_not_remove_others(client, ticket, rita, otto):
    nina = User.objects.get(pk=otto.pk)
    add_follower(ticket, nina, by=rita)
    client.force_login(nina)
    assert client.post(url(ticket, "person", nina.pk))["Location"] == reverse("ticket-list")


def test_person_without_an_organization_can_add_nobody(client, mallory, rita):
    own = open_ticket(subject="Mine alone", description="x", requester=mallory, by=mallory, channel=Channel.WEB)
    client.force_login(mallory)
    assert "Add a colleague" not in words(client.get(url(own)))
    assert client.post(url(own, "people"), {"email": rita.email}).status_code == 422


def test_agent_sees_the_customers_page_and_is_sent_to_the_console(client, ticket, agnes):
    add_internal_note(ticket, body="NOTE-MARKER", by=agnes)
    client.force_login(agnes)
    text = words(client.get(url(ticket)))
    assert "This is what the customer sees." in text
    assert "NOTE-MARKER" not in text
    assert 'name="body"' not in text
    refused = client.post(url(ticket, "reply"), {"body": "Hello", "token": token()})
    assert refused.status_code == 403
    assert "in the console" in words(refused)


def test_files_are_handed_out_harmlessly(page, ticket, rita, agnes, mallory, client):
    image = attach_file(ticket, text_file("Bild ø.png", PNG), by=rita)
    log = attach_file(ticket, text_file(), by=rita)
    note = add_internal_note(ticket, body="see file", by=agnes, files=[text_file("inside.log")])
    inside = note.attachments.get()
    response = page.get(url(ticket, "file", log.uid))
    assert b"".join(response.streaming_content) == b"it went wrong\n"
    assert response["Content-Disposition"] == 'attachment; filename="error.log"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    shown = page.get(url(ticket, "file", image.uid))
    assert shown["Content-Disposition"] == "inline; filename*=utf-8''Bild%20%C3%B8.png"
    assert b"".join(shown.streaming_content) == PNG
    assert page.get(url(ticket, "file", inside.uid)).status_code == 404
    assert page.get(url(ticket, "file", uuid4())).status_code == 404
    assert "error.log" in words(page.get(url(ticket)))
    client.force_login(agnes)
    assert b"".join(client.get(url(ticket, "file", inside.uid)).streaming_content)
    client.force_login(mallory)
    assert client.get(url(ticket, "file", log.uid)).status_code == 404


def test_file_that_is_gone_from_the_store_is_not_found(page, ticket, rita):
    log = attach_file(ticket, text_file(), by=rita)
    log.file.storage.delete(log.file.name)
    assert page.get(url(ticket, "file", log.uid)).status_code == 404


def test_promises_are_shown_where_somebody_makes_them(page, ticket, monkeypatch):
    monkeypatch.setattr(PROMISES, "_providers", [])
    assert 'class="promise' not in words(page.get(url(ticket)))
    promise = {"text": "Our next answer is promised by 14:12 today.", "why": "Your plan says so."}
    monkeypatch.setattr(PROMISES, "_providers", [lambda rows: {row.pk: promise for row in rows}])
    assert "promised by 14:12 today" in words(page.get(url(ticket)))


def test_rules_stay_unnamed(page, ticket, agnes):
    change_ticket(ticket, by=Rule("VIP escalation"), status=Status.OPEN)
    solve_ticket(ticket, by=Rule("VIP escalation"))
    text = words(page.get(url(ticket)))
    assert "VIP escalation" not in text
    assert "Work on the ticket has started." in text
    assert "The ticket was marked as solved." in text


def test_queries_do_not_grow_with_the_conversation(page, ticket, rita, agnes, otto):
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert page.get(url(ticket)).status_code == 200
        return len(queries)

    change_ticket(ticket, by=agnes, custom_fields={"severity": "major"}, assignee=agnes)
    add_follower(ticket, otto, by=rita)
    few = n_queries()
    for n in range(24):
        post_public_reply(ticket, body=f"Answer {n}", by=agnes, files=[text_file()])
        post_customer_message(ticket, body=f"Question {n}", by=rita, channel=Channel.WEB)
    assert n_queries() <= min(few, QUERIES_MOST)


def test_cancelled_ticket_offers_no_cancelling(page, ticket, rita):
    cancel_ticket(ticket, by=rita)
    text = words(page.get(url(ticket)))
    assert "No longer needed?" not in text
    assert not re.search(r"It is solved, close it", text)
