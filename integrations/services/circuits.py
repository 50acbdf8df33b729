"""How the other sides are doing: a circuit that fails again and again rests, and is tried with one delivery after."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction

from accounts.models import User
from common.errors import DeliveryError, NotAllowed
from common.time import now
from integrations.models import Circuit, Delivery
from integrations.redaction import redacted
from integrations.rules import FAILURES_TO_OPEN, pause_seconds
from integrations.services.queueing import wake_worker

log = structlog.get_logger(__name__)


@transaction.atomic
def note_failure(key: str, failure: DeliveryError) -> bool:
    """Count a failure that is not about one delivery alone, and tell whether the circuit rests now.

    Where the other side said how long to wait it is busy, not ill: it rests so long, and nothing is counted.
    """
    circuit, at = Circuit.objects.select_for_update(no_key=True).get(key=key), now()
    circuit.last_failure_at, circuit.last_error = at, redacted(str(failure))[:500]
    seconds = failure.retry_after or 0
    if not failure.retry_after:
        circuit.failures_in_a_row += 1
        seconds = pause_seconds(circuit.failures_in_a_row)
    if seconds:
        circuit.paused_until, circuit.pause_reason = at + dt.timedelta(seconds=seconds), circuit.last_error
        log.warning("circuit_rests", circuit=key, seconds=seconds)
    circuit.save()
    return bool(seconds)


@transaction.atomic
def note_successes(key: str) -> None:
    """Note that the other side answers. After a rest all that waits for a later try is due at once."""
    circuit, at = Circuit.objects.select_for_update(no_key=True).get(key=key), now()
    if circuit.failures_in_a_row >= FAILURES_TO_OPEN:
        waiting = Delivery.objects.pending().filter(circuit=key, failed_tries__gt=0, due_at__gt=at)
        waiting.exclude(claimed_at__gt=at - dt.timedelta(minutes=2)).update(due_at=at)
        log.info("circuit_works_again", circuit=key)
    Circuit.objects.filter(key=key).update(failures_in_a_row=0, paused_until=None, pause_reason="", last_success_at=at)


@transaction.atomic
def end_rest(key: str, *, by: User) -> None:
    """Try a circuit now, whatever it rests for: somebody has mended what was wrong."""
    if not by.has_perm("integrations.redeliver"):
        raise NotAllowed("Only a supervisor can do this.")
    Circuit.objects.filter(key=key).update(failures_in_a_row=0, paused_until=None, pause_reason="")
    Delivery.objects.pending().filter(circuit=key, failed_tries__gt=0, claimed_at=None).update(due_at=now())
    wake_worker()
