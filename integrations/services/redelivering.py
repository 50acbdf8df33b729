"""Sending again what was given up, or was made: one delivery, or all of a time."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import User
from common import journal
from common.errors import Conflict, Invalid, NotAllowed
from common.time import now
from integrations import events
from integrations.models import Delivery
from integrations.services.queueing import wake_worker

AT_ONCE_MOST = 10_000


@transaction.atomic
def redeliver(delivery: Delivery, *, by: User) -> Delivery:
    """Put a delivery that was given up, or was made, back into the queue."""
    _require_right(by)
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state == Delivery.State.PENDING:
        raise Conflict("It is waiting to be sent already.")
    if delivery.is_secret and not delivery.payload:
        raise Conflict("What it carried was a secret and is gone. Ask the person to request a new one.")
    _requeue(delivery, by=by)
    wake_worker()
    return delivery


@transaction.atomic
def redeliver_between(
    start: dt.datetime, end: dt.datetime, *, by: User, circuit: str, states: tuple[str, ...] = (Delivery.State.DEAD,)
) -> int:
    """Put the deliveries of a circuit that were queued from `start` until before `end` back into the queue.

    states: of those to send again.   Returns how many.   Raises: Invalid for an empty time or too many at once.
    """
    _require_right(by)
    if end <= start:
        raise Invalid("The end must be after the start.", field="to", code="invalid")
    wanted = Delivery.objects.filter(
        circuit=circuit, state__in=set(states) - {Delivery.State.PENDING}, created_at__gte=start, created_at__lt=end
    ).exclude(is_secret=True, payload={})
    rows = list(wanted.select_for_update().order_by("id")[: AT_ONCE_MOST + 1])
    if len(rows) > AT_ONCE_MOST:
        raise Invalid(f"There are more than {AT_ONCE_MOST:,} in this time. Choose a shorter one.", field="from")
    for delivery in rows:
        _requeue(delivery, by=by)
    if rows:
        wake_worker()
    return len(rows)


def _require_right(by: User) -> None:
    if not by.has_perm("integrations.redeliver"):
        raise NotAllowed("Only a supervisor can send a delivery again.")


def _requeue(delivery: Delivery, *, by: User) -> None:
    delivery.state, delivery.due_at, delivery.failed_tries = Delivery.State.PENDING, now(), 0
    delivery.delivered_at, delivery.last_error, delivery.claimed_at = None, "", None
    delivery.redelivered += 1
    delivery.save(
        update_fields=[
            *("state", "due_at", "failed_tries", "delivered_at", "last_error", "claimed_at", "redelivered"),
        ]
    )
    journal.record(events.REDELIVERED, subject=delivery, by=by, data={"delivery": delivery.pk})
