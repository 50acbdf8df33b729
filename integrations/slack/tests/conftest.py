"""A Slack of our own, the portal connected to it, and who of the cast is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import cache

from integrations import registry
from integrations import services as outbox
from integrations.rules import Rate
from tests.vendors.slack import SPECS, TOKEN, FakeSlack

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CRITICAL, SLA, GENERAL, ALERTS, METRICS = "C0CRITICAL", "C0SLABREACH", "C0GENERAL", "C0ALERTS", "C0METRICS"
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
    cache.clear()
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
    """Agnes and Rita are in the workspace with their addresses; Mallory comes from another one and claims Ada's."""
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
