"""A real PostgreSQL is stopped and started under a real web process and worker: 503 meanwhile, then all is well."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL server is installed here"),
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="only in the run on real servers"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """A cluster of its own in a throw-away folder. Its server refuses to run as root, so root borrows its user."""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="portal-pg-")), free_port()
        if getpass.getuser() == "root":
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-N", "-U", "portal")
        self.start()

    def _run(self, program: str, *words: str) -> None:
        command = [str(BINARIES / program), *words]
        if getpass.getuser() == "root":
            command = ["su", "postgres", "-c", " ".join(f"'{word}'" for word in command)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    @property
    def url(self) -> str:
        return f"postgresql://portal@127.0.0.1:{self.port}/postgres"


@pytest.fixture
def postgres():
    server = Postgres()
    yield server
    if (server.folder / "data" / "postmaster.pid").exists():
        server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def web(postgres, tmp_path):
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **{"DATA_DIR": str(tmp_path), "PORT": str(port), "WEB_WORKERS": "1", "DATABASE_URL": postgres.url},
        **{
            "SECRET_KEY": "x" * 60,
            "JWT_SECRET_KEY": "y" * 60,
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": "smtp://127.0.0.1:1",
        },
    }
    for command in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"]):
        subprocess.run([sys.executable, "manage.py", *command, "-v0"], cwd=ROOT, env=environment, check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "supportportal.wsgi", "--config", "supportportal/gunicorn.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def ask(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=15) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


def wait_for(address: str, status: int) -> str:
    deadline = time.monotonic() + 40
    while (answer := ask(address))[0] != status:
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)
    return answer[1]


def test_503_meanwhile_and_then_all_is_well(web, postgres):
    wait_for(f"{web}/api/health", 200)
    assert ask(f"{web}/api/v1/kb/search?q=test")[0] == 200
    postgres.stop()
    assert '"unhealthy"' in wait_for(f"{web}/api/health", 503)
    assert ask(f"{web}/api/health/live")[0] == 200
    status, problem = ask(f"{web}/api/v1/kb/search?q=test")
    assert (status, "unavailable" in problem) == (503, True)
    status, page = ask(f"{web}/help")
    assert status == 503
    assert "<h1" in page
    postgres.start()
    wait_for(f"{web}/api/health", 200)
    assert ask(f"{web}/api/v1/kb/search?q=test")[0] == 200
