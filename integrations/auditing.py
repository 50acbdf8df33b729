"""The outbox's books: what was queued was delivered, waits, was given up or not needed; what is missing is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Window
from django.db.models.functions import Lead

from integrations.models import Attempt, Circuit, Delivery

State = Delivery.State
HOLES_SHOWN = 100


@dataclass(frozen=True)
class Account:
    """The books of one circuit.

    created: numbers given, and deliveries that have none yet.   purged: deleted because they were old.
    holes: the missing numbers, as (first, last).
    """

    circuit: str
    created: int
    delivered: int
    pending: int
    dead: int
    skipped: int
    purged: int
    holes: tuple[tuple[int, int], ...]
    unproved: tuple[int, ...]

    @property
    def is_balanced(self) -> bool:
        accounted = self.delivered + self.pending + self.dead + self.skipped + self.purged
        return self.created == accounted and not self.holes and not self.unproved

    @property
    def hole_words(self) -> list[str]:
        return [f"number {a} is missing" if a == b else f"numbers {a} to {b} are missing" for a, b in self.holes]


def audit() -> list[Account]:
    """Return the books of every circuit, by its key."""
    counted = (
        Delivery.objects.order_by()
        .values("circuit")
        .annotate(
            **{state.value.lower(): Count("pk", filter=Q(state=state)) for state in State},
            unnumbered=Count("pk", filter=Q(sequence=None)),
            first=Min("sequence"),
            last=Max("sequence"),
        )
    )
    rows = {row["circuit"]: row for row in counted}
    circuits = {circuit.key: circuit for circuit in Circuit.objects.all()}
    return [_account(key, rows.get(key, {}), circuits.get(key)) for key in sorted(rows.keys() | circuits.keys())]


def _account(key: str, row: Mapping[str, Any], circuit: Circuit | None) -> Account:
    last, purged = (circuit.last_sequence, circuit.purged_through) if circuit else (0, 0)
    found = {state.value.lower(): row.get(state.value.lower()) or 0 for state in State}
    return Account(
        circuit=key,
        created=last + (row.get("unnumbered") or 0),
        purged=purged,
        holes=tuple(_holes(key, first=row.get("first"), highest=row.get("last"), after=purged, last=last)),
        unproved=tuple(_unproved(key)),
        **found,
    )


def _holes(key: str, *, first: int | None, highest: int | None, after: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the gaps in the numbers of a circuit: before its first row, between two, after its last."""
    if first is None or highest is None:
        if last > after:
            yield after + 1, last
        return
    if first > after + 1:
        yield after + 1, first - 1
    following = Window(Lead("sequence"), order_by="sequence")
    numbered = Delivery.objects.filter(circuit=key, sequence__isnull=False).order_by()
    steps = numbered.annotate(following=following).filter(following__gt=F("sequence") + 1)
    for row in steps.values("sequence", "following")[:HOLES_SHOWN]:
        step: dict[str, Any] = row  # type: ignore[assignment]
        yield step["sequence"] + 1, step["following"] - 1
    if last > highest:
        yield highest + 1, last


def _unproved(key: str) -> list[int]:
    """Return deliveries that are said to be made while no try of theirs succeeded."""
    success = Attempt.objects.filter(delivery=OuterRef("pk"), is_success=True)
    made = Delivery.objects.filter(circuit=key, state=State.DELIVERED)
    return list(made.filter(~Exists(success)).order_by("pk").values_list("pk", flat=True)[:HOLES_SHOWN])
