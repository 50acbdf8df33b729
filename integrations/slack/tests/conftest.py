"""A Slack of our own, the portal connected to it, and who of the cast is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from integrations import registry
from integrations import services as outbox
from integrations.rules import Rate
from integrations.services import process_due
from integrations.slack.models import SlackThread
from integrations.slack.tests.calls import ALERTS, CRITICAL, GENERAL, HEAD, METRICS, SECRET, SLA, headers
from tests.vendors.slack import SPECS, TOKEN, FakeSlack

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
NAMES = {
    CRITICAL: "support-critical",
    SLA: "sla-breaches",
    GENERAL: "general-support",
    ALERTS: "support-alerts",
    METRICS: "support-metrics",
    "C0TEST": "support-test",
    "C0INCIDENT": "incidents",
}


def pytest_collection_modifyitems(items):
    if not SPECS.is_dir():
        for item in items:
            if "slack" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="../shared/vendor-specs is not here"))


@pytest.fixture
def slack(db, settings):
    """The portal is connected to a Slack with a channel for each purpose."""
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRETS = TOKEN, [SECRET]
    settings.SLACK_SECONDS_MOST = 3
    settings.SLACK_CHANNELS = {
        "critical": "#support-critical",
        "alerts": "#support-alerts",
        "sla": "#sla-breaches",
        "metrics": "#support-metrics",
        "general": "#general-support",
        "incidents": "#incidents",
        "test": "#support-test",
    }
    settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = True
    with FakeSlack() as fake:
        settings.SLACK_API_URL = f"{fake.url}/api/"
        settings.SLACK_RESPONSE_URL = f"{fake.url}/response/"
        fake.channels.update(NAMES)
        yield fake
    assert fake.faults == []


@pytest.fixture
def people(slack, agnes, rita, mallory):
    """Agnes and Rita are in the workspace with their addresses; Mallory is a stranger there, with Agnes's address."""
    slack.add_person("U0AGNES", agnes.email)
    slack.add_person("U0RITA", rita.email)
    slack.add_person("U0MALLORY", agnes.email, team_id="T0ELSEWHERE", is_stranger=True)
    return slack


@pytest.fixture
def post(monkeypatch):
    """Send what is due, one after the other as ever, and without waiting a second after each."""
    quick = replace(registry._kinds["slack"], rate=Rate(1, 0.00001))
    monkeypatch.setitem(registry._kinds, "slack", quick)
    return outbox.deliver_due


@pytest.fixture
def send(client, slack):
    """Send something to one of the doors as Slack does, signed, and work it off."""

    def send(route, body, *, signed=None, is_worked_off=True, **more):
        content_type, written = (JSON, json.dumps) if route == "events" else (FORM, urlencode)
        raw = body if isinstance(body, bytes) else written(body).encode()
        signed = headers(raw) if signed is None else signed
        answer = client.post(f"/webhooks/slack/{route}", raw, content_type=content_type, headers={**signed, **more})
        if is_worked_off:
            process_due()
        return answer

    return send


@pytest.fixture
def thread(people, ticket):
    people.add_channel("C0EXT", "ext")
    return SlackThread.objects.create(
        ticket=ticket, channel_id=CRITICAL, destination="purpose:critical", ts=HEAD, opener="x.0", head={}
    )
