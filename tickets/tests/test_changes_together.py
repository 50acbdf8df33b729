"""A change that is committed late: its row has a lower id than others that were read already, and is not missed."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from tickets import services
from tickets.changes import changes_after
from tickets.models import TicketChange
from tickets.tests.console import open_many

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _real_locks():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time and commits in the order of ids")


def in_thread(deed, failures):
    def run():
        try:
            deed()
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_change_that_commits_late_comes_later_and_is_not_skipped(rita, agnes):
    slow, quick = open_many(rita, 2)
    after = changes_after(None, reader=agnes, limit=10).next_after
    is_written, may_commit, failures = threading.Event(), threading.Event(), []

    def change_slowly():
        with transaction.atomic():
            services.change_ticket(slow, by=agnes, priority="P1_CRITICAL")
            is_written.set()
            assert may_commit.wait(timeout=10)

    late = in_thread(change_slowly, failures)
    assert is_written.wait(timeout=10)
    services.change_ticket(quick, by=agnes, priority="P2_HIGH")
    first = changes_after(after, reader=agnes, limit=10)
    assert [row.ticket_id for row in first.rows] == [quick.pk]

    may_commit.set()
    late.join(timeout=10)
    second = changes_after(first.next_after, reader=agnes, limit=10)
    assert not failures
    assert [row.ticket_id for row in second.rows] == [slow.pk]
    assert second.rows[0].pk < first.rows[0].pk, "its id was handed out before"


def test_readers_and_writers_at_once_miss_nothing(rita, agnes):
    tickets = open_many(rita, 8)
    after, failures, seen = changes_after(None, reader=agnes, limit=1).next_after, [], []
    done = threading.Event()

    def write(mine):
        for ticket in mine:
            services.change_ticket(ticket, by=agnes, priority="P1_CRITICAL")

    def read():
        at, is_last = after, False
        while not is_last:
            is_last = done.is_set()
            page = changes_after(at, reader=agnes, limit=3)
            seen.extend(row.ticket_id for row in page.rows)
            at, is_last = page.next_after, is_last and not page.has_more

    writers = [in_thread(lambda part=part: write(tickets[part::2]), failures) for part in (0, 1)]
    readers = [in_thread(read, failures) for _ in range(2)]
    for thread in writers:
        thread.join(timeout=30)
    done.set()
    for thread in readers:
        thread.join(timeout=30)
    assert not failures
    assert {one: seen.count(one) >= 2 for one in (ticket.pk for ticket in tickets)} == dict.fromkeys(
        (ticket.pk for ticket in tickets), True
    )
    numbers = list(TicketChange.objects.filter(sequence__isnull=False).values_list("sequence", flat=True))
    assert len(numbers) == len(set(numbers))
