"""Worker, Redis, receiver and web process are killed at random under load: nothing that was accepted is lost.

Twelve seconds of it in the suite; OUTBOX_FIRE_SECONDS=60 for a minute.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("OUTBOX_FIRE_SECONDS", "12"))
AGENTS = 6
pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="no Redis server is installed here")
SET_UP = f"""
import datetime as dt
from django.contrib.auth.models import Group
from accounts.services import create_access_token, create_user
from common.actors import SYSTEM
from integrations.webhooks.services import create_webhook
from tickets.services import open_ticket
people = []
for n in range({AGENTS}):
    agent = create_user(email=f"agent{{n}}@support.example", name=f"Agent {{n}}", by=SYSTEM)
    agent.groups.set(Group.objects.filter(name__iexact="administrator"))
    agent = type(agent).objects.get(pk=agent.pk)
    token = create_access_token(agent, name="load", scopes=["tickets:write", "tickets:read"], days=1, by=agent)[1]
    ticket = open_ticket(subject=f"Load {{n}}", description="Text", requester=agent, by=agent, channel="WEB")
    people.append(f"{{token}} {{ticket.reference}}")
create_webhook(by=agent, name="Receiver", url="RECEIVER", event_types=["ticket.updated"])
print("\\n".join(people))
"""
END_RESTS = """
import datetime as dt
from common.time import now
from integrations.models import Circuit, Delivery
Circuit.objects.update(paused_until=None, failures_in_a_row=0)
Delivery.objects.filter(state="PENDING", kind="email").update(state="SKIPPED")
Delivery.objects.filter(state="PENDING").update(due_at=now() - dt.timedelta(seconds=1))
from integrations.services import deliver_due
deliver_due(seconds=20)
print(Delivery.objects.filter(state="PENDING").count())
"""
EVENTS = """
import json
from common.models import Event
from integrations.models import Delivery
wanted = set(Event.objects.filter(kind="ticket.priority_changed").values_list("pk", flat=True))
rows = list(Delivery.objects.filter(kind="webhook").values_list("event_id", "state", "payload"))
print(json.dumps({
    "changes": len(wanted),
    "without": sorted(wanted - {event for event, _, _ in rows}),
    "states": sorted({state for _, state, _ in rows}),
    "ids": [payload["webhook_id"] for _, _, payload in rows],
}))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Receiver:
    """Remembers what it took, by webhook-id, also over its own deaths."""

    def __init__(self) -> None:
        self.port, self.bodies = free_port(), defaultdict(list)
        self.server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.bodies[self.headers["webhook-id"]].append(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def kill(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


class Portal:
    """A portal of its own on real servers; each of its processes can be killed and started again."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.port, self.redis_port = folder, free_port(), free_port()
        self.receiver = Receiver()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = {
            **kept,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "PRIVATE_ADDRESSES_ALLOWED": "true",
            "SEMANTIC_SEARCH": "false",
        }
        if database_url:
            secrets = dict.fromkeys(("SECRET_KEY", "JWT_SECRET_KEY"), uuid.uuid4().hex * 2)
            self.environment |= {"DATABASE_URL": database_url, "ALLOWED_HOSTS": "127.0.0.1", **secrets}

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)

    def start(self, name: str) -> None:
        if name == "receiver":
            self.receiver.start()
            return
        celery = (sys.executable, "-m", "celery", "-A", "supportportal", "--quiet")
        commands = {
            "web": (sys.executable, "-m", "gunicorn", "supportportal.wsgi", "--config", "supportportal/gunicorn.py"),
            "worker": (*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "CRITICAL"),
            "beat": (*celery, "beat", "--loglevel", "CRITICAL", "--pidfile="),
            "redis": (
                *("redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""),
                *("--dir", str(self.folder)),
            ),
        }
        self.processes[name] = subprocess.Popen(
            commands[name],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        if name == "receiver":
            self.receiver.kill()
        elif self.processes[name].poll() is None:
            os.killpg(self.processes[name].pid, signal.SIGKILL)
            self.processes[name].wait()

    def wait_for_web(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/health/live", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the web process does not answer")


@pytest.fixture
def portal(tmp_path):
    url = settings.DATABASES["default"]
    if url["ENGINE"].endswith("postgresql"):
        name = f"fire_{uuid.uuid4().hex[:10]}"
        server_url = os.environ["DATABASE_URL"]
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        portal = Portal(tmp_path, f"{server_url.rpartition('/')[0]}/{name}")
    else:
        name, portal = "", Portal(tmp_path, "")
    yield portal
    for process in (*portal.processes, "receiver"):
        portal.kill(process)
    if name:
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def keep_changing(portal: Portal, token: str, reference: str, until: threading.Event, accepted: list[int]) -> None:
    """Change the priority of a ticket again and again; count what was answered with 200."""
    priorities, n = ("P2_HIGH", "P3_NORMAL"), 0
    while not until.is_set():
        request = urllib.request.Request(
            f"http://127.0.0.1:{portal.port}/api/v1/tickets/{reference}",
            data=json.dumps({"priority": priorities[n % 2]}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method="PATCH",
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                before = json.load(answer)
                accepted.append(1 if before["priority"] == priorities[n % 2] else 0)
        except (OSError, ValueError, urllib.error.HTTPError):
            until.wait(0.2)  # a process is dead, or asks for patience
        n += 1


def test_nothing_that_was_accepted_is_lost(portal):
    portal.start("redis")
    portal.manage("migrate", "-v0")
    portal.manage("createcachetable", "-v0")
    said = portal.shell(SET_UP.replace("RECEIVER", f"http://127.0.0.1:{portal.receiver.port}/"))
    people = [line for line in said.splitlines() if line.startswith("spt_")]
    for name in ("receiver", "worker", "beat", "web"):
        portal.start(name)
    portal.wait_for_web()
    over, accepted = threading.Event(), []
    loaders = [threading.Thread(target=keep_changing, args=(portal, *line.split(), over, accepted)) for line in people]
    for loader in loaders:
        loader.start()

    chance, deaths, deadline = random.Random(7), 0, time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        time.sleep(chance.uniform(0.3, 1.2))
        name = chance.choice(("worker", "redis", "receiver", "web"))
        portal.kill(name)
        deaths += 1
        time.sleep(chance.uniform(0.1, 0.6))
        portal.start(name)
    over.set()
    for loader in loaders:
        loader.join()

    for name in ("worker", "beat", "web"):
        portal.kill(name)
    while int(portal.shell(END_RESTS).split()[-1]):
        assert time.monotonic() < deadline + 120, "something is never delivered"
    found = json.loads(portal.shell(EVENTS).splitlines()[-1])
    books = json.loads(portal.manage("outbox_audit", "--json"))
    repeated = sum(len(bodies) - 1 for bodies in portal.receiver.bodies.values())
    print(f"{deaths} deaths, {len(accepted)} answers, {found['changes']} changes, {repeated} told twice")

    assert deaths >= 5
    assert found["changes"] >= 10
    assert found["without"] == []
    assert found["states"] == ["DELIVERED"]
    assert books["is_balanced"], books
    assert set(found["ids"]) == set(portal.receiver.bodies)
    assert all(len(set(bodies)) == 1 for bodies in portal.receiver.bodies.values())
