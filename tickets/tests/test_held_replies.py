"""A reply from the console waits a few seconds, in which its author can take it back; then it leaves once."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from common import retention
from common.actors import SYSTEM
from common.errors import Conflict, Invalid, Stale
from common.models import Event
from common.time import now
from integrations.models import Delivery
from tickets import services, tasks
from tickets.models import Draft, HeldReply, ReplyFile, Ticket
from tickets.services import (
    draft_files,
    hold_reply,
    keep_files,
    send_held_replies,
    send_held_reply,
    undo_send,
)
from tickets.tests.console import LOG, answer, do, told, url
from tickets.tests.rules import act
from tickets.tests.test_satisfaction_races import at_once
from tickets.vocabulary import Channel, MessageKind, Status

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(seconds=11)


@pytest.fixture(autouse=True)
def _ten_seconds(settings):
    settings.PORTAL_UNDO_SECONDS = 10


def replies(ticket):
    return list(ticket.messages.filter(kind=MessageKind.PUBLIC_REPLY))


def undo(client, ticket, **fields):
    held = HeldReply.objects.latest("pk")
    return client.post(reverse("admin:tickets_undo_send", args=[ticket.pk, held.pk]), fields)


def log_file(name="a.log"):
    return SimpleUploadedFile(name, LOG)


# --- sending ---


def test_a_reply_is_no_message_before_its_time_and_then_all_of_one(client, agnes, ticket):
    client.force_login(agnes)
    sent = answer(client, ticket, status="PENDING", files=[log_file()], body="Which **version**?")
    assert sent.url == f"{url(ticket)}#held"
    assert "leaves in 10 seconds" in told(sent)
    held = HeldReply.objects.get()
    assert tasks.send_held_replies() == 0
    assert (replies(ticket), Delivery.objects.filter(template="new_message").count()) == ([], 0)
    assert Ticket.objects.get().version == ticket.version

    assert send_held_replies(now() + LATER) == 1
    (message,) = replies(ticket)
    assert (message.body, message.author, message.attachments.get().name) == ("Which **version**?", agnes, "a.log")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.first_response_at) == (Status.PENDING, message.created_at)
    assert ticket.first_response_at >= held.leaves_at
    event = Event.objects.get(kind="message.public_reply_posted")
    assert (event.occurred_at, event.request_id) == (message.created_at, held.request_id)
    mails = Delivery.objects.filter(recipient=ticket.requester).values_list("template", flat=True)
    assert sorted(mails) == ["new_message", "ticket_received"], "the status that came with an answer is told by it"
    assert send_held_replies(now() + LATER) == 0
    assert not ReplyFile.objects.exists()


def test_pressed_twice_it_is_held_once(client, agnes, ticket):
    client.force_login(agnes)
    token = str(uuid.uuid4())
    assert answer(client, ticket, token=token).status_code == answer(client, ticket, token=token).status_code == 302
    assert HeldReply.objects.count() == 1


def test_notes_do_not_wait(client, agnes, ticket):
    client.force_login(agnes)
    answer(client, ticket, "note")
    assert ticket.messages.last().kind == MessageKind.INTERNAL_NOTE
    assert not HeldReply.objects.exists()


def test_its_author_sees_it_counting_down_and_colleagues_only_that_somebody_sends(client, agnes, bruno, ticket):
    client.force_login(agnes)
    answer(client, ticket, body="Try **this**.", files=[log_file()])
    page = client.get(url(ticket)).content.decode()
    assert "Leaving in 10 s" in page
    assert "<strong>this</strong>" in page
    assert "a.log" in page
    client.force_login(bruno)
    assert "<strong>this</strong>" not in client.get(url(ticket)).content.decode()
    said = client.post(reverse("admin:tickets_ticket_presence", args=[ticket.pk])).content.decode()
    assert "<strong>Agnes Moreau</strong> is sending a reply." in said


def test_two_replies_leave_in_the_order_in_which_they_were_sent(agnes, ticket):
    first = hold_reply(ticket, body="First.", by=agnes)
    hold_reply(ticket, body="Second.", by=agnes)
    assert HeldReply.objects.count() == 2
    assert send_held_reply(first.pk).body == "First."
    assert send_held_replies(now() + LATER) == 1
    assert [message.body for message in replies(ticket)] == ["First.", "Second."]


# --- what happens meanwhile ---


def test_the_version_counts_when_it_is_pressed_and_not_when_it_leaves(agnes, rita, ticket):
    with pytest.raises(Stale):
        hold_reply(ticket, body="Hello.", by=agnes, expected_version=ticket.version + 1)
    hold_reply(ticket, body="Solved, I hope.", by=agnes, status="SOLVED", expected_version=ticket.version)
    services.post_customer_message(ticket, body="One more thing.", by=rita, channel=Channel.WEB)
    assert send_held_replies(now() + LATER) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN, "what the customer wrote meanwhile is not answered by it"


def test_a_status_that_cannot_be_set_any_more_does_not_stop_it(agnes, bruno, ticket):
    hold_reply(ticket, body="Hello.", by=agnes, status="PENDING")
    services.solve_ticket(ticket, by=bruno)
    assert send_held_replies(now() + LATER) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.SOLVED


def test_two_agents_never_answer_past_each_other(client, agnes, bruno, ticket):
    hold_reply(ticket, body="Mine.", by=agnes, expected_version=ticket.version)
    client.force_login(bruno)
    refused = answer(client, ticket, body="His.", version=ticket.version, seen=0)
    assert refused.status_code == 409
    assert "Agnes Moreau is sending a reply" in told(refused)
    assert refused.context["forms"]["answer"]["body"].value() == "His."
    send_held_replies(now() + LATER)
    assert answer(client, ticket, body="His.", version=ticket.version, seen=0).status_code == 412


@pytest.mark.parametrize("happened", ["closed", "author gone", "file gone"])
def test_what_cannot_leave_any_more_waits_for_its_author(client, agnes, ada, ticket, happened):
    held = hold_reply(ticket, body="My long answer.", by=agnes, files=[log_file()])
    if happened == "closed":
        services.close_ticket(ticket, by=ada)
    elif happened == "author gone":
        agnes.groups.clear()  # works here no more
    else:
        default_storage.delete(held.files.get().file.name)
    assert send_held_replies(now() + LATER) == 0
    assert replies(ticket) == []
    held.refresh_from_db()
    assert held.refusal
    assert send_held_replies(now() + LATER) == 0, "it is tried once"
    if happened == "closed":
        notice = Delivery.objects.get(template="rule_notice")
        assert notice.recipient == agnes
        assert "Your reply did not leave." in notice.event.data["text"]
        client.force_login(agnes)
        page = client.get(url(ticket)).content.decode()
        assert "Not sent" in page
        assert "nobody would see an answer" in page
        undo(client, ticket)
        page = client.get(url(ticket))
        assert page.context["forms"]["answer"]["body"].value() == "My long answer."
        assert "a.log" in page.content.decode()


# --- taking it back ---


def test_undo_puts_words_files_and_status_back(client, agnes, ticket):
    client.force_login(agnes)
    answer(client, ticket, status="PENDING", files=[log_file()], body="Too quick.")
    response = undo(client, ticket)
    assert response.url == f"{url(ticket)}#composer"
    page = client.get(url(ticket))
    form = page.context["forms"]["answer"]
    assert (form["body"].value(), form["status"].value()) == ("Too quick.", "PENDING")
    assert "a.log" in page.content.decode()
    assert send_held_replies(now() + LATER) == 0

    kept = str(ReplyFile.objects.get().uid)
    answer(client, ticket, body="Now it is right.", kept=[kept])
    send_held_replies(now() + LATER)
    assert replies(ticket)[0].attachments.get().name == "a.log"
    assert not Draft.objects.exists()
    assert not ReplyFile.objects.exists()


def test_undo_keeps_what_was_written_meanwhile_and_lets_no_note_out(client, agnes, ticket):
    client.force_login(agnes)
    answer(client, ticket, body="One.")
    undo(client, ticket, body="Two.", mode="reply", files=[log_file("b.log"), SimpleUploadedFile("x.exe", b"MZ no")])
    draft = Draft.objects.get()
    assert (draft.body, draft.kind) == ("One.\n\nTwo.", MessageKind.PUBLIC_REPLY)
    assert ReplyFile.objects.get().name == "b.log"
    answer(client, ticket, body="Three.")
    undo(client, ticket, body="Psst.", mode="note")
    draft = Draft.objects.get()
    assert (draft.body, draft.kind) == ("Three.\n\nPsst.", MessageKind.INTERNAL_NOTE)


def test_what_has_left_or_is_somebody_elses_cannot_be_taken_back(client, agnes, bruno, ticket):
    held = hold_reply(ticket, body="Mine.", by=agnes)
    with pytest.raises(Conflict):
        undo_send(ticket, held.pk, by=bruno)
    client.force_login(agnes)
    address = reverse("admin:tickets_undo_send", args=[ticket.pk, held.pk])
    send_held_replies(now() + LATER)
    late = client.post(address, {"body": "Written since.", "mode": "note"})
    assert "has left already" in told(late)
    assert Draft.objects.get().body == "Written since."
    assert len(replies(ticket)) == 1
    assert client.get(address).status_code == 405


def test_a_refused_answer_keeps_its_files(client, agnes, ticket):
    client.force_login(agnes)
    refused = answer(client, ticket, body=" ", files=[log_file()])
    assert refused.status_code == 422
    assert "checked" in refused.content.decode().split('name="kept"')[1][:80]
    kept = str(ReplyFile.objects.get().uid)
    answer(client, ticket, "note", body="With the log.", kept=[kept, str(uuid.uuid4())])
    assert ticket.messages.last().attachments.get().name == "a.log"
    assert not ReplyFile.objects.exists()


def test_a_file_that_is_unticked_or_discarded_is_gone(client, agnes, bruno, ticket):
    client.force_login(agnes)
    (row,) = keep_files(ticket, [log_file()], by=agnes)
    with draft_files(ticket, by=bruno, chosen=[row.uid]) as files:
        assert files == [], "of somebody else's draft"
    services.save_draft(ticket, by=agnes, kind="PUBLIC_REPLY", body="")
    assert ReplyFile.objects.exists(), "an emptied field drops no file"
    do(client, ticket, "discard_draft")
    assert not ReplyFile.objects.exists()
    with pytest.raises(Invalid):
        hold_reply(ticket, body="Six.", by=agnes, files=[log_file(f"{n}.log") for n in range(6)])


def test_what_nobody_takes_back_is_forgotten(agnes, ticket):
    held = hold_reply(ticket, body="Mine.", by=agnes, files=[log_file()])
    services.close_ticket(ticket, by=SYSTEM)
    purge = retention.purgers()["replies that did not leave"]
    assert purge(now() + dt.timedelta(days=91)) == 0
    send_held_reply(held.pk)
    assert purge(now() + dt.timedelta(days=89)) == 0
    assert purge(now() + dt.timedelta(days=91)) == 2
    assert not HeldReply.objects.exists()


# --- two at once ---


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once_and_undo_is_all_or_nothing(agnes, ticket):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time and no row locks")
    held = hold_reply(ticket, body="Once.", by=agnes, files=[log_file()])
    at_once(*(lambda: send_held_reply(held.pk) for _ in range(3)))
    assert len(replies(ticket)) == 1
    for _ in range(3):
        held = hold_reply(ticket, body="Again.", by=agnes)
        before = len(replies(ticket))
        at_once(lambda held=held: send_held_reply(held.pk), lambda held=held: undo_send(ticket, held.pk, by=agnes))
        n_sent, n_drafts = len(replies(ticket)) - before, Draft.objects.count()
        assert (n_sent, n_drafts) in ((1, 0), (0, 1))
        Draft.objects.all().delete()


# --- macros ---


@pytest.mark.parametrize(("status", "is_held"), [("PENDING", True), ("SOLVED", True), ("CANCELLED", False)])
def test_a_macros_reply_is_held_like_one_that_was_typed(client, ticket, agnes, sofia, status, is_held):
    services.change_ticket(ticket, by=agnes, status="OPEN")
    ticket = Ticket.objects.get(pk=ticket.pk)
    macro = services.create_macro(by=sofia, name="Say", actions=[act("set_status", status)], reply="We look at it.")
    client.force_login(agnes)
    page = reverse("admin:tickets_macro_use", args=[ticket.reference])
    body = {"version": ticket.version, "reply": "We look at it now."}
    assert client.post(f"{page}?macro={macro.pk}", body).status_code == 302
    assert (len(replies(ticket)), HeldReply.objects.count()) == ((0, 1) if is_held else (1, 0))
    send_held_replies(now() + LATER)
    assert [one.body for one in replies(ticket)] == ["We look at it now."]
    assert Ticket.objects.get(pk=ticket.pk).status == status
    again = client.post(f"{page}?macro={macro.pk}", body)
    assert again.status_code in (409, 412)
    assert len(replies(ticket)) == 1


def test_a_macros_note_waits_for_nothing(ticket, agnes, sofia):
    macro = services.create_macro(by=sofia, name="Note", actions=[], reply="Look here.", is_reply_internal=True)
    services.apply_macro_and_hold(macro, ticket, by=agnes, reply="Look here.")
    assert not HeldReply.objects.exists()
    assert ticket.messages.filter(kind=MessageKind.INTERNAL_NOTE).count() == 1
