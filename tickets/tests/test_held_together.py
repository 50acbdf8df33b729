"""Replies that go to many tickets with one press, and those that set a status label: held, taken back, sent."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common import context
from common.time import now
from tickets import services
from tickets.models import Draft, HeldReply, StatusLabel, Ticket
from tickets.services import (
    TakenBack,
    hold_reply,
    keep_files,
    send_held_replies,
    send_held_reply,
    sent_together,
    undo_sent_together,
)
from tickets.tests.console import LOG, answer, open_many, told, url
from tickets.tests.rules import act
from tickets.vocabulary import LinkKind, MessageKind, Status

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


# --- to many at once ---


def bulk(client, tickets, action, **fields):
    queue = reverse("admin:tickets_ticket_changelist") + "?sort=created"
    body = {"action": action, "ticket": [one.pk for one in tickets], "confirmed": "yes", **fields}
    return client.post(queue, body)


def take_back(client, sent):
    """Press the button of the message that tells of what was sent."""
    words = told(sent)
    (address,) = re.findall('action="([^"]+)"', words)
    (request,) = re.findall('name="undo" value="([^"]+)"', words)
    return client.post(html.unescape(address), {"undo": request})


def test_a_reply_to_many_is_taken_back_with_one_press_and_asked_for_again(client, agnes, rita):
    several = open_many(rita, 3)
    client.force_login(agnes)
    sent = bulk(client, several, "reply", body="Please restrat.", status="PENDING")
    assert "3 tickets answered." in told(sent)
    assert "3 replies leave in 10 seconds." in told(sent)
    assert set(Ticket.objects.values_list("status", flat=True)) == {Status.NEW}
    earlier = services.post_public_reply(several[0], body="Another.", by=agnes)
    back = take_back(client, sent)
    page = back.content.decode()
    assert "3 replies are back. Nobody has seen them." in page
    assert ("Please restrat." in page, "Reply to 3 tickets" in page) == (True, True)
    assert '<option value="PENDING" selected>' in page
    assert (HeldReply.objects.exists(), Draft.objects.exists()) == (False, False)
    assert send_held_replies(now() + LATER) == 0

    assert bulk(client, several, "reply", body="Please restart.", status="PENDING").status_code == 302
    assert send_held_replies(now() + LATER) == 3
    assert [[one.body for one in replies(ticket)] for ticket in several] == [
        [earlier.body, "Please restart."],
        ["Please restart."],
        ["Please restart."],
    ]
    assert set(Ticket.objects.values_list("status", flat=True)) == {Status.PENDING}
    late = take_back(client, sent)
    assert (late.status_code, "left already" in told(late)) == (302, True)


def test_what_left_meanwhile_is_not_taken_back_and_nobody_elses_is(client, agnes, bruno, rita):
    several = open_many(rita, 2)
    client.force_login(agnes)
    sent = bulk(client, several, "reply", body="Please restart.", status="")
    send_held_reply(HeldReply.objects.earliest("pk").pk)
    client.force_login(bruno)
    assert "left already" in told(take_back(client, sent))
    client.force_login(agnes)
    assert "1 reply is back." in take_back(client, sent).content.decode()
    assert [len(replies(ticket)) for ticket in several] == [1, 0]


def test_a_macros_words_to_many_are_held_and_come_back_as_drafts(client, agnes, sofia, rita):
    several = open_many(rita, 2)
    reply = "About {{ticket.reference}}: we look at it."
    macro = services.create_macro(by=sofia, name="Say", actions=[act("set_priority", "P2_HIGH")], reply=reply)
    client.force_login(agnes)
    sent = bulk(client, several, "macro", value=str(macro.pk))
    assert [len(replies(ticket)) for ticket in several] == [0, 0]
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"P2_HIGH"}
    assert "each as your draft on its ticket" in told(take_back(client, sent))
    drafts = [Draft.objects.get(ticket=ticket, author=agnes).body for ticket in several]
    assert drafts == [f"About {ticket.reference}: we look at it." for ticket in several]


def test_an_update_to_incidents_is_taken_back_and_the_problem_says_so(client, agnes, ticket, rita):
    several = open_many(rita, 2)
    for one in several:
        services.link_tickets(one, kind=LinkKind.CAUSED_BY, other=ticket, by=agnes)
    client.force_login(agnes)
    page = reverse("admin:tickets_ticket_incidents", args=[ticket.pk])
    sent = client.post(page, {"body": "A mend is on its way.", "status": "", "confirmed": "yes"})
    assert "A mend is on its way." in take_back(client, sent).content.decode()
    assert [len(replies(one)) for one in several] == [0, 0]
    notes = ticket.messages.filter(kind=MessageKind.INTERNAL_NOTE).order_by("pk").values_list("body", flat=True)
    assert notes[1] == f"Taken back before it left: the update to {several[0].reference}, {several[1].reference}."
    assert take_back(client, sent).url == url(ticket)


def test_a_fault_in_one_keeps_no_other_from_leaving(agnes, rita, monkeypatch):
    several = open_many(rita, 2)
    for ticket in several:
        hold_reply(ticket, body="Please restart.", by=agnes)

    def stumble(row):
        raise RuntimeError("the disk is full")

    keep_files(several[0], [SimpleUploadedFile("a.log", LOG)], by=agnes, held=HeldReply.objects.earliest("pk"))
    with monkeypatch.context() as patch:
        patch.setattr("tickets.services.holding.opened", stumble)
        assert send_held_replies(now() + LATER) == 1
    assert [len(replies(ticket)) for ticket in several] == [0, 1]
    assert send_held_replies(now() + LATER) == 1


# --- with a status label ---


@pytest.fixture
def vendor(db):
    return StatusLabel.objects.create(status="ON_HOLD", name="With the vendor")


def test_a_label_is_set_with_the_answer(client, agnes, ticket, vendor):
    client.force_login(agnes)
    offered = client.get(url(ticket)).context["forms"]["answer"].fields["status"].choices
    assert [words for _, words in offered][-2:] == ["set to With the vendor", "set to Solved"]
    answer(client, ticket, status=f"label-{vendor.pk}")
    assert "then With the vendor" in client.get(url(ticket)).content.decode()
    assert Ticket.objects.get().label is None
    send_held_replies(now() + LATER)
    sent = Ticket.objects.get()
    assert (sent.status, sent.label) == (Status.ON_HOLD, vendor)
    # In the same status another kind of it can be chosen, not the same again.
    other = StatusLabel.objects.create(status="ON_HOLD", name="Being tested")
    answer(client, ticket, status=f"label-{other.pk}")
    send_held_replies(now() + LATER)
    assert Ticket.objects.get().label == other


def test_undo_gives_the_label_back_to_the_draft(client, agnes, ticket, vendor):
    client.force_login(agnes)
    answer(client, ticket, status=f"label-{vendor.pk}")
    undo(client, ticket)
    draft = Draft.objects.get()
    assert (draft.status, draft.label) == ("ON_HOLD", vendor)
    assert client.get(url(ticket)).context["forms"]["answer"]["status"].value() == f"label-{vendor.pk}"


def test_a_label_that_is_gone_by_then_leaves_its_status(client, agnes, ticket, vendor):
    client.force_login(agnes)
    answer(client, ticket, status=f"label-{vendor.pk}")
    vendor.is_active = False
    vendor.save()
    send_held_replies(now() + LATER)
    sent = Ticket.objects.get()
    assert (sent.status, sent.label) == (Status.ON_HOLD, None)
    assert "Select a valid choice" in told(answer(client, ticket, status=f"label-{vendor.pk}"))


def test_a_label_is_set_with_a_note(client, agnes, ticket, vendor):
    client.force_login(agnes)
    answer(client, ticket, "note", status=f"label-{vendor.pk}")
    assert Ticket.objects.get().label == vendor


def test_only_what_was_sent_with_one_press_and_waits_is_taken_back(agnes, bruno, rita):
    several = open_many(rita, 3)
    with context.origin(context.Origin("one-press", None)):
        for ticket in several:
            hold_reply(ticket, body="Please restart.", by=agnes)
        hold_reply(several[0], body="And I say so too.", by=bruno)
    hold_reply(several[1], body="Another one.", by=agnes)
    send_held_reply(sent_together("one-press", by=agnes).earliest("pk").pk)
    taken = undo_sent_together("one-press", by=agnes)
    assert isinstance(taken, TakenBack)
    assert ([row.ticket for row in taken.rows], taken.are_drafts) == (several[1:], False)
    assert sorted(HeldReply.objects.values_list("body", flat=True)) == ["And I say so too.", "Another one."]
    assert undo_sent_together("one-press", by=agnes).rows == []


def test_an_update_is_taken_back_though_its_incident_was_solved_meanwhile(client, agnes, ticket, rita):
    (one,) = open_many(rita, 1)
    services.link_tickets(one, kind=LinkKind.CAUSED_BY, other=ticket, by=agnes)
    client.force_login(agnes)
    page = reverse("admin:tickets_ticket_incidents", args=[ticket.pk])
    sent = client.post(page, {"body": "A mend is on its way.", "status": "", "confirmed": "yes"})
    services.solve_ticket(one, by=agnes)
    back = take_back(client, sent)
    assert (back.url, "1 reply is back" in told(back), HeldReply.objects.exists()) == (url(ticket), True, False)
    assert ticket.messages.latest("pk").body == f"Taken back before it left: the update to {one.reference}."
