"""Killing the worker, and losing the broker, between commit and delivery loses no mail: done, not imagined."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.smtp_sink import SmtpSink

ROOT = Path(__file__).resolve().parents[2]
FILE_TICKETS = """
from accounts.services import find_or_create_person
from tickets.services import open_ticket
for n in range(5):
    person = find_or_create_person(email=f"guest{n}@example.org", name=f"Guest {n}")
    open_ticket(subject=f"Question {n}", description="Text", requester=person, by=person, channel="WEB")
"""
MOVE_CLOCK = """
from integrations.models import Delivery
import datetime as dt
from common.time import now
Delivery.objects.filter(state="PENDING").update(due_at=now() - dt.timedelta(seconds=1))
"""
STATES = """
from integrations.models import Delivery
print(sorted(Delivery.objects.values_list("destination", "state")))
"""


class Portal:
    """A portal of its own: database and broker in a folder, commands and workers as processes."""

    def __init__(self, folder: Path, smtp: SmtpSink) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.folder = folder
        self.environment = {**kept, "DATA_DIR": str(folder), "EMAIL_URL": smtp.url}
        self.workers: list[subprocess.Popen[bytes]] = []

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "supportportal", "worker", "--pool", "solo", "--loglevel", "ERROR"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.workers.append(worker)
        return worker

    def send_task(self) -> None:
        """Do what beat does every five seconds."""
        self.manage("shell", "-v0", "-c", "from integrations.tasks import deliver_due; deliver_due.delay()")


@pytest.fixture
def smtp():
    sink = SmtpSink()
    yield sink
    sink.shutdown()
    sink.server_close()


@pytest.fixture
def portal(tmp_path, smtp):
    portal = Portal(tmp_path, smtp)
    portal.manage("migrate", "-v0")
    portal.manage("createcachetable", "-v0")
    yield portal
    for worker in portal.workers:
        if worker.poll() is None:
            worker.kill()
        worker.wait()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_nothing_is_lost(portal, smtp):
    portal.manage("shell", "-v0", "-c", FILE_TICKETS)
    shutil.rmtree(portal.folder / "broker")  # the broker forgets every nudge

    smtp.is_hanging = True
    worker = portal.start_worker()
    portal.send_task()
    assert smtp.asked.wait(30)
    worker.send_signal(signal.SIGKILL)  # after the claim, before the server has answered
    worker.wait()
    assert smtp.mails == []
    assert portal.manage("shell", "-v0", "-c", STATES).count("PENDING") == 5

    smtp.is_hanging = False
    portal.manage("shell", "-v0", "-c", MOVE_CLOCK)  # the dead worker's lease runs out
    portal.start_worker()
    portal.send_task()
    wait_until(lambda: len(smtp.mails) >= 5)
    wait_until(lambda: portal.manage("shell", "-v0", "-c", STATES).count("DELIVERED") == 5)
    assert len(smtp.mails) == 5
    for n in range(5):
        assert sum(f"To: guest{n}@example.org" in text for text in smtp.mails) == 1
