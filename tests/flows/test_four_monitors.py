"""Four monitors at once, one of them killed in the middle of it: every level is passed exactly once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
CLOCKS = 400
FILL = f"""
import datetime as dt
from accounts.models import Tier
from accounts.services import create_organization, create_user
from common.actors import SYSTEM
from common.time import now
from sla.models import CalendarVersion, Clock, PolicyVersion
from tickets.models import Ticket
HOUR = 3_600_000_000
organization = create_organization(name="City", tier=Tier.ENTERPRISE, by=SYSTEM)
rita = create_user(email="rita@city.example", name="Rita", organization=organization, by=SYSTEM)
at = now() - dt.timedelta(hours=30)
policy = PolicyVersion.objects.get(policy__name="Enterprise")
calendar = CalendarVersion.objects.get(calendar__name="Day and night")
tickets = Ticket.objects.bulk_create([
    Ticket(subject=f"Question {{n}}", requester=rita, organization=organization, priority="P3_NORMAL", created_at=at)
    for n in range({CLOCKS})
])
Clock.objects.bulk_create([
    Clock(ticket=ticket, metric="FIRST_RESPONSE", state="RUNNING", policy_version=policy, calendar_version=calendar,
          priority_row="P3_NORMAL", priority="P3_NORMAL", tier="ENTERPRISE", target_us=24 * HOUR, started_at=at,
          running_since=at, due_at=at + dt.timedelta(hours=24), next_step=80,
          next_action_at=at + dt.timedelta(hours=19.2))
    for ticket in tickets
])
"""


class Portal:
    """A database of its own, and monitors as processes."""

    def __init__(self, folder: Path, database_url: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = {**kept, "DATA_DIR": str(folder), "EMAIL_URL": "smtp://127.0.0.1:9"}
        self.database_url, self.file = database_url, folder / "portal.sqlite3"
        if database_url:
            secrets = dict.fromkeys(("SECRET_KEY", "JWT_SECRET_KEY"), uuid.uuid4().hex * 2)
            self.environment |= {"DATABASE_URL": database_url, "ALLOWED_HOSTS": "localhost", **secrets}

    def manage(self, *words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True, stdout=-3)

    def monitor(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "manage.py", "sla_monitor", "--seconds", "120", "--batch", "10"]
        return subprocess.Popen(words, cwd=ROOT, env=self.environment, stdout=-3, stderr=-3)

    def ask(self, query: str) -> list[tuple]:
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(query).fetchall()
        connection = sqlite3.connect(self.file, timeout=30)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


@pytest.fixture
def portal(tmp_path):
    is_server = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    url, name = os.environ.get("DATABASE_URL", ""), f"monitors_{uuid.uuid4().hex[:12]}"
    if not is_server:
        yield Portal(tmp_path, "")
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield Portal(tmp_path, f"{url.rpartition('/')[0]}/{name}")
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_each_level_is_passed_once(portal):
    portal.manage("migrate", "-v0")
    portal.manage("createcachetable", "-v0")
    portal.manage("shell", "-v0", "-c", FILL)
    monitors = [portal.monitor() for _ in range(4)]
    try:
        deadline = time.monotonic() + 60
        while portal.ask("SELECT count(*) FROM sla_event")[0][0] < 100:
            assert time.monotonic() < deadline, "no monitor does anything"
            time.sleep(0.01)
        monitors[0].send_signal(signal.SIGKILL)
        done = [monitor.wait(timeout=120) for monitor in monitors]
    finally:
        for monitor in monitors:
            monitor.kill()
            monitor.wait()
    assert done == [-signal.SIGKILL, 0, 0, 0]

    # 80, 100 and 120 per cent of each, recorded once, told once in the journal, and its one step once
    assert portal.ask("SELECT threshold, count(*), count(DISTINCT clock_id) FROM sla_event GROUP BY 1 ORDER BY 1") == [
        (80, CLOCKS, CLOCKS),
        (100, CLOCKS, CLOCKS),
        (120, CLOCKS, CLOCKS),
    ]
    told = "SELECT kind, count(*), count(DISTINCT subject_id) FROM common_event WHERE kind LIKE 'sla.%' GROUP BY 1"
    assert {kind: (n, distinct) for kind, n, distinct in portal.ask(told)} == {
        "sla.warning_reached": (CLOCKS, CLOCKS),
        "sla.breached": (CLOCKS, CLOCKS),
        "sla.escalation_reached": (CLOCKS, CLOCKS),
        "sla.storm_began": (1, 1),
        **_steps_told_before_the_storm(portal),
    }
    assert portal.ask("SELECT count(*), count(DISTINCT event_id) FROM sla_steprun") == [(CLOCKS, CLOCKS)]
    assert portal.ask("SELECT count(*) FROM sla_storm") == [(1,)]
    assert portal.ask("SELECT count(*) FROM sla_clock WHERE next_action_at IS NOT NULL") == [(0,)]
    passes = portal.ask("SELECT count(*) FROM sla_monitorpass WHERE finished_at IS NOT NULL")
    assert passes == [(3,)]


def _steps_told_before_the_storm(portal) -> dict[str, tuple[int, int]]:
    """Monitors that began before the storm did have told of their first batch each, one notice a ticket."""
    notices = portal.ask("SELECT count(*), count(DISTINCT subject_id) FROM common_event WHERE kind = 'sla.step_due'")
    (count, distinct), *_ = notices
    assert count == distinct <= 40
    return {"sla.step_due": (count, distinct)} if count else {}
