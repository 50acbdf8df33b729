"""Monitor and ticket never wait for each other: the one holds clocks and names tickets, the other holds both."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from common.time import now
from sla.models import Clock, StepRun
from sla.services import advance_due
from tickets.services.locking import lock

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _real_locks():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time and no row locks")


def in_another_thread(function):
    def run():
        try:
            answers.append(function())
        finally:
            connection.close()

    answers: list = []
    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


def make_due(ticket) -> None:
    Clock.objects.filter(ticket=ticket, metric="FIRST_RESPONSE").update(next_action_at=now())


def test_a_monitor_passes_the_clocks_of_a_ticket_that_is_being_changed(ticket, publish):
    publish(FIRST_RESPONSE=60, steps=[{"metric": "FIRST_RESPONSE", "at_percent": 80, "action": "NOTIFY_MANAGER"}])
    from sla.services import work_off
    from sla.services.recalculation import Kind, _plan

    _plan(Kind.POLICY, None, "For this test", now(), by=None)
    work_off()
    make_due(ticket)
    with transaction.atomic():
        lock(ticket)
        thread, answers = in_another_thread(advance_due)
        thread.join(timeout=10)
        assert answers, "the monitor waits for the ticket"
    assert answers[0][:2] == (1, 1)
    assert StepRun.objects.filter(ticket=ticket).count() == 1


def test_a_monitor_leaves_what_another_one_holds(ticket):
    make_due(ticket)
    with transaction.atomic():
        list(Clock.objects.select_for_update().filter(ticket=ticket))
        thread, answers = in_another_thread(advance_due)
        thread.join(timeout=10)
        assert answers[0] == (0, 0, 0.0)
    assert advance_due()[0] == 1
