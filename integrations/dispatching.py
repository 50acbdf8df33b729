"""Sending to several other sides at once, so that a slow one delays nobody but itself."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic

from django.db import connections

from common.time import now
from integrations.services import deliver, due_circuits

CIRCUITS_AT_ONCE = 5  # in one process; each holds a connection of the database's pool, which has eight
LOOK_AGAIN_SECONDS = 0.25

_at_work: set[str] = set()  # the circuits that this process is sending to, whichever task found them
_lock = threading.Lock()


def deliver_due(*, seconds: float = 50) -> int:
    """Send what is due until nothing is or the time is spent, each circuit in a thread of its own.

    While one circuit keeps its thread busy, what comes due for others is found and sent. Returns how many were tried.
    """
    deadline, tried = monotonic() + seconds, 0
    running: set[Future[int]] = set()
    with ThreadPoolExecutor(CIRCUITS_AT_ONCE, thread_name_prefix="deliver") as pool:
        while True:
            if monotonic() < deadline:
                running |= {pool.submit(_deliver_all, circuit, deadline) for circuit in _taken()}
            if not running:
                return tried
            done, running = wait(running, timeout=LOOK_AGAIN_SECONDS, return_when=FIRST_COMPLETED)
            tried += sum(future.result() for future in done)


def _taken() -> list[str]:
    """Return the circuits to begin with now. Nobody else in this process sends to them until they are done."""
    due = due_circuits(now())
    with _lock:
        taken = [circuit for circuit in due if circuit not in _at_work][: CIRCUITS_AT_ONCE - len(_at_work)]
        _at_work.update(taken)
    return taken


def _deliver_all(circuit: str, deadline: float) -> int:
    """Send one circuit's deliveries until it has none or rests. The thread leaves no connection behind."""
    tried = 0
    try:
        while monotonic() < deadline and (tried_now := deliver(circuit, deadline=deadline)):
            tried += tried_now
        return tried
    finally:
        connections.close_all()
        with _lock:
            _at_work.discard(circuit)
