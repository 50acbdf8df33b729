from __future__ import annotations

import pytest

from accounts.models import Tier
from common.actors import SYSTEM
from common.time import now
from sla.models import BusinessCalendar, SlaPolicy
from sla.services import draft_policy, publish_policy
from tickets.vocabulary import Priority


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch):
    """Let the monitor read the clock that tests can move; PostgreSQL's own cannot be."""
    monkeypatch.setattr("sla.services.monitor.database_now", now)


@pytest.fixture
def publish(db):
    """Return a function that publishes a version of a seeded policy: minutes by metric, for every priority."""

    def publish(name: str = "Enterprise", calendar: str = "Day and night", steps=(), **values):
        minutes = {key: value for key, value in values.items() if key.isupper()}
        policy = SlaPolicy.objects.get(name=name)
        hours = BusinessCalendar.objects.get(name=calendar)
        targets = [
            {"priority": priority, "metric": metric, "minutes": amount, "calendar": hours}
            for priority in Priority.values
            for metric, amount in minutes.items()
        ]
        more = {"tiers": [Tier.ENTERPRISE.value]} | {key: one for key, one in values.items() if not key.isupper()}
        return publish_policy(draft_policy(policy, targets=targets, steps=steps, by=SYSTEM, **more), by=SYSTEM)

    return publish


@pytest.fixture
def policy_with_next_response(publish):
    return publish(FIRST_RESPONSE=240, NEXT_RESPONSE=240, RESOLUTION=1440)
