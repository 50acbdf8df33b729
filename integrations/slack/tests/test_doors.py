"""Slack's three doors: who gets in, and that nothing is taken twice or lost."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine

from common.time import now
from integrations.models import InboundEvent
from integrations.slack.tests.calls import SECRET, event, headers, outcome
from tests.vendors.slack import SPECS
from tickets.models import Message
from tickets.vocabulary import Channel

ROUTES = ("events", "commands", "interactions")
SIGNED_AT = dt.datetime.fromtimestamp(1531420618, dt.UTC)
SAMPLES_FILE = SPECS / "slack" / "samples-inbound-payloads.json"
SAMPLES = json.loads(SAMPLES_FILE.read_text(encoding="utf-8")) if SPECS.is_dir() else {}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Signature": "v0=\xff"},
    ],
)
def test_what_is_not_signed_is_refused_and_not_stored(send, route, wrong):
    body = b'{"type": "event_callback", "event_id": "Ev1", "event": {}}'
    signed = {**headers(body), **wrong} if wrong else {}
    assert send(route, body, signed=signed).status_code == 401
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("route", ROUTES)
def test_a_stale_or_foreign_signature_is_refused(send, route, settings):
    body = b'{"type": "url_verification", "challenge": "x"}'
    stale = headers(body, at=now() - dt.timedelta(minutes=6))
    assert send(route, body, signed=stale).status_code == 401
    assert send(route, body, signed=headers(body, secret="another")).status_code == 401
    assert send(route, b"\xff\xfe", signed=headers(b"x")).status_code == 401
    settings.SLACK_SIGNING_SECRETS = []
    assert send(route, body).status_code == 401


@pytest.mark.parametrize("route", ROUTES)
def test_the_published_vectors_at_the_doors(send, route, settings):
    vectors = json.loads((SPECS / "test-vectors.json").read_text(encoding="utf-8"))
    for vector in (one for one in vectors if one["vendor"] == "slack"):
        settings.SLACK_SIGNING_SECRETS = [vector["secret"]]
        with time_machine.travel(SIGNED_AT, tick=False):
            status = send(route, vector["body"].encode(), signed=vector["headers"], is_worked_off=False).status_code
        assert status == (200 if vector["valid"] else 401)


def test_old_and_new_secret_hold_together(send, settings):
    settings.SLACK_SIGNING_SECRETS = ["the-new-secret", SECRET]
    body = b'{"type": "url_verification", "challenge": "c"}'
    for secret in settings.SLACK_SIGNING_SECRETS:
        assert send("events", body, signed=headers(body, secret=secret)).json() == {"challenge": "c"}


def test_get_and_huge_bodies(client, send):
    assert client.get("/webhooks/slack/events").status_code == 405
    assert send("commands", b"x" * 200_001).status_code == 413


def test_a_replayed_request_does_nothing_twice(send, thread):
    assert send("events", event()).status_code == 200
    again = send("events", event(), **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert again.status_code == 200
    assert InboundEvent.objects.count() == 1
    assert Message.objects.filter(channel=Channel.SLACK).count() == 1


def test_a_retry_that_comes_first_is_taken(send, thread):
    send("events", event(), **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert outcome().headers == {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert outcome().state == "PROCESSED"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_answered_and_settled(send, people, name):
    sample = SAMPLES[name]
    if name == "SlashCommandPayload":
        answer = send("commands", {key: str(value) for key, value in sample.items()})
    elif "event" in sample:
        answer = send("events", {**sample, "type": "event_callback", "event_id": "Ev1"})
    else:
        answer = send("interactions", {"payload": json.dumps(sample)})
    assert answer.status_code == 200
    assert not InboundEvent.objects.filter(state="RECEIVED").exists()


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("events", b"[]"),
        ("events", b"{"),
        ("events", b'{"type": "event_callback"}'),
        ("events", b'{"type": "event_callback", "event_id": "E", "event": 5}'),
        ("interactions", b"payload=%7B"),
        ("interactions", b"x=1"),
        ("interactions", b"payload=%7B%22type%22%3A%22block_actions%22%7D"),
        ("commands", b"text=show+1"),
    ],
)
def test_what_nobody_can_read_waits_for_somebody(send, route, body):
    assert send(route, body).status_code == 200
    assert outcome().state == "FAILED"
