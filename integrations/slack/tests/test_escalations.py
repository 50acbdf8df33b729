"""An escalation step that posts to Slack."""

import json

import pytest

from integrations import services as outbox
from integrations.slack.models import Purpose, SlackChannel
from integrations.slack.tests.calls import SLA
from integrations.tests.notices import ADDRESSES, MANAGER, come_due, reached, stopped_clock, ticket_after
from sla.vocabulary import Action, StepState


@pytest.fixture
def clock(monkeypatch):
    with stopped_clock(monkeypatch) as clock:
        yield clock


@pytest.fixture
def late(clock, rita, agnes, settings):
    settings.PORTAL_ROLE_ADDRESSES = ADDRESSES
    return ticket_after(clock, rita, agnes, hours=60)


def test_it_is_posted_with_how_the_promise_stood(late, slack, clock):
    run = come_due(late, Action.POST_TO_SLACK)
    assert (run.state, run.note) == (StepState.DONE, "Sent to Slack.")
    assert reached() == ["purpose:sla"]
    outbox.deliver_due()
    (message,) = slack.posts(SLA)
    told = json.dumps(message.blocks)
    assert "BREACHED: 125 %" in told
    assert "first response" in told
    assert "Post to Slack" in told
    assert late.reference in message.text


def test_where_no_channel_is_chosen_the_manager_is_mailed(late, slack):
    SlackChannel.objects.create(purpose=Purpose.SLA, channel="")
    run = come_due(late, Action.POST_TO_SLACK)
    assert (reached(), run.note) == ([MANAGER], f"No channel is set for Slack. Mailed to {MANAGER} instead.")


def test_off_the_manager_is_mailed(late, slack, settings):
    settings.SLACK_BOT_TOKEN = ""
    run = come_due(late, Action.POST_TO_SLACK)
    assert reached() == [MANAGER]
    assert run.note.startswith("Slack is not connected.")
