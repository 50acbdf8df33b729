"""What is done on the console's ticket page, and by whom."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tickets import services
from tickets.console.deeds import DEEDS
from tickets.models import Message, Ticket, TicketLink
from tickets.tests.console import LOG, answer, do, only_looks, other_ticket, told, url
from tickets.vocabulary import Channel, LinkKind, MessageKind, Status

pytestmark = pytest.mark.django_db


def test_public_reply_with_files_and_a_status_is_one_deed(client, agnes, ticket):
    client.force_login(agnes)
    response = answer(client, ticket, status="PENDING", files=[SimpleUploadedFile("a.log", LOG)])
    message = ticket.messages.get(kind=MessageKind.PUBLIC_REPLY)
    assert response.url == f"{url(ticket)}#message-{message.pk}"
    assert message.attachments.get().name == "a.log"
    assert Ticket.objects.get().status == Status.PENDING


def test_internal_note_is_a_note(client, agnes, ticket):
    client.force_login(agnes)
    answer(client, ticket, "note")
    assert ticket.messages.last().kind == MessageKind.INTERNAL_NOTE
    assert Ticket.objects.get().status == Status.NEW


def test_a_form_sent_twice_answers_once(client, agnes, ticket):
    client.force_login(agnes)
    token = str(uuid.uuid4())
    assert answer(client, ticket, token=token).status_code == answer(client, ticket, token=token).status_code == 302
    assert ticket.messages.count() == 2


def test_refused_answer_leaves_nothing_behind_and_keeps_the_text(client, agnes, ticket):
    client.force_login(agnes)
    program = SimpleUploadedFile("run.exe", b"MZ program")
    response = answer(client, ticket, body="My long answer", status="SOLVED", files=[program])
    assert response.status_code == 422
    assert "My long answer" in response.content.decode()
    assert "programs and web pages cannot be attached" in told(response)
    assert ticket.messages.count() == 1
    assert Ticket.objects.get().status == Status.NEW
    empty = answer(client, ticket, "note", body=" ")
    assert empty.status_code == 422
    assert "Write a message first." in told(empty)


def test_closed_ticket_takes_a_note_and_no_answer(client, agnes, ticket):
    services.close_ticket(ticket, by=agnes)
    client.force_login(agnes)
    assert "Send to " not in client.get(url(ticket)).content.decode()
    refused = answer(client, ticket)
    assert refused.status_code == 409
    assert "nobody would see an answer" in told(refused)
    assert answer(client, ticket, "note").status_code == 302


def test_verbs_move_the_ticket(client, agnes, ticket):
    client.force_login(agnes)
    for deed, status in [
        ("take", "OPEN"),
        ("solve", "SOLVED"),
        ("reopen", "OPEN"),
        ("solve", "SOLVED"),
        ("close", "CLOSED"),
    ]:
        assert do(client, ticket, deed).status_code == 302, deed
        assert Ticket.objects.get().status == status
    assert Ticket.objects.get().assignee == agnes
    refused = do(client, ticket, "solve")
    assert refused.status_code == 409
    assert "cannot become solved" in told(refused)


def test_cancelling(client, agnes, ticket):
    client.force_login(agnes)
    do(client, ticket, "cancel")
    assert Ticket.objects.get().status == Status.CANCELLED


def test_merging_leads_to_the_survivor(client, agnes, rita, mallory, ticket):
    into = other_ticket(rita)
    client.force_login(agnes)
    assert do(client, ticket, "merge", reference=into.reference).url == url(into)
    page = client.get(url(ticket)).content.decode()
    assert "This ticket was merged." in page
    foreign = other_ticket(mallory, "Somebody else's")
    refused = do(client, into, "merge", reference=foreign.reference)
    assert refused.status_code == 409
    assert "different customers" in told(refused)
    unknown = do(client, into, "merge", reference="ODG-999999")
    assert unknown.status_code == 422
    assert "There is no ticket with this reference." in told(unknown)


def test_splitting_a_customers_message(client, agnes, rita, ticket):
    services.post_customer_message(ticket, body="And the export fails too.", by=rita, channel=Channel.WEB)
    message = ticket.messages.last()
    client.force_login(agnes)
    assert "Split off" in client.get(url(ticket)).content.decode()
    response = do(client, ticket, "split", message=message.pk, subject="Export fails")
    new = Ticket.objects.exclude(pk=ticket.pk).get()
    assert response.url == url(new)
    assert TicketLink.objects.get().kind == LinkKind.SPLIT_FROM
    foreign = do(client, new, "split", message=message.pk, subject="Not mine")
    assert foreign.status_code == 404
    assert "not on this ticket" in told(foreign)


def test_linking_and_unlinking(client, agnes, rita, ticket):
    other = other_ticket(rita)
    client.force_login(agnes)
    do(client, ticket, "link", kind="BLOCKED_BY", reference=str(other.pk))
    link = TicketLink.objects.get()
    assert (link.ticket, link.kind, link.other) == (ticket, "BLOCKED_BY", other)
    for _ in range(2):  # the second time somebody else was faster
        assert do(client, ticket, "unlink", row=link.pk).status_code == 302
    assert not TicketLink.objects.exists()


def test_followers_and_secret_links(client, agnes, rita, ticket):
    services.tracking_token(ticket, rita)
    client.force_login(agnes)
    do(client, ticket, "add_follower", email="new@elsewhere.example")
    follower = ticket.followers.get()
    for _ in range(2):
        assert do(client, ticket, "remove_follower", row=follower.person_id).status_code == 302
    assert not ticket.followers.exists()
    link = ticket.tracking_links.get()
    do(client, ticket, "revoke_link", row=link.pk)
    link.refresh_from_db()
    assert link.revoked_at is not None
    assert do(client, ticket, "revoke_link", row=0).status_code == 404
    assert do(client, ticket, "add_follower", email="no address").status_code == 422


FIELDS = {
    **{"answer": {"body": "x"}, "note": {"body": "x"}, "merge": {"reference": "1"}, "split": {"message": 1}},
    **{"link": {"reference": "1"}, "unlink": {"row": 1}, "revoke_link": {"row": 1}, "remove_follower": {"row": 1}},
    "add_follower": {"email": "a@b.example"},
}


@pytest.mark.parametrize("deed", [*DEEDS, "properties"])
def test_every_deed_is_refused_to_strangers_customers_and_staff_without_the_right(client, deed, agnes, rita, ticket):
    before = (Ticket.objects.get().version, Message.objects.count())
    stranger = do(client, ticket, deed, **FIELDS.get(deed, {}))
    assert stranger.url.startswith(reverse("account_login"))
    client.force_login(rita)
    assert do(client, ticket, deed, **FIELDS.get(deed, {})).status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert do(client, ticket, deed, **FIELDS.get(deed, {})).status_code == 403
    assert before == (Ticket.objects.get().version, Message.objects.count())


@pytest.mark.parametrize("deed", DEEDS)
def test_reading_never_does_a_deed(client, deed, agnes, ticket):
    client.force_login(agnes)
    assert client.get(url(ticket), {"deed": deed, **FIELDS.get(deed, {})}).status_code == 200
    assert Ticket.objects.get().version == ticket.version


def test_an_unknown_deed_is_not_found(client, agnes, ticket):
    client.force_login(agnes)
    assert do(client, ticket, "explode").status_code == 404


def test_a_deed_without_the_forms_secret_is_refused(agnes, ticket):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(agnes)
    assert do(client, ticket, "solve").status_code == 403
    assert Ticket.objects.get().status == Status.NEW
