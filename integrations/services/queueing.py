"""Putting deliveries into the outbox."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from common import queue
from common.journal import Event
from integrations import registry
from integrations.models import Delivery


def queue_delivery(
    *,
    kind: str,
    template: str,
    destination: str,
    event: Event | None = None,
    recipient: User | None = None,
    payload: dict[str, Any] | None = None,
    is_secret: bool = False,
    stream: str = "",
) -> Delivery | None:
    """Write one delivery, in the transaction at hand, and wake a worker after its commit.

    stream: where the order matters, the name of what must stay in order at this destination.
    Returns None where the event already has one for this destination.
    """
    transport = registry.kind(kind)
    delivery = Delivery(
        kind=kind,
        circuit=transport.circuit_of(destination) if transport else kind,
        template=template,
        destination=destination,
        event=event,
        recipient=recipient,
        payload=payload or {},
        is_secret=is_secret,
        stream=stream,
    )
    with transaction.atomic(savepoint=False):
        if event is not None and _is_queued(event, kind, destination):
            return None
        delivery.save(force_insert=True)
        wake_worker()
    return delivery


def _is_queued(event: Event, kind: str, destination: str) -> bool:
    """Tell whether the event has a delivery for this destination, without a look where it was recorded just now."""
    if event.subject is None:
        return event.deliveries.filter(kind=kind, destination=destination).exists()
    queued: set[tuple[str, str]] = event.__dict__.setdefault("queued", set())
    if (kind, destination) in queued:
        return True
    queued.add((kind, destination))
    return False


def wake_worker() -> None:
    from integrations.tasks import deliver_due

    queue.nudge("deliveries", deliver_due.delay)
