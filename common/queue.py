"""What every queue in the database needs: claiming rows without two workers taking one, and when to try again."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.core.cache import cache
from django.db import connection, models, transaction

from common.time import now

Row = TypeVar("Row", bound=models.Model)

# Seconds to wait after the first, second, ... failed try: 15 tries over a little more than two days.
BACK_OFF = (10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 14400, 28800, 28800, 43200, 43200)


def claim(due: models.QuerySet[Row], *, lease: dt.timedelta, size: int) -> list[Row]:
    """Take up to `size` of the `due` rows for this worker and return them.

    Each is claimed by moving its `due_at` past the lease: a worker that dies gives the row back by doing
    nothing. Rows that another worker is claiming at this moment are passed over.
    """
    until = now() + lease
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        rows = list(due[:size])
        model = due.model
        taken = []
        for row in rows:
            # The condition is what protects SQLite, which has no row locks, from a double claim.
            seen = model._default_manager.filter(pk=row.pk, due_at=row.due_at)  # type: ignore[attr-defined,misc]
            if seen.update(due_at=until):
                row.due_at = until  # type: ignore[attr-defined]
                taken.append(row)
    return taken


def retry_at(failed_tries: int, *, retry_after: int | None = None) -> dt.datetime | None:
    """Return when to try again after `failed_tries` failures, with jitter; None when it is time to give up.

    retry_after: seconds the other side asked for; honoured where it is longer than our own wait.
    """
    if failed_tries > len(BACK_OFF):
        return None
    wait = BACK_OFF[failed_tries - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
    return now() + dt.timedelta(seconds=max(wait, retry_after or 0))


def nudge(queue: str, wake: Callable[[], object]) -> None:
    """After the commit at hand, call `wake` once, unless somebody else has done so for `queue` a moment ago.

    Correctness never depends on it: the scheduled sweep finds what a lost nudge would have found.
    """

    def send() -> None:
        if cache.add(f"nudge:{queue}", 1, timeout=2):
            wake()

    send.queue = queue  # type: ignore[attr-defined]
    waiting = (getattr(entry[1], "queue", None) for entry in connection.run_on_commit)
    if queue not in waiting:
        transaction.on_commit(send, robust=True)


@contextmanager
def alone(work: str, *, seconds: int) -> Iterator[bool]:
    """Say whether this is the only one at `work`. Another one may begin when it ends, or after so many seconds."""
    is_alone = cache.add(f"at-work:{work}", 1, timeout=seconds)
    try:
        yield is_alone
    finally:
        if is_alone:
            cache.delete(f"at-work:{work}")
