"""Back-tests are jobs: batches of tickets, from where the last one ended, until all are replayed."""

from __future__ import annotations

import datetime as dt
from time import monotonic

from django.db import transaction

from accounts.models import User
from common import queue
from common.errors import Invalid, NotAllowed
from common.time import now
from sla import library
from sla.backtest import add_to, compare, empty_result
from sla.library import Drafts
from sla.models import BackTest, CalendarVersion, PolicyVersion
from sla.outcomes import arm_words, tried_words
from tickets.models import Ticket

LEASE = dt.timedelta(minutes=5)
BATCH = 500


@transaction.atomic
def start_back_test(
    *,
    opened_from: dt.datetime,
    opened_until: dt.datetime,
    by: User,
    policy: PolicyVersion | None = None,
    calendar: CalendarVersion | None = None,
) -> BackTest:
    """Try a version of a policy, of a calendar, or both on the tickets opened in a period.

    Raises: Invalid, NotAllowed.
    """
    if not by.has_perm("sla.add_backtest"):
        raise NotAllowed("Only a supervisor can try drafts on past tickets.")
    if policy is None and calendar is None:
        raise Invalid("Choose the draft of a policy or of a calendar.", field="policy")
    if opened_from >= opened_until:
        raise Invalid("The period ends before it begins.", field="opened_until")
    test = BackTest.objects.create(
        policy=policy,
        calendar=calendar,
        tried=tried_words(policy, calendar),
        arm=arm_words(policy, calendar),
        opened_from=opened_from,
        opened_until=opened_until,
        created_by=by,
        result=empty_result(),
    )
    _wake_worker()
    return test


def run_back_tests(*, seconds: float = 200) -> int:
    """Go on with the back-tests that are not finished; return how many tickets were replayed."""
    started, done = monotonic(), 0
    while monotonic() - started < seconds:
        waiting = BackTest.objects.filter(finished_at=None, due_at__lte=now()).order_by("pk")
        tests = queue.claim(waiting, lease=LEASE, size=1)
        if not tests:
            break
        done += _run(tests[0], until=started + seconds)
    return done


def _run(test: BackTest, *, until: float) -> int:
    """Replay tickets of `test` until none is left or the time is spent (a monotonic instant)."""
    if test.policy is None and test.calendar is None:  # its draft was written anew before it came to its turn
        BackTest.objects.filter(pk=test.pk).delete()
        return 0
    done = 0
    live, draft = library.trial(), library.trial(Drafts(test.policy, test.calendar))
    while test.finished_at is None and monotonic() < until:
        ids = list(
            Ticket.objects.filter(
                pk__gt=test.cursor, created_at__gte=test.opened_from, created_at__lt=test.opened_until
            )
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        add_to(test.result, compare(ids, live=live, draft=draft, until=test.created_at))
        done += len(ids)
        test.ticket_count += len(ids)
        test.cursor = ids[-1] if ids else test.cursor
        test.due_at = now() + LEASE
        if len(ids) < BATCH:
            test.finished_at = now()
        test.save(update_fields=["result", "ticket_count", "cursor", "due_at", "finished_at"])
    if test.finished_at is None:
        BackTest.objects.filter(pk=test.pk).update(due_at=now())  # the next look goes on with it
    return done


def _wake_worker() -> None:
    from sla.tasks import run_back_tests as task

    queue.nudge("sla-back-tests", task.delay)
