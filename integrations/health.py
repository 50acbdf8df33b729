"""How each integration is: on or off and why, its queue, its circuits, its last success and last error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, Q

from common.time import now
from integrations import inbound, registry
from integrations.models import Circuit, Delivery, InboundEvent
from integrations.registry import Kind
from integrations.rules import FAILURES_TO_OPEN


@dataclass(frozen=True)
class CircuitHealth:
    """state: "closed" while it works, "paused" while the other side asked to wait, "open" after too many failures."""

    key: str
    state: str
    until: dt.datetime | None
    reason: str


@dataclass(frozen=True)
class Health:
    """How one integration is. waiting: deliveries in the queue.   dead: given up in the last 30 days."""

    kind: Kind
    is_on: bool
    why: str
    waiting: int = 0
    oldest_waiting_at: dt.datetime | None = None
    dead: int = 0
    last_success_at: dt.datetime | None = None
    last_error_at: dt.datetime | None = None
    last_error: str = ""
    circuits: list[CircuitHealth] = field(default_factory=list)

    @property
    def resting(self) -> list[CircuitHealth]:
        return [circuit for circuit in self.circuits if circuit.state != "closed"]

    @property
    def is_failing(self) -> bool:
        """Tell whether the last that happened was a failure."""
        failed, succeeded = self.last_error_at, self.last_success_at
        return failed is not None and (succeeded is None or failed > succeeded)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.kind.name,
            "label": self.kind.label,
            "is_on": self.is_on,
            "why": self.why,
            "waiting": self.waiting,
            "oldest_waiting_at": self.oldest_waiting_at,
            "dead": self.dead,
            "last_success_at": self.last_success_at,
            "last_error_at": self.last_error_at,
            "last_error": self.last_error,
            "circuits": [
                {"key": one.key, "state": one.state, "until": one.until, "reason": one.reason} for one in self.circuits
            ],
        }


@dataclass(frozen=True)
class Inbox:
    """How many messages of one way in are in each state that asks for somebody. last_at: when the latest came."""

    name: str
    label: str
    waiting: int
    held: int
    failed: int
    last_at: dt.datetime | None


def integrations() -> list[Health]:
    """Return how every integration is, by its name, in three queries."""
    at = now()
    waiting = _by_kind(
        Delivery.objects.pending().order_by().values("kind").annotate(count=Count("pk"), oldest=Min("created_at"))
    )
    recent = Delivery.objects.filter(state=Delivery.State.DEAD, created_at__gt=at - dt.timedelta(days=30))
    dead = _by_kind(recent.order_by().values("kind").annotate(count=Count("pk")))
    circuits: dict[str, list[Circuit]] = {}
    for circuit in Circuit.objects.all():
        circuits.setdefault(circuit.kind, []).append(circuit)
    return [
        _health(kind, waiting.get(kind.name, {}), dead.get(kind.name, {}), circuits.get(kind.name, []), at)
        for kind in registry.kinds()
    ]


def _by_kind(rows: Any) -> dict[str, dict[str, Any]]:
    return {row["kind"]: row for row in rows}


def _health(
    kind: Kind, waiting: dict[str, Any], dead: dict[str, Any], circuits: list[Circuit], at: dt.datetime
) -> Health:
    worst = max(circuits, key=lambda one: one.last_failure_at or dt.datetime.min.replace(tzinfo=dt.UTC), default=None)
    return Health(
        kind=kind,
        is_on=kind.is_on(),
        why=kind.why(),
        waiting=waiting.get("count", 0),
        oldest_waiting_at=waiting.get("oldest"),
        dead=dead.get("count", 0),
        last_success_at=max((one.last_success_at for one in circuits if one.last_success_at), default=None),
        last_error_at=worst.last_failure_at if worst else None,
        last_error=worst.last_error if worst else "",
        circuits=[CircuitHealth(one.key, *_circuit_state(one, at)) for one in circuits],
    )


def _circuit_state(circuit: Circuit, at: dt.datetime) -> tuple[str, dt.datetime | None, str]:
    if circuit.paused_until is not None and circuit.paused_until > at:
        state = "open" if circuit.failures_in_a_row >= FAILURES_TO_OPEN else "paused"
        return state, circuit.paused_until, circuit.pause_reason
    return "closed", None, ""


def inboxes() -> list[Inbox]:
    """Return how every way in is, by its name."""
    states = InboundEvent.State
    asking = InboundEvent.objects.filter(state__in=(states.RECEIVED, states.HELD, states.FAILED)).order_by()
    counts = {
        row["source"]: row
        for row in asking.values("source").annotate(
            waiting=Count("pk", filter=Q(state=states.RECEIVED)),
            held=Count("pk", filter=Q(state=states.HELD)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
        )
    }
    found = []
    for source in inbound.sources():
        row: Mapping[str, Any] = counts.get(source.name, {})
        last = InboundEvent.objects.filter(source=source.name).order_by("-id").values_list("received_at", flat=True)
        waiting, held, failed = (int(row.get(name, 0)) for name in ("waiting", "held", "failed"))
        found.append(Inbox(source.name, source.label, waiting, held, failed, last.first()))
    return found
