"""The outbox's every write: queueing, sending, and sending again."""

from __future__ import annotations

import datetime as dt
from time import monotonic
from typing import Any

import structlog
from django.db import transaction

from accounts.models import User
from common import journal, queue
from common.actors import SYSTEM
from common.errors import Conflict, DeliveryError, NotAllowed
from common.journal import Event
from common.time import now
from integrations import events, registry
from integrations.models import Attempt, Delivery

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=2)  # longer than any one delivery may take, so that nobody sends it meanwhile
BATCH = 20
ANSWER_CHARACTERS_MOST = 2000


def queue_delivery(
    *,
    kind: str,
    template: str,
    destination: str,
    event: Event | None = None,
    recipient: User | None = None,
    payload: dict[str, Any] | None = None,
    is_secret: bool = False,
) -> Delivery | None:
    """Write one delivery, in the transaction at hand, and wake a worker after its commit.

    Returns None where the event already has one for this destination.
    """
    delivery = Delivery(
        kind=kind,
        template=template,
        destination=destination,
        event=event,
        recipient=recipient,
        payload=payload or {},
        is_secret=is_secret,
    )
    with transaction.atomic(savepoint=False):
        if event is not None and event.deliveries.filter(kind=kind, destination=destination).exists():
            return None
        delivery.save(force_insert=True)
        _wake_worker()
    return delivery


def _wake_worker() -> None:
    from integrations.tasks import deliver_due

    queue.nudge("deliveries", deliver_due.delay)


def deliver_due(*, seconds: float = 50) -> int:
    """Send what is due until nothing is or the time is spent, and return how many were tried."""
    started, tried = monotonic(), 0
    while monotonic() - started < seconds:
        batch = queue.claim(Delivery.objects.due(now()), lease=LEASE, size=BATCH)
        if not batch:
            break
        for delivery in batch:
            # The log of a delivery names the request that caused it, not the task that happens to make it.
            request_id = delivery.event.request_id if delivery.event else ""
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                _deliver(delivery)
            tried += 1
    return tried


def _deliver(delivery: Delivery) -> Delivery:
    """Make one try at a claimed delivery and store what came of it. Calls the other side outside a transaction."""
    kind = registry.kind(delivery.kind)
    started_at, clock = now(), monotonic()
    sent, failure = registry.Sent(), None
    try:
        if kind is None:
            raise DeliveryError(f"There is no integration called {delivery.kind}.", permanent=True)
        sent = kind.send(delivery)
    except DeliveryError as error:
        failure = error
    except Exception as error:  # a fault of ours in one delivery must not stop the others; it is tried again and seen
        log.exception("delivery_failed_unexpectedly", delivery=delivery.pk)
        failure = DeliveryError(f"{type(error).__name__}: {error}")
    milliseconds = round((monotonic() - clock) * 1000)
    with transaction.atomic():
        Attempt.objects.create(
            delivery=delivery,
            started_at=started_at,
            milliseconds=milliseconds,
            is_success=failure is None,
            answer=(str(failure) if failure else sent.answer)[:ANSWER_CHARACTERS_MOST],
        )
        if failure is None:
            _finish(delivery, sent)
        else:
            _fail(delivery, failure)
    return delivery


@transaction.atomic
def redeliver(delivery: Delivery, *, by: User) -> Delivery:
    """Put a delivery that was given up, or was made, back into the queue."""
    if not by.has_perm("integrations.redeliver"):
        raise NotAllowed("Only a supervisor can send a delivery again.")
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state == Delivery.State.PENDING:
        raise Conflict("It is waiting to be sent already.")
    if delivery.is_secret and not delivery.payload:
        raise Conflict("What it carried was a secret and is gone. Ask the person to request a new one.")
    delivery.state, delivery.due_at, delivery.failed_tries = Delivery.State.PENDING, now(), 0
    delivery.delivered_at, delivery.last_error = None, ""
    delivery.save(update_fields=["state", "due_at", "failed_tries", "delivered_at", "last_error"])
    journal.record(events.REDELIVERED, subject=delivery, by=by, data={"delivery": delivery.pk})
    _wake_worker()
    return delivery


def _finish(delivery: Delivery, sent: registry.Sent) -> None:
    delivery.state = Delivery.State.SKIPPED if sent.is_needless else Delivery.State.DELIVERED
    delivery.delivered_at = None if sent.is_needless else now()
    delivery.external_id, delivery.last_error = sent.external_id, ""
    if delivery.is_secret:
        delivery.payload = {}
    delivery.save(update_fields=["state", "delivered_at", "external_id", "last_error", "payload"])
    log.info("delivery_made", delivery=delivery.pk, kind=delivery.kind, state=delivery.state)


def _fail(delivery: Delivery, failure: DeliveryError) -> None:
    delivery.failed_tries += 1
    delivery.last_error = str(failure)[:500]
    again = None if failure.permanent else queue.retry_at(delivery.failed_tries, retry_after=failure.retry_after)
    if again is None:
        delivery.state = Delivery.State.DEAD
        data = {"delivery": delivery.pk, "reason": delivery.last_error}
        journal.record(events.DIED, subject=delivery, by=SYSTEM, data=data)
    else:
        delivery.due_at = again
    delivery.save(update_fields=["failed_tries", "last_error", "state", "due_at"])
    log.warning("delivery_failed", delivery=delivery.pk, kind=delivery.kind, state=delivery.state)
