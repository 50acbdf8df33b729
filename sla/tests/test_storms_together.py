"""Monitors that see a storm come at the same time write it once and tell of it once (decision C20)."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection

from common.journal import Event
from common.time import now
from sla.models import ClockEvent, StepRun, Storm
from sla.services import run_monitor
from sla.vocabulary import StepState
from tickets.services import open_ticket
from tickets.vocabulary import Channel

MONITORS, TICKETS, BATCH = 4, 60, 15
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _real_locks():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time and no row locks")


def opened_long_ago(requester) -> None:
    """Open a ticket whose answer is half an hour late, with its steps at 80 and at 100 per cent still to come."""
    open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=requester,
        channel=Channel.WEB,
        priority="P1_CRITICAL",
        at=now() - dt.timedelta(hours=4.5),
    )


def look_together() -> list[Exception]:
    """Let the monitors begin at the same moment; return what went wrong in them."""
    faults: list[Exception] = []
    start = threading.Barrier(MONITORS)

    def monitor() -> None:
        try:
            start.wait(timeout=10)
            run_monitor(batch=BATCH)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test is to show it
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=monitor) for _ in range(MONITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads), "a monitor waits for ever"
    return faults


def test_c20_monitors_that_look_together_see_one_storm(rita):
    for _ in range(TICKETS):
        opened_long_ago(rita)
    assert look_together() == []
    assert ClockEvent.objects.filter(threshold=100).count() == TICKETS
    assert Storm.objects.get().breach_count == TICKETS
    assert Event.objects.filter(kind="sla.storm_began").count() == 1
    told_singly = StepRun.objects.exclude(state=StepState.SUPPRESSED).count()
    assert told_singly <= BATCH  # no more than the batch that came before there were too many
