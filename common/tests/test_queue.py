"""Claiming and trying again."""

import datetime as dt

import pytest
import time_machine

from common import queue
from common.time import now
from integrations.models import InboundEvent
from integrations.services import receive

LEASE = dt.timedelta(minutes=2)


@pytest.fixture
def row(db):
    return receive("test", external_id="1", body=b"")


def test_a_claimed_row_is_nobody_elses_until_the_lease_ends(row):
    assert queue.claim(InboundEvent.objects.due(now()), lease=LEASE, size=5) == [row]
    assert queue.claim(InboundEvent.objects.due(now()), lease=LEASE, size=5) == []
    with time_machine.travel(now() + dt.timedelta(minutes=3)):
        assert queue.claim(InboundEvent.objects.due(now()), lease=LEASE, size=5) == [row]


def test_a_row_that_changed_between_look_and_claim_is_left(row, monkeypatch):
    due = InboundEvent.objects.due(now())
    stale = list(due)
    InboundEvent.objects.update(due_at=now() + LEASE)
    monkeypatch.setattr(type(due), "__getitem__", lambda self, key: stale)
    assert queue.claim(due, lease=LEASE, size=5) == []


def test_the_waits_grow_have_jitter_and_end():
    waits = [(queue.retry_at(n) - now()).total_seconds() for n in range(1, len(queue.BACK_OFF) + 1)]
    for wait, base in zip(waits, queue.BACK_OFF, strict=True):
        assert 0.79 * base <= wait <= 1.21 * base
    assert queue.retry_at(len(queue.BACK_OFF) + 1) is None


def test_a_longer_wait_that_was_asked_for_is_kept():
    assert (queue.retry_at(1, retry_after=900) - now()).total_seconds() == pytest.approx(900, abs=2)
    assert (queue.retry_at(5, retry_after=1) - now()).total_seconds() > 400


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_changes_costs_one_nudge(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "nudge"}}
    woken = []
    for _ in range(3):
        queue.nudge("things", lambda: woken.append(1))
    assert woken == [1]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_undo_the_change(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "down"}}

    def wake():
        raise ConnectionError

    queue.nudge("other-things", wake)
