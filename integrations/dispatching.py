"""Sending to several other sides at once, so that a slow one delays nobody but itself."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic

from django.db import connections

from common.time import now
from integrations.services import deliver, due_circuits

CIRCUITS_AT_ONCE = 6  # each holds a connection of the database's pool, which has eight
LOOK_AGAIN_SECONDS = 0.25


def deliver_due(*, seconds: float = 50) -> int:
    """Send what is due until nothing is or the time is spent, each circuit in a thread of its own.

    While one circuit keeps its thread busy, what comes due for others is found and sent. Returns how many were tried.
    """
    deadline, tried = monotonic() + seconds, 0
    running: dict[Future[int], str] = {}
    with ThreadPoolExecutor(CIRCUITS_AT_ONCE, thread_name_prefix="deliver") as pool:
        while True:
            if monotonic() < deadline:
                busy = frozenset(running.values())
                for circuit in due_circuits(now(), without=busy)[: CIRCUITS_AT_ONCE - len(running)]:
                    running[pool.submit(_deliver_all, circuit, deadline)] = circuit
            if not running:
                return tried
            done, _ = wait(running, timeout=LOOK_AGAIN_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                del running[future]
                tried += future.result()


def _deliver_all(circuit: str, deadline: float) -> int:
    """Send one circuit's deliveries until it has none or rests. The thread leaves no connection behind."""
    tried = 0
    try:
        while monotonic() < deadline and (tried_now := deliver(circuit, deadline=deadline)):
            tried += tried_now
        return tried
    finally:
        connections.close_all()
