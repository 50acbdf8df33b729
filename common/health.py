"""Is the portal fit to serve? Each room registers a probe of what it stands on.

A probe runs in a thread of its own and is waited for a little while only, so that a database that neither
answers nor refuses cannot hold the answer up. One probe never runs twice at once, however many ask.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from common.problems import problem_405

PATIENCE_SECONDS = 1.5
ABANDONED_SECONDS = 10.0  # a run that hangs longer is left behind, so that a recovery is seen
METHODS = ("GET", "HEAD")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Result:
    is_up: bool
    latency_ms: float

    def as_json(self) -> dict[str, Any]:
        return {"status": "up" if self.is_up else "down", "latency_ms": self.latency_ms}


@dataclass
class Probe:
    """Something the portal stands on. is_vital: nothing can be served without it.

    function: returns where it is well, raises anything where it is not.
    """

    name: str
    function: Callable[[], object]
    is_vital: bool
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _run: Run | None = None

    def start(self) -> Run:
        """Return the run that is under way, or begin one."""
        with self._lock:
            if self._run is None or self._run.done.is_set() or self._run.is_abandoned():
                self._run = Run(self)
                self._run.begin()
            return self._run


class Run:
    """One run of a probe."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.done = threading.Event()
        self.result = Result(False, 0.0)
        self.started = time.perf_counter()

    def begin(self) -> None:
        threading.Thread(target=self._work, name=f"health-{self.probe.name}", daemon=True).start()

    def wait(self, until: float) -> Result:
        """Return the result; what is not known by `until` (perf_counter seconds) is down."""
        if self.done.wait(max(0.0, until - time.perf_counter())):
            return self.result
        return Result(False, self._elapsed_ms())

    def is_abandoned(self) -> bool:
        return time.perf_counter() - self.started > ABANDONED_SECONDS

    def _work(self) -> None:
        is_up = False
        try:
            self.probe.function()
            is_up = True
        except Exception as error:  # noqa: BLE001 (a probe may meet anything; its words may hold addresses)
            log.warning("health_probe_failed", probe=self.probe.name, error=type(error).__name__)
        finally:
            self.result = Result(is_up, self._elapsed_ms())
            connections.close_all()  # this thread's own
            self.done.set()

    def _elapsed_ms(self) -> float:
        return round((time.perf_counter() - self.started) * 1000, 1)


_probes: dict[str, Probe] = {}


def register(name: str, function: Callable[[], object], is_vital: bool = False) -> None:
    """Let `/api/health/ready` report `name`; a second registration replaces the first."""
    _probes[name] = Probe(name, function, is_vital)


def check(*, only_vital: bool = False) -> dict[str, tuple[Probe, Result]]:
    """Return each probe with its result, all of them together within PATIENCE_SECONDS."""
    wanted = [probe for probe in _probes.values() if probe.is_vital or not only_vital]
    until = time.perf_counter() + PATIENCE_SECONDS
    runs = [probe.start() for probe in wanted]
    return {run.probe.name: (run.probe, run.wait(until)) for run in runs}


def health(request: HttpRequest) -> HttpResponse:
    """Answer exactly what the deployment guide expects while the database answers; else 503 with the checks."""
    if request.method not in METHODS:
        return problem_405(request, METHODS)
    found = check(only_vital=True)
    if all(result.is_up for _, result in found.values()):
        return _answer({"status": "healthy", "version": settings.PORTAL_VERSION})
    checks = {name: result.as_json() for name, (_, result) in found.items()}
    return _answer({"status": "unhealthy", "version": settings.PORTAL_VERSION, "checks": checks}, 503)


def live(request: HttpRequest) -> HttpResponse:
    """Answer that this process runs; touches nothing else, so that a lost database restarts no process."""
    if request.method not in METHODS:
        return problem_405(request, METHODS)
    return _answer({"status": "healthy", "version": settings.PORTAL_VERSION})


def ready(request: HttpRequest) -> HttpResponse:
    """Answer how everything does that the portal stands on; 503 only where serving is impossible."""
    if request.method not in METHODS:
        return problem_405(request, METHODS)
    found = check()
    is_able = all(result.is_up for probe, result in found.values() if probe.is_vital)
    is_whole = all(result.is_up for _, result in found.values())
    status = ("healthy" if is_whole else "degraded") if is_able else "unhealthy"
    checks = {name: result.as_json() for name, (_, result) in found.items()}
    body = {"status": status, "version": settings.PORTAL_VERSION, "checks": checks}
    return _answer(body, 200 if is_able else 503)


def _answer(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    caches["counters"].get("health")


def _broker() -> None:
    folder = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).get("data_folder_out")
    if folder:
        if not os.access(Path(folder), os.W_OK):
            raise OSError("the broker's folder cannot be written")
        return
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)


register("database", _database, is_vital=True)
register("cache", _cache)
register("broker", _broker)
