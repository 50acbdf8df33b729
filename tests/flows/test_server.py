"""`script/server` as a newcomer uses it: it starts, starts only once, says who can sign in, and Ctrl-C ends it all."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "DATA_DIR": str(tmp_path), "PORT": str(port), "WEB_WORKERS": "1"}


def start(environment, output) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "supportportal.server"],
        cwd=ROOT,
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def answer(environment) -> dict | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/api/health", timeout=5) as response:
            return json.load(response)
    except (OSError, urllib.error.HTTPError):
        return None


def file_ticket(environment) -> str:
    """File a ticket as a guest and return its secret link."""
    body = {"subject": "Hello", "description": "World", "customer_name": "Gwen", "customer_email": "gwen@guest.example"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{environment['PORT']}/api/v1/tickets",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)["tracking_url"]


def processes_of(folder) -> list[str]:
    """Return the commands of the processes that live on this data folder."""
    found = []
    for status in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DATA_DIR={folder}".encode() in status.read_bytes().split(b"\0"):
                found.append((status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.skipif(not (ROOT / ".venv").is_dir(), reason="the Procfile starts programs of .venv")
def test_from_start_to_ctrl_c(environment, tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = start(environment, output)
        wait_until(lambda: answer(environment) == {"status": "healthy", "version": "1.0.0"}, seconds=90)

        printed = log.read_text()
        accounts = json.loads((tmp_path / "accounts.json").read_text())
        assert {account["role"] for account in accounts} >= {"agent", "supervisor", "administrator"}
        for account in accounts:
            assert account["password"] in printed
        assert f"http://localhost:{environment['PORT']}/" in printed

        link = file_ticket(environment)
        wait_until(lambda: any(link in mail.read_text() for mail in tmp_path.glob("mail/2*.eml")), seconds=60)

        second = start(environment, subprocess.PIPE)
        words, _ = second.communicate(timeout=60)
        assert second.returncode == 0
        assert b"running already" in words

        wait_until(lambda: len(processes_of(tmp_path)) >= 5, seconds=20)
        server.send_signal(signal.SIGINT)
        server.wait(30)
        wait_until(lambda: processes_of(tmp_path) == [], seconds=15)


def test_a_taken_port_is_said_in_one_line(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        refused = start(environment, subprocess.PIPE)
        words, _ = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert words.decode().strip().startswith(f"Port {environment['PORT']} is taken.")
