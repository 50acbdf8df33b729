"""What is sent along with another delivery: taken, and settled with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from common.time import now
from integrations.models import Attempt, Circuit, Delivery
from integrations.services.delivering import finish, give_back, take

if TYPE_CHECKING:
    from integrations.registry import Sent


def claim_along(delivery: Delivery, *, templates: Iterable[str], size: int) -> list[Delivery]:
    """Take up to `size` more due deliveries for the destination of a claimed one, to be sent in one with it.

    They count for no rate, since they are no call of their own. What may have gone out before is left alone.
    """
    with transaction.atomic():
        circuit, at = Circuit.objects.select_for_update(no_key=True).get(key=delivery.circuit), now()
        due = Delivery.objects.due(delivery.circuit, at).filter(destination=delivery.destination, claimed_at=None)
        rows = list(due.filter(template__in=tuple(templates)).select_related("event")[:size])
        take(rows, circuit, at)
        circuit.save(update_fields=["last_sequence"])
    return rows


def settle_along(rows: list[Delivery], sent: Sent) -> None:
    """Note that they are out."""
    with transaction.atomic():
        for row in rows:
            Attempt.objects.create(delivery=row, milliseconds=0, is_success=True, answer=sent.answer)
            finish(row, sent)


def give_back_along(rows: list[Delivery], *, is_unknown: bool) -> None:
    """Let them be tried by themselves.   is_unknown: they may have gone out all the same."""
    for row in rows:
        row.may_have_gone = is_unknown
    give_back(rows)
