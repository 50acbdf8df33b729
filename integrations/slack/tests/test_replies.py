"""What people write in the thread of a ticket."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from common.time import now
from integrations.services import process_due
from integrations.slack.models import SlackIntake
from integrations.slack.services import note_taken, remember_user, take_in
from integrations.slack.tests.calls import HEAD, event, outcome
from tests.vendors.server import Reply
from tickets import services as tickets
from tickets.models import Message
from tickets.vocabulary import Channel


def test_a_reply_becomes_an_internal_note(send, thread, agnes, slack):
    send("events", event(text="Looking at &lt;it&gt; with <@U0RITA>"))
    note = Message.objects.get(channel=Channel.SLACK)
    assert (note.body, note.is_internal, note.author) == ("Looking at <it> with @U0RITA", True, agnes)
    assert outcome().ticket == thread.ticket


def test_a_marked_reply_goes_to_the_customer(send, thread, slack):
    send("events", event(text="!public We are on it.\nSoon."))
    reply = Message.objects.get(channel=Channel.SLACK)
    assert (reply.body, reply.is_internal) == ("We are on it.\nSoon.", False)
    assert "on its way to the customer" in slack.whispers[0]["text"]


@pytest.mark.parametrize("text", ["!publicly", "not !public this", "!publicx y"])
def test_only_the_mark_itself_makes_it_public(send, thread, text):
    send("events", event(text=text))
    assert Message.objects.get(channel=Channel.SLACK).is_internal


@pytest.mark.parametrize(
    "message",
    [
        {"bot_id": "B0BOT"},
        {"app_id": "A0"},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"subtype": "channel_join"},
        {"subtype": "message_deleted"},
        {"thread_ts": ""},
        {"thread_ts": "1.1"},
        {"channel": "C0OTHER"},
        {"text": ""},
        {"text": "!public"},
        {"type": "reaction_added"},
    ],
)
def test_what_asks_for_nothing_is_ignored(send, thread, message):
    send("events", event(**message))
    assert outcome().state == "IGNORED"
    assert not Message.objects.filter(channel=Channel.SLACK).exists()


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("U0RITA", "Only the support team"),
        ("U0MALLORY", "another Slack workspace"),
        ("U0NOBODY", "another Slack workspace"),
        ("U0BOTTY", "bots"),
        ("U0UNSURE", "not verified"),
        ("U0NEW", "No account"),
    ],
)
def test_who_may_not_is_told_so_and_nothing_changes(send, thread, slack, agnes, who, words):
    slack.add_person("U0BOTTY", agnes.email, is_bot=True)
    slack.add_person("U0UNSURE", agnes.email, is_email_confirmed=False)
    slack.add_person("U0NEW", "new@support.example")
    send("events", event(user=who, text="!public hello"))
    assert words in slack.whispers[0]["text"]
    assert (slack.whispers[0]["user"], slack.whispers[0]["thread_ts"]) == (who, HEAD)
    assert not Message.objects.filter(channel=Channel.SLACK).exists()


def test_somebody_who_left_may_not(send, thread, slack, agnes):
    send("events", event(1))
    agnes.is_active = False
    agnes.save(update_fields=["is_active"])
    send("events", event(2))
    assert Message.objects.filter(channel=Channel.SLACK).count() == 1
    assert slack.called("users.info") == [{"user": "U0AGNES"}]


def test_files_stay_in_slack(send, thread):
    files = [{"name": "log.txt", "permalink": "https://portal.slack.com/files/1"}]
    send("events", event(subtype="file_share", files=files))
    assert Message.objects.get(channel=Channel.SLACK).body.endswith("log.txt https://portal.slack.com/files/1")


def test_an_edit_adds_a_note(send, thread):
    send("events", event(1, text="!public Wrong."))
    edited = {
        "subtype": "message_changed",
        "message": {"ts": "1790000001.000001", "text": "!public Right.", "edited": {"ts": "9.1"}},
        "previous_message": {"text": "!public Wrong."},
        "ts": "1790000009.1",
    }
    send("events", event(2, **edited))
    send("events", event(3, **edited))
    first, second = Message.objects.filter(channel=Channel.SLACK).order_by("id")
    assert (first.is_internal, second.is_internal) == (False, True)
    told, says = second.body.split("\n\n")
    assert told == "The answer to the customer, which went out as it was, was edited in Slack. It now says:"
    assert says == "Right."


def test_a_refusal_of_the_portal_is_told(send, thread, slack, ada):
    tickets.close_ticket(thread.ticket, by=ada)
    send("events", event(text="!public too late"))
    assert "nobody would see an answer" in slack.whispers[0]["text"]


def test_while_slack_cannot_say_who_it_is_the_reply_waits(send, thread, slack):
    slack.script("users.info", Reply(500, b""))
    send("events", event())
    assert outcome().state == "RECEIVED"
    with time_machine.travel(now() + dt.timedelta(minutes=5)):
        process_due()
    assert outcome().state == "PROCESSED"


def test_worked_off_once(ticket, slack, agnes):
    intake = take_in("message:C:1")
    note_taken(intake, ticket=ticket)
    assert take_in("message:C:1") is None
    assert SlackIntake.objects.get().ticket == ticket
    assert remember_user("U1", person=agnes, reason="").person == agnes
