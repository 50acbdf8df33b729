"""What is rare: answers that cannot be given, heads that cannot be changed, and what is forgotten in time."""

from __future__ import annotations

import datetime as dt

import pytest

from common.retention import purgers
from common.time import now
from integrations.slack.answering import answer, whisper
from integrations.slack.blocks import note
from integrations.slack.models import Purpose, SlackChannel, SlackDigest, SlackIntake, SlackThread, SlackUser
from integrations.slack.services import queue_digests, remember_user, take_in
from integrations.slack.tests.calls import CRITICAL
from tests.vendors.server import Reply
from tests.vendors.slack import refusal
from tickets import services as tickets
from tickets.vocabulary import Channel, Priority


@pytest.fixture
def critical(slack, rita):
    return tickets.open_ticket(
        subject="Down", description="x", requester=rita, by=rita, channel=Channel.WEB, priority=Priority.P1_CRITICAL
    )


def test_an_answer_that_breaks_off_is_told(slack):
    slack.script("response", Reply(is_reset=True))
    assert answer(f"{slack.url}/response/1", note("x")).startswith(" The answer could not be given: ")
    slack.script("chat.postEphemeral", refusal("user_not_in_channel"))
    assert "not in the channel" in whisper(CRITICAL, "U1", "x")


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
def test_a_head_that_cannot_be_changed_keeps_its_thread(critical, slack, post, agnes, error):
    post()
    slack.script("chat.update", refusal(error))
    tickets.change_ticket(critical, by=agnes, assignee=agnes)
    tickets.post_public_reply(critical, body="On it.", by=agnes)
    post()
    head, reply = slack.posts(CRITICAL)
    assert (head.edits, reply.thread) == (0, head.ts)


def test_a_fault_while_the_head_is_changed_is_tried_again(critical, slack, post, agnes):
    post()
    slack.script("chat.update", refusal("fatal_error"))
    tickets.change_ticket(critical, by=agnes, assignee=agnes)
    post()
    assert SlackThread.objects.get().ticket == critical
    assert slack.posts(CRITICAL)[0].edits == 0


def test_what_is_old_is_forgotten(slack, agnes):
    remember_user("U1", person=agnes, reason="")
    take_in("message:C1:1.1")
    queue_digests(dt.datetime(2026, 2, 9, 8, tzinfo=dt.UTC))
    rows = [SlackUser.objects.get(), SlackIntake.objects.get(), SlackDigest.objects.first()]
    assert [str(row) for row in rows] == ["U1", "message:C1:1.1", str(rows[2])]
    purge = purgers()["what is known of Slack"]
    assert purge(now()) == 0
    assert purge(now() + dt.timedelta(days=800)) == 4


def test_several_choices_are_taken_back_at_once(client, ada, slack):
    for purpose in (Purpose.CRITICAL, Purpose.SLA):
        SlackChannel.objects.create(purpose=purpose, channel="C0TEST00")
    client.force_login(ada)
    keys = list(SlackChannel.objects.values_list("pk", flat=True))
    client.post(
        "/admin/integrations/slackchannel/",
        {"action": "delete_selected", "_selected_action": keys, "post": "yes"},
    )
    assert not SlackChannel.objects.exists()
