"""What Slack has not signed is refused, whatever is wrong with it."""

import datetime as dt
import json

import pytest
import time_machine
from slack_sdk.signature import SignatureVerifier

from integrations.slack.signatures import is_genuine
from integrations.slack.tests.calls import SECRET
from tests.vendors.slack import SPECS

SIGNED_AT = dt.datetime.fromtimestamp(1531420618, dt.UTC)
VECTORS = (
    [one for one in json.loads((SPECS / "test-vectors.json").read_text(encoding="utf-8")) if one["vendor"] == "slack"]
    if SPECS.is_dir()
    else []
)


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.SLACK_SIGNING_SECRETS = [SECRET]


def signed(body: bytes, secret: str = SECRET, at: dt.datetime = SIGNED_AT) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["source"])
def test_published_vectors(vector, settings):
    settings.SLACK_SIGNING_SECRETS = [vector["secret"]]
    with time_machine.travel(SIGNED_AT, tick=False):
        assert is_genuine(vector["body"].encode(), vector["headers"]) is vector["valid"]


@pytest.mark.parametrize(("minutes", "is_taken"), [(0, True), (4.9, True), (5.1, False), (-4.9, True), (-5.1, False)])
def test_age(minutes, is_taken):
    with time_machine.travel(SIGNED_AT + dt.timedelta(minutes=minutes), tick=False):
        assert is_genuine(b"x=1", signed(b"x=1")) is is_taken


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Signature": "v0=\u2603"},
        {"X-Slack-Signature": "v0=\xff"},
        {"X-Slack-Signature": "v1=" + "0" * 64},
    ],
)
def test_malformed_is_refused(change):
    with time_machine.travel(SIGNED_AT, tick=False):
        assert is_genuine(b"x=1", {**signed(b"x=1"), **change}) is False


def test_a_body_that_is_no_text_is_refused():
    with time_machine.travel(SIGNED_AT, tick=False):
        assert is_genuine(b"\xff\xfe", signed(b"x=1")) is False


def test_both_secrets_hold_while_one_is_changed(settings):
    settings.SLACK_SIGNING_SECRETS = ["old-secret-old-secret", SECRET]
    with time_machine.travel(SIGNED_AT, tick=False):
        for secret in settings.SLACK_SIGNING_SECRETS:
            assert is_genuine(b"x=1", signed(b"x=1", secret))
        assert not is_genuine(b"x=1", signed(b"x=1", "another"))


@pytest.mark.parametrize("secrets", [[], [""], [" "]])
def test_without_a_secret_nothing_is_taken(secrets, settings):
    settings.SLACK_SIGNING_SECRETS = secrets
    with time_machine.travel(SIGNED_AT, tick=False):
        assert not is_genuine(b"x=1", signed(b"x=1"))
