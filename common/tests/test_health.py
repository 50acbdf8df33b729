import json
import threading
import time

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from structlog.testing import capture_logs

from common import health
from common.tests.api import code_of


@pytest.fixture
def probes(monkeypatch):
    """Only what a test registers."""
    monkeypatch.setattr(health, "_probes", {})
    return health._probes


def ask(view, method="get"):
    response = getattr(RequestFactory(), method)("/api/health")
    response = view(response)
    return response, json.loads(response.content or b"null")


def fail():
    raise OSError("postgresql://portal:secret@db.internal")


def test_health_is_exactly_what_the_guide_expects(db):
    response, body = ask(health.health)

    assert response.status_code == 200
    assert body == {"status": "healthy", "version": "1.0.0"}
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"


def test_without_the_database_health_is_503_and_names_the_check(probes):
    health.register("database", fail, is_vital=True)
    health.register("search", fail)

    response, body = ask(health.health)

    assert response.status_code == 503
    assert (body["status"], body["version"], list(body["checks"])) == ("unhealthy", "1.0.0", ["database"])
    assert body["checks"]["database"]["status"] == "down"
    assert b"secret" not in response.content


def test_live_touches_nothing(probes):
    health.register("database", fail, is_vital=True)

    response, body = ask(health.live)

    assert (response.status_code, body) == (200, {"status": "healthy", "version": "1.0.0"})


def test_ready_reports_everything_the_portal_stands_on(db):
    response, body = ask(health.ready)

    assert (response.status_code, body["status"]) == (200, "healthy")
    assert {"database", "cache", "broker"} <= set(body["checks"])
    assert all(check["status"] == "up" and check["latency_ms"] >= 0 for check in body["checks"].values())


def test_ready_is_degraded_without_what_is_not_vital(probes):
    health.register("database", lambda: None, is_vital=True)
    health.register("search", fail)

    with capture_logs() as logs:
        response, body = ask(health.ready)

    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["checks"]["search"]["status"] == "down"
    assert logs[0] == {"event": "health_probe_failed", "probe": "search", "error": "OSError", "log_level": "warning"}


def test_ready_is_503_without_what_is_vital(probes):
    health.register("database", fail, is_vital=True)

    response, body = ask(health.ready)

    assert (response.status_code, body["status"]) == (503, "unhealthy")


def test_a_database_that_does_not_answer_is_waited_for_a_moment_only(probes, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.1)
    release, runs = threading.Event(), []

    def hang():
        runs.append(1)
        release.wait(10)

    health.register("database", hang, is_vital=True)
    health.register("cache", hang)
    started = time.perf_counter()
    answers = [ask(health.ready)[0].status_code for _ in range(3)]

    assert answers == [503, 503, 503]
    assert time.perf_counter() - started < 2
    assert len(runs) == 2  # one run of each probe, however many asked
    release.set()


def test_a_run_that_hangs_is_left_behind_so_that_a_recovery_is_seen(probes, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(health, "ABANDONED_SECONDS", 0.01)
    release, is_hanging = threading.Event(), [True]
    health.register("database", lambda: release.wait(10) if is_hanging[0] else None, is_vital=True)
    assert ask(health.health)[0].status_code == 503

    is_hanging[0] = False
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 2)

    assert ask(health.health)[0].status_code == 200
    release.set()


@pytest.mark.parametrize("view", [health.health, health.live, health.ready])
def test_only_reading_is_allowed(db, view):
    response, _ = ask(view, "post")

    assert (response.status_code, code_of(response), response["Allow"]) == (405, "method_not_allowed", "GET, HEAD")
    assert ask(view, "head")[0].status_code == 200


def test_the_broker_is_a_folder_or_a_server(settings, tmp_path, monkeypatch):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "missing")}
    with pytest.raises(OSError, match="cannot be written"):
        health._broker()

    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    health._broker()

    asked = []

    class Broker:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def ensure_connection(self, **kwargs):
            asked.append(kwargs)

    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    monkeypatch.setattr(health.current_app, "connection_for_write", Broker)
    health._broker()
    assert asked[0]["max_retries"] == 1


def test_the_cache_is_asked(db):
    cache.set("health", 1)
    health._cache()
