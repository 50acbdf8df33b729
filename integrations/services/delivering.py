"""Sending what is due: a worker takes some deliveries of a circuit, calls the other side, and keeps what came of it."""

from __future__ import annotations

import datetime as dt
from time import monotonic

import structlog
from django.db import transaction

from common import journal, queue
from common.actors import SYSTEM
from common.errors import DeliveryError
from common.time import now
from integrations import events, registry
from integrations.models import Attempt, Circuit, Delivery
from integrations.redaction import redacted
from integrations.rules import allowance, in_window
from integrations.services.circuits import note_failure, note_successes

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=2)  # longer than any one delivery may take, so that nobody sends it meanwhile
BATCH = 20
BATCH_SECONDS = 30.0  # a batch that is slow gives its rest back well before the lease ends
ANSWER_CHARACTERS_MOST = 2000


def due_circuits(at: dt.datetime) -> list[str]:
    """Return the keys of the circuits that have something to send and are not at rest.

    Each is one step in the index, however long its queue is.
    """
    resting = set(Circuit.objects.filter(paused_until__gt=at).values_list("key", flat=True))
    found: list[str] = []
    last = ""
    while True:
        ahead = Delivery.objects.pending().filter(circuit__gt=last).order_by("circuit", "due_at", "id")
        entry = ahead.values_list("circuit", "due_at").first()
        if entry is None:
            return found
        last, due_at = entry
        if due_at <= at and last not in resting:
            found.append(last)


def deliver_due(*, seconds: float = 50) -> int:
    """Send what is due until nothing is or the time is spent, a circuit at a time, and return how many were tried."""
    deadline, tried = monotonic() + seconds, 0
    while monotonic() < deadline:
        tried_now = sum(deliver(circuit, deadline=deadline) for circuit in due_circuits(now()))
        if not tried_now:
            break
        tried += tried_now
    return tried


def deliver(circuit: str, *, deadline: float) -> int:
    """Send a batch of one circuit and return how many were tried. deadline: of `time.monotonic`."""
    batch = claim(circuit, size=BATCH)
    deadline, successes, tried = min(deadline, monotonic() + BATCH_SECONDS), 0, 0
    for position, delivery in enumerate(batch):
        if tried and monotonic() > deadline:
            give_back(batch[position:])
            break
        tried += 1
        # The log of a delivery names the request that caused it, not the task that happens to make it.
        request_id = delivery.event.request_id if delivery.event else ""
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            failure = _try(delivery)
        if failure is None or failure.permanent:
            successes += 1
        elif not failure.is_lone and note_failure(circuit, failure):
            give_back(batch[position + 1 :])
            break
    if successes:
        note_successes(circuit)
    return tried


def claim(key: str, *, size: int) -> list[Delivery]:
    """Take up to `size` of the due deliveries of a circuit, number those that have none yet, and return them.

    A delivery is claimed by moving its `due_at` past the lease: a worker that dies gives it back by doing nothing,
    and `may_have_gone` says so to the next one. Workers of one circuit take turns here, by the lock on its row.
    """
    kind = registry.kind(key.partition(":")[0])
    Circuit.objects.get_or_create(key=key, defaults={"kind": key.partition(":")[0]})
    with transaction.atomic():
        circuit, at = Circuit.objects.select_for_update(no_key=True).get(key=key), now()
        rate = kind.rate if kind else None
        most = allowance(
            at=at,
            wanted=size,
            failures_in_a_row=circuit.failures_in_a_row,
            paused_until=circuit.paused_until,
            rate=rate,
            window_started_at=circuit.window_started_at,
            window_count=circuit.window_count,
        )
        rows = list(Delivery.objects.due(key, at).select_related("event")[:most]) if most else []
        if not rows:
            return []
        take(rows, circuit, at)
        if rate and not in_window(at, rate, circuit.window_started_at):
            circuit.window_started_at, circuit.window_count = at, 0
        circuit.window_count += len(rows)
        circuit.save(update_fields=["last_sequence", "window_started_at", "window_count"])
    return rows


def take(rows: list[Delivery], circuit: Circuit, at: dt.datetime) -> None:
    """Claim `rows` of a locked circuit, and number those that have no number yet."""
    unnumbered = [row for row in rows if row.sequence is None]
    for row in rows:
        row.may_have_gone = row.claimed_at is not None
        row.due_at, row.claimed_at = at + LEASE, at
    for row in unnumbered:
        circuit.last_sequence += 1
        row.sequence = circuit.last_sequence
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=at + LEASE, claimed_at=at)
    Delivery.objects.bulk_update(unnumbered, ["sequence"])


def give_back(rows: list[Delivery]) -> None:
    """Let others take what was claimed and not tried: it keeps what was known of it before."""
    for row in rows:
        row.due_at, row.claimed_at = now(), row.claimed_at if row.may_have_gone else None
    Delivery.objects.bulk_update(rows, ["due_at", "claimed_at"])


def _try(delivery: Delivery) -> DeliveryError | None:
    """Make one try at a claimed delivery, outside any transaction, store what came of it, and return the failure."""
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
        failure = DeliveryError(f"{type(error).__name__}: {error}", is_unknown=True)
    milliseconds = round((monotonic() - clock) * 1000)
    with transaction.atomic():
        Attempt.objects.create(
            delivery=delivery,
            started_at=started_at,
            milliseconds=milliseconds,
            is_success=failure is None,
            answer=redacted(str(failure) if failure else sent.answer)[:ANSWER_CHARACTERS_MOST],
        )
        if failure is None:
            finish(delivery, sent)
        else:
            _fail(delivery, failure)
    return failure


def finish(delivery: Delivery, sent: registry.Sent) -> None:
    delivery.state = Delivery.State.SKIPPED if sent.is_needless else Delivery.State.DELIVERED
    delivery.delivered_at = None if sent.is_needless else now()
    delivery.external_id, delivery.last_error, delivery.claimed_at = sent.external_id, "", None
    if delivery.is_secret:
        delivery.payload = {}
    delivery.save(update_fields=["state", "delivered_at", "external_id", "last_error", "claimed_at", "payload"])
    log.info("delivery_made", delivery=delivery.pk, kind=delivery.kind, state=delivery.state)


def _fail(delivery: Delivery, failure: DeliveryError) -> None:
    delivery.failed_tries += 1
    delivery.last_error = redacted(str(failure))[:500]
    # Once unknown, always unknown: a later refusal says nothing of an earlier try that was never answered.
    is_unknown = failure.is_unknown or delivery.may_have_gone
    delivery.claimed_at = delivery.claimed_at if is_unknown else None
    again = None if failure.permanent else queue.retry_at(delivery.failed_tries, retry_after=failure.retry_after)
    if again is None:
        delivery.state = Delivery.State.DEAD
        data = {"delivery": delivery.pk, "reason": delivery.last_error}
        journal.record(events.DIED, subject=delivery, by=SYSTEM, data=data)
    else:
        delivery.due_at = again
    delivery.save(update_fields=["failed_tries", "last_error", "claimed_at", "state", "due_at"])
    log.warning("delivery_failed", delivery=delivery.pk, kind=delivery.kind, state=delivery.state)
