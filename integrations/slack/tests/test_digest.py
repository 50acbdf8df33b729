"""The digests: when, with which numbers, and once."""

import datetime as dt
import json

import pytest
import time_machine

from integrations.models import Delivery
from integrations.slack.digest import bounds, due_digests
from integrations.slack.services import queue_digests
from integrations.slack.tasks import queue_digests as task
from integrations.slack.tests.calls import METRICS
from tickets import services as tickets
from tickets.vocabulary import Channel

MONDAY = dt.datetime(2026, 2, 9, 7, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "periods"),
    [
        (MONDAY, ["daily", "weekly"]),
        (MONDAY + DAY, ["daily"]),
        (MONDAY.replace(hour=6, minute=59), []),
        (MONDAY.replace(hour=23), ["daily", "weekly"]),
    ],
)
def test_when_they_are_due(at, periods):
    assert [period for period, _ in due_digests(at)] == periods


def test_what_they_tell_of():
    assert bounds("daily", MONDAY.date()) == (MONDAY.replace(day=8, hour=0, minute=0), MONDAY.replace(hour=0, minute=0))
    assert bounds("weekly", MONDAY.date())[0] == MONDAY.replace(day=2, hour=0, minute=0)


def test_each_is_queued_once(slack, settings):
    assert (queue_digests(MONDAY), queue_digests(MONDAY + dt.timedelta(hours=3))) == (2, 0)
    assert queue_digests(MONDAY + DAY) == 1
    with time_machine.travel(MONDAY + DAY):
        assert task() == 0
    assert Delivery.objects.filter(template="slack_metrics").count() == 3
    assert settings.CELERY_BEAT_SCHEDULE["queue-slack-digests"]["task"] == task.name


def test_off_nothing_is_queued(db, settings):
    settings.SLACK_BOT_TOKEN = ""
    assert queue_digests(MONDAY) == 0
    settings.SLACK_BOT_TOKEN = "xoxb-1"
    assert queue_digests(MONDAY) == 2


def test_its_numbers(slack, rita, agnes, post):
    with time_machine.travel(MONDAY - DAY, tick=False):
        rows = [
            tickets.open_ticket(subject=f"T {n}", description="x", requester=rita, by=rita, channel=Channel.WEB)
            for n in range(3)
        ]
        for row in rows[:2]:
            tickets.solve_ticket(row, by=agnes)
        Delivery.objects.all().delete()
    with time_machine.travel(MONDAY):
        queue_digests()
        post()
    daily, weekly = slack.posts(METRICS)
    told = json.dumps(daily.blocks)
    for words in ("Daily team metrics", "*Opened*\\n3", "*Resolved*\\n2", "*Open now*\\n1", "Agnes Moreau (2 solved)"):
        assert words in told
    assert "100 %" in told
    assert "Sun 08 Feb 2026" in told
    assert "Weekly team metrics" in json.dumps(weekly.blocks)
