"""What Slack is told, where, and how it stays one message whatever goes wrong."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine

from accounts.models import User
from accounts.services import change_organization
from common import context, journal
from common.actors import SYSTEM
from common.time import now
from integrations import services as outbox
from integrations.models import Delivery
from integrations.slack import notices
from integrations.slack.models import Purpose, SlackChannel, SlackThread
from integrations.slack.services import claim_thread, forget_thread, note_drawn, open_thread
from integrations.slack.tests.calls import ALERTS, CRITICAL, GENERAL, SLA
from sla.events import BREACHED, STORM_BEGAN
from sla.models import Storm
from tests.vendors.server import Reply
from tests.vendors.slack import busy, refusal
from tickets import services as tickets
from tickets.vocabulary import Channel, Priority, Status

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def critical(slack, rita):
    """Rita's production is down."""
    return tickets.open_ticket(
        subject="Production is down <!channel>",
        description="Nothing works.",
        requester=rita,
        by=rita,
        channel=Channel.WEB,
        priority=Priority.P1_CRITICAL,
    )


def breach(ticket, percent=100):
    data = {"clock": 1, "metric": "FIRST_RESPONSE", "what": "x", "percent": percent, "due_at": now().isoformat()}
    return journal.record(BREACHED, subject=ticket, by=SYSTEM, data={**data, "breached_at": now().isoformat()})


def slack_rows():
    return Delivery.objects.filter(kind="slack").order_by("id")


def words(message) -> str:
    return json.dumps(message.blocks)


def test_a_critical_ticket_is_posted_with_its_buttons(critical, slack, post):
    post()
    (message,) = slack.posts()
    assert message.channel == CRITICAL
    assert "Production is down &lt;!channel&gt;" in words(message)
    assert "<!channel>" not in words(message) + message.text
    assert f"/admin/tickets/ticket/{critical.pk}/change/" in words(message)
    assert "Rita Lindqvist, City of Aarlund" in words(message)
    delivery = slack_rows().get()
    assert (delivery.state, delivery.external_id) == ("DELIVERED", f"{CRITICAL}:{message.ts}")


def test_an_ordinary_ticket_is_not(slack, ticket, post):
    post()
    assert slack.posts() == []


def test_off_costs_nothing(db, settings, critical, rita, slack):
    slack_rows().delete()
    settings.SLACK_BOT_TOKEN = ""
    tickets.change_ticket(critical, by=SYSTEM, priority=Priority.P2_HIGH)
    tickets.solve_ticket(critical, by=SYSTEM)
    assert not slack_rows().exists()


def test_the_past_is_not_told(slack, rita):
    with context.origin(context.Origin(is_backfill=True)):
        tickets.open_ticket(
            subject="Old one", description="x", requester=rita, by=rita, channel=Channel.IMPORT, priority="P1_CRITICAL"
        )
    assert not slack_rows().exists()


def test_the_head_follows_the_ticket(critical, slack, post, agnes):
    post()
    tickets.change_ticket(critical, by=agnes, assignee=agnes)
    post()
    (message,) = slack.posts()
    assert message.edits == 1
    assert "Agnes Moreau" in words(message)
    tickets.change_ticket(critical, by=agnes, tags=["x"])
    post()
    assert message.edits == 1


def test_later_notices_reply_in_the_thread(critical, slack, post, agnes):
    post()
    head = slack.posts()[0]
    tickets.post_public_reply(critical, body="We are on it, <@U1>.", by=agnes)
    tickets.solve_ticket(critical, by=agnes)
    tickets.reopen_ticket(critical, by=agnes)
    post()
    replies = [message.text for message in slack.posts(CRITICAL, thread=head.ts)]
    assert replies == [
        "Agnes Moreau answered the customer:",
        "Agnes Moreau solved the ticket.",
        "Agnes Moreau opened the ticket again.",
    ]
    assert "&lt;@U1&gt;" in words(slack.posts(CRITICAL, thread=head.ts)[0])
    assert [message.channel for message in slack.posts(thread="")] == [CRITICAL, GENERAL]


def test_internal_notes_stay_out(critical, slack, post, agnes):
    tickets.add_internal_note(critical, body="SECRET-NOTE", by=agnes)
    post()
    assert "SECRET-NOTE" not in "".join(words(message) for message in slack.messages)


def test_a_solved_ticket_is_told_with_how_it_went(slack, ticket, post, agnes):
    tickets.solve_ticket(ticket, by=agnes, at=ticket.created_at + 1.5 * HOUR)
    post()
    (message,) = slack.posts(GENERAL)
    assert "*Resolved by*\\nAgnes Moreau" in words(message)
    assert "1.5 hours" in words(message)
    assert "within SLA" in words(message)


def test_a_promise_that_runs_out_has_a_thread(slack, ticket, post):
    breach(ticket, 80)
    breach(ticket, 100)
    post()
    head, reply = slack.posts(SLA)
    assert ("WARNING: 80 %" in words(head), "BREACHED: 100 %" in words(reply)) == (True, True)
    assert reply.thread == head.ts


def test_a_storm_is_told_once(slack, ticket, post):
    storm = Storm.objects.create()
    journal.record(STORM_BEGAN, subject=storm, by=SYSTEM, data={"breaches": 25, "minutes": 10})
    breach(ticket)
    post()
    (message,) = slack.posts()
    assert (message.channel, "25 deadlines" in words(message)) == (SLA, True)


def test_a_customers_channel_gets_their_words_alone(slack, aarlund, rita, post, agnes, ada):
    change_organization(aarlund, by=ada, slack_channel_id="C0AARLUND")
    rita = User.objects.get(pk=rita.pk)
    slack.add_channel("C0AARLUND", "ext-aarlund")
    ticket = tickets.open_ticket(subject="Empty", description="BODY", requester=rita, by=rita, channel=Channel.WEB)
    post()
    (head,) = slack.posts("C0AARLUND")
    assert "Received" in words(head)
    tickets.change_ticket(ticket, by=agnes, assignee=agnes)
    tickets.post_public_reply(ticket, body="BODY too", by=agnes)
    tickets.solve_ticket(ticket, by=agnes)
    breach(ticket)
    post()
    said = slack.posts("C0AARLUND")
    assert [message.text for message in said[1:]] == ["Your ticket is solved. Answer it in the portal if it is not."]
    everything = "".join(words(message) for message in said)
    for secret in ("BODY", "Agnes", "Assign to me", "/admin/", "BREACHED"):
        assert secret not in everything


def test_the_console_chooses_another_channel_or_none(critical, slack, post, settings):
    SlackChannel.objects.create(purpose=Purpose.CRITICAL, channel=ALERTS)
    post()
    assert [message.channel for message in slack.posts()] == [ALERTS]
    SlackChannel.objects.update(channel="")
    tickets.change_ticket(critical, by=SYSTEM, priority=Priority.P2_HIGH)
    tickets.change_ticket(critical, by=SYSTEM, priority=Priority.P1_CRITICAL)
    post()
    assert len(slack.posts()) == 1
    assert set(slack_rows().values_list("state", flat=True)) == {"DELIVERED", "SKIPPED"}


def test_two_purposes_in_one_channel_share_a_thread(critical, slack, post):
    SlackChannel.objects.create(purpose=Purpose.SLA, channel=CRITICAL)
    breach(critical)
    post()
    head, reply = slack.posts(CRITICAL)
    assert reply.thread == head.ts


def test_while_one_opens_a_thread_the_other_waits(ticket, slack):
    first = claim_thread(ticket, CRITICAL, destination="purpose:critical", opener="a.0")
    with pytest.raises(Exception, match="Another notice"):
        claim_thread(ticket, CRITICAL, destination="purpose:sla", opener="b.0")
    with time_machine.travel(now() + dt.timedelta(minutes=4)):
        second = claim_thread(ticket, CRITICAL, destination="purpose:sla", opener="b.0")
    assert (second.pk, second.opener) == (first.pk, "b.0")
    open_thread(second, ts="1.2", template="slack_sla", payload={}, drawn="x")
    note_drawn(second, "y")
    assert claim_thread(ticket, CRITICAL, destination="purpose:sla", opener="c.0").drawn == "y"
    forget_thread(second)
    assert not SlackThread.objects.exists()


def test_a_head_that_somebody_deleted_is_posted_anew(critical, slack, post, agnes):
    post()
    slack.messages.clear()
    tickets.change_ticket(critical, by=agnes, assignee=agnes)
    post()
    assert slack.posts() == []
    tickets.change_ticket(critical, by=agnes, priority=Priority.P2_HIGH)
    tickets.change_ticket(critical, by=agnes, priority=Priority.P1_CRITICAL)
    post()
    assert len(slack.posts(CRITICAL)) == 1


def test_words_of_ones_own(slack, post):
    notices.send_alert(title="Look <here>", message="at & this", url="https://support.example/x")
    post()
    (message,) = slack.posts(ALERTS)
    assert "Look &lt;here&gt;" in words(message)


# --- faults -----------------------------------------------------------------------------------------------------------


def after(minutes: float = 10):
    """Send again what is due so much later."""
    with time_machine.travel(now() + dt.timedelta(minutes=minutes)):
        return outbox.deliver_due()


@pytest.mark.parametrize(
    ("reply", "is_taken"),
    [
        (busy(5), False),
        (Reply(500, b"oops"), False),
        (Reply(500, b"oops", is_taken=True), True),
        (Reply(200, b"<html>", is_taken=True), True),
        (Reply(200, b"<html>"), False),
        (Reply(is_reset=True), False),
        (Reply(is_reset=True, is_taken=True), True),
        (Reply(200, b'{"ok": true}' * 9, drip_seconds=0.05, is_taken=True), True),
        (refusal("fatal_error"), False),
    ],
)
def test_a_fault_ends_with_one_message(critical, slack, post, agnes, reply, is_taken):
    slack.script("chat.postMessage", reply)
    post()
    assert len(slack.posts()) == is_taken
    after()
    assert len(slack.posts(CRITICAL)) == 1
    assert slack_rows().get().state == "DELIVERED"
    slack.script("chat.postMessage", reply)
    with time_machine.travel(now() + 2 * HOUR):
        tickets.post_public_reply(critical, body="We are on it.", by=agnes)
        post()
        after()
    assert len(slack.posts(CRITICAL)) == 2
    assert set(slack_rows().values_list("state", flat=True)) == {"DELIVERED"}


def test_what_cannot_be_looked_up_is_not_repeated(critical, slack, post):
    """Without the scope to read the channel nobody knows whether the message is there."""
    slack.missing_scopes.add("conversations.history")
    slack.script("chat.postMessage", Reply(is_reset=True, is_taken=True))
    post()
    after()
    assert len(slack.posts()) == 1
    assert "lacks a scope: channels:history" in slack_rows().get().last_error
    slack.missing_scopes.clear()
    after(60)
    assert (len(slack.posts()), slack_rows().get().state) == (1, "DELIVERED")


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "channel_not_found", "msg_too_long"])
def test_a_refusal_for_good_ends_with_its_reason(critical, slack, post, error):
    slack.script("chat.postMessage", refusal(error))
    post()
    delivery = slack_rows().get()
    assert (delivery.state, error in delivery.last_error) == ("DEAD", True)
    assert not SlackThread.objects.exists()


def test_one_ill_channel_delays_no_other(critical, slack, post, agnes):
    slack.script("chat.postMessage", busy(60))
    tickets.solve_ticket(critical, by=agnes)
    post()
    assert len(slack.posts()) == 1
    assert sorted(slack_rows().values_list("state", flat=True)) == ["DELIVERED", "PENDING", "PENDING"]


def test_sent_again_by_hand_it_replies_to_its_own_head(critical, slack, post, sofia):
    post()
    outbox.redeliver(slack_rows().get(), by=sofia)
    post()
    head, reply = slack.posts(CRITICAL)
    assert reply.thread == head.ts


# --- joined -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(slack, rita, agnes):
    """Eight solved tickets of which nothing was told yet."""
    rows = [
        tickets.open_ticket(subject=f"Ticket {n}", description="x", requester=rita, by=rita, channel=Channel.WEB)
        for n in range(8)
    ]
    for row in rows:
        tickets.solve_ticket(row, by=agnes)
    return rows


def test_many_notices_are_joined(many, slack, post):
    post()
    (message,) = slack.posts(GENERAL)
    assert message.text.startswith("8 notices.")
    assert all(f"Ticket {n}" in words(message) for n in range(8))
    assert set(slack_rows().values_list("state", "external_id")) == {("DELIVERED", f"{GENERAL}:{message.ts}")}
    assert len(message.metadata["event_payload"]["attempts"]) == 8
    assert sorted(slack_rows().values_list("sequence", flat=True)) == list(range(1, 9))


@pytest.mark.parametrize("reply", [Reply(is_reset=True, is_taken=True), Reply(500, b""), busy(5)])
def test_a_joined_message_that_fails_is_not_doubled(many, slack, post, reply):
    slack.script("chat.postMessage", reply)
    post()
    for minutes in (10, 20, 40):
        after(minutes)
    told = "".join(words(message) for message in slack.posts(GENERAL))
    for n in range(8):
        assert told.count(f"Ticket {n}") == 1
    assert set(slack_rows().values_list("state", flat=True)) == {"DELIVERED"}


def test_batches_wait_for_their_interval(slack, settings, ticket, rita, agnes, post):
    settings.SLACK_BATCH_NOTIFICATIONS = True
    other = tickets.open_ticket(subject="Other", description="x", requester=rita, by=rita, channel=Channel.WEB)
    for row in (ticket, other):
        tickets.solve_ticket(row, by=agnes)
    row = tickets.open_ticket(
        subject="Down", description="x", requester=rita, by=rita, channel=Channel.WEB, priority="P1_CRITICAL"
    )
    post()
    assert [message.channel for message in slack.posts()] == [CRITICAL]
    after(2)
    assert [message.text[:9] for message in slack.posts(GENERAL)] == ["2 notices"]
    assert row.status == Status.NEW
