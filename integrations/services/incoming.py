"""What other systems sent: stored first, then worked off, and worked off again where somebody asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from time import monotonic

import structlog
from django.db import transaction

from accounts.models import User
from common import journal, queue
from common.errors import Conflict, NotAllowed
from common.time import now
from integrations import events, inbound
from integrations.models import InboundEvent
from integrations.redaction import redacted

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=5)
BATCH = 10
TRIES_MOST = 6  # a quarter of an hour and a half: what is at fault longer is for somebody to look at


def receive(
    source: str, *, external_id: str, body: bytes, headers: Mapping[str, str] | None = None
) -> InboundEvent | None:
    """Store what came, as it came, and wake a worker after the commit. Returns None where it came before."""
    with transaction.atomic():
        row, is_new = InboundEvent.objects.light().get_or_create(
            source=source,
            external_id=external_id[:255],
            defaults={"body": body, "size": len(body), "headers": dict(headers or {})},
        )
        if is_new:
            _wake_worker()
    return row if is_new else None


def _wake_worker() -> None:
    from integrations.tasks import process_due

    queue.nudge("inbound", process_due.delay)


def process_due(*, seconds: float = 50) -> int:
    """Work off what came in until nothing is left or the time is spent, and return how many were looked at."""
    deadline, looked_at = monotonic() + seconds, 0
    while monotonic() < deadline:
        batch = queue.claim(InboundEvent.objects.due(now()), lease=LEASE, size=BATCH)
        if not batch:
            break
        for row in batch:
            _process(row)
        looked_at += len(batch)
    return looked_at


def _process(row: InboundEvent) -> None:
    source = inbound.source(row.source)
    try:
        if source is None:
            raise inbound.Unusable(f"Nothing reads {row.source}.")
        outcome = source.process(row)
    except inbound.Held as reason:
        _settle(row, InboundEvent.State.HELD, str(reason))
    except inbound.Unusable as reason:
        _settle(row, InboundEvent.State.FAILED, str(reason))
    except Exception as error:  # one message that we stumble over must not stop the others; it is kept, and seen
        log.exception("inbound_failed", inbound=row.pk, source=row.source)
        _fail(row, f"{type(error).__name__}: {error}")
    else:
        state = InboundEvent.State.IGNORED if outcome.is_ignored else InboundEvent.State.PROCESSED
        row.ticket = outcome.ticket or row.ticket
        _settle(row, state, outcome.words)


def _settle(row: InboundEvent, state: str, words: str) -> None:
    row.state, row.outcome, row.processed_at = state, redacted(words)[:500], now()
    row.save(update_fields=["state", "outcome", "processed_at", "ticket"])
    log.info("inbound_settled", inbound=row.pk, source=row.source, state=state)


def _fail(row: InboundEvent, words: str) -> None:
    row.failed_tries += 1
    row.outcome = redacted(words)[:500]
    again = queue.retry_at(row.failed_tries) if row.failed_tries < TRIES_MOST else None
    if again is None:
        row.state, row.processed_at = InboundEvent.State.FAILED, now()
    else:
        row.due_at = again
    row.save(update_fields=["failed_tries", "outcome", "state", "processed_at", "due_at"])


@transaction.atomic
def replay(row: InboundEvent, *, by: User) -> InboundEvent:
    """Work off a stored message once more."""
    row = _locked(row, by)
    row.state, row.due_at, row.failed_tries, row.processed_at = InboundEvent.State.RECEIVED, now(), 0, None
    row.save(update_fields=["state", "due_at", "failed_tries", "processed_at"])
    journal.record(events.REPLAYED, subject=row, by=by, data={"source": row.source})
    _wake_worker()
    return row


@transaction.atomic
def discard(row: InboundEvent, *, by: User) -> InboundEvent:
    """Put a message aside that nothing is to be made of. It stays readable as long as others do."""
    row = _locked(row, by)
    row.state, row.outcome, row.processed_at = InboundEvent.State.DISCARDED, f"Put aside by {by.name}."[:500], now()
    row.save(update_fields=["state", "outcome", "processed_at"])
    journal.record(events.DISCARDED, subject=row, by=by, data={"source": row.source})
    return row


def _locked(row: InboundEvent, by: User) -> InboundEvent:
    if not by.has_perm("integrations.replay"):
        raise NotAllowed("Your role does not decide on messages that came in.")
    row = InboundEvent.objects.light().select_for_update(of=("self",)).get(pk=row.pk)
    if row.state == InboundEvent.State.RECEIVED:
        raise Conflict("It is waiting to be looked at already.")
    return row
