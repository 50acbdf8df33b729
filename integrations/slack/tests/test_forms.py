"""What people type into forms."""

from __future__ import annotations

import json

import pytest

from integrations.models import InboundEvent
from integrations.slack.tests.calls import CRITICAL, HEAD, outcome, press, said, submit
from tickets.models import Message, Ticket
from tickets.vocabulary import Channel


def test_reply_opens_a_form_at_once(send, people, ticket):
    send("interactions", press(people, "reply_ticket", ticket), is_worked_off=False)
    (view,) = people.views
    assert json.loads(view["private_metadata"]) == {"ticket": ticket.pk, "channel": CRITICAL, "thread": HEAD}


def test_reply_is_refused_to_who_is_known_to_have_no_right(send, people, ticket):
    send("interactions", press(people, "solve_ticket", ticket, by="U0RITA"))
    send("interactions", press(people, "reply_ticket", ticket, by="U0RITA", trigger="t2"))
    assert people.views == []
    assert "Only the support team" in said(people)


@pytest.mark.parametrize(("choice", "is_internal"), [("internal", True), ("public", False)])
def test_a_form_answers_the_ticket(send, people, ticket, choice, is_internal):
    remembered = {"ticket": ticket.pk, "channel": CRITICAL, "thread": HEAD}
    form = submit("reply_form", remembered, body="Here you are.", visibility=(choice,))
    assert send("interactions", form).content == b""
    send("interactions", form)
    message = Message.objects.get(channel=Channel.SLACK)
    assert (message.body, message.is_internal) == ("Here you are.", is_internal)
    assert people.whispers[0]["user"] == "U0AGNES"


def test_a_form_of_who_may_not_changes_nothing(send, people, ticket):
    remembered = {"ticket": ticket.pk, "channel": CRITICAL, "thread": HEAD}
    for who in ("U0RITA", "U0MALLORY"):
        send("interactions", submit("reply_form", remembered, by=who, view=who, body="x", visibility=("public",)))
    assert not Message.objects.filter(channel=Channel.SLACK).exists()
    assert len(people.whispers) == 2


def test_mistakes_are_shown_in_the_form(send, people):
    answer = send("interactions", submit("ticket_form", {}, subject="x", description=" "))
    assert set(answer.json()["errors"]) == {"subject", "description"}
    assert not InboundEvent.objects.exists()


def test_an_agent_makes_a_ticket_for_somebody(send, people, agnes, rita):
    form = submit(
        "ticket_form",
        {"channel": CRITICAL, "source": "https://portal.slack.com/archives/C1/p1"},
        subject="Lineage is empty",
        description="Since Monday.",
        requester=rita.email,
        priority=("P2_HIGH",),
    )
    send("interactions", form)
    send("interactions", form)
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.submitter, ticket.channel, ticket.priority) == (rita, agnes, "SLACK", "P2_HIGH")
    assert "archives/C1/p1" in ticket.messages.get().body
    assert ticket.reference in people.whispers[0]["text"]


def test_a_customer_makes_a_ticket_for_themselves_alone(send, people, rita, agnes):
    send("interactions", submit("ticket_form", {"channel": CRITICAL}, by="U0RITA", subject="Mine", description="x"))
    assert Ticket.objects.get().requester == rita
    form = submit("ticket_form", {}, by="U0RITA", view="V2", subject="Theirs", description="x", requester=agnes.email)
    send("interactions", form)
    assert Ticket.objects.count() == 1


def test_an_unknown_form_waits_for_somebody(send, people):
    send("interactions", submit("odd_form", {}))
    assert outcome().state == "FAILED"


def test_the_shortcut_makes_a_ticket_of_a_message(send, people):
    payload = {
        "type": "message_action",
        "callback_id": "make_ticket",
        "trigger_id": "t9",
        "team": {"domain": "portal"},
        "channel": {"id": CRITICAL},
        "message_ts": "1790000001.000100",
        "message": {"text": "Lineage is &lt;empty&gt;\nsince Monday"},
        "user": {"id": "U0AGNES"},
    }
    send("interactions", {"payload": json.dumps(payload)})
    (view,) = people.views
    initial = [block["element"].get("initial_value") for block in view["blocks"][:2]]
    assert initial == ["Lineage is <empty>", "Lineage is <empty>\nsince Monday"]
    source = json.loads(view["private_metadata"])["source"]
    assert source == f"https://portal.slack.com/archives/{CRITICAL}/p1790000001000100"
