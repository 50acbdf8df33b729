"""A real OpenSearch hangs, comes back, and is killed while many search: every reader gets an answer all the time."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.flows.test_database_goes_away import free_port

ROOT = Path(__file__).resolve().parents[2]
START = ROOT.parent / "shared/services/opensearch/start"
FOUND = re.compile(r"\b[1-9][0-9]* articles? for\b")
STATIC = ["collectstatic", "--noinput", "-v0"]
QUESTIONS = ("rotate+an+api+token", "lineage", "why+is+my+dashboard+slow", "certifcate", "connect+postgresql")
pytestmark = [
    pytest.mark.skipif(not START.exists(), reason="no OpenSearch to start: ../shared/services is not here"),
    pytest.mark.skipif("ELASTICSEARCH_URL" not in os.environ, reason="only in the run on real servers"),
]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return bool(probe.connect_ex(("127.0.0.1", port)))


class OpenSearch:
    """A node of its own, so that nobody else's goes away."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, next(filter(is_free, range(9210, 9299)))  # its runner takes no others
        self.start()

    def start(self) -> None:
        own = {"OPENSEARCH_HOME": str(self.folder), "OPENSEARCH_PORT": str(self.port), "OPENSEARCH_HEAP": "384m"}
        subprocess.run([str(START)], check=True, env={**os.environ, **own}, stderr=subprocess.DEVNULL)

    def signal(self, what: signal.Signals) -> None:
        os.kill(int((self.folder / "pid").read_text()), what)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def read(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=15) as answer:
            return answer.status, answer.read().decode()
    except OSError as error:
        return getattr(error, "code", 0), ""


@dataclass
class Storm:
    """Readers who ask one question after the other on the search page.   answers: (status, hits, seconds)."""

    address: str
    answers: list[tuple[int, bool, float]] = field(default_factory=list)
    is_over: bool = False

    def ask(self, number: int) -> None:
        while not self.is_over:
            question = QUESTIONS[(number + len(self.answers)) % len(QUESTIONS)]
            started = time.monotonic()
            status, page = read(f"{self.address}/help/search?q={question}")
            self.answers.append((status, bool(FOUND.search(page)), time.monotonic() - started))

    def wait_for(self, backend: str) -> None:
        """Wait until the portal says that this engine answers: asked seldom, for guests may not ask it often."""
        deadline = time.monotonic() + 40
        while (said := read(f"{self.address}/api/v1/kb/search?q=lineage"))[0] != 200 or backend not in said[1]:
            assert time.monotonic() < deadline, said
            time.sleep(0.5)


@pytest.fixture
def node(tmp_path):
    server = OpenSearch(tmp_path / "node")
    yield server
    server.signal(signal.SIGKILL)


@pytest.fixture
def portal(node, tmp_path):
    """A web process on its own database, with the seed articles in the node's index."""
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **{"DATA_DIR": str(tmp_path / "data"), "PORT": str(port), "WEB_WORKERS": "1", "SEMANTIC_SEARCH": "false"},
        **{"ELASTICSEARCH_URL": node.url},
    }

    def manage(*words: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True, capture_output=True
        )

    for command in (["migrate"], ["createcachetable"], ["seed_knowledge_base"], ["reindex_knowledge_base"], STATIC):
        manage(*command)
    command = [sys.executable, "-m", "gunicorn", "supportportal.wsgi", "--config", "supportportal/gunicorn.py"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}", manage
    process.terminate()
    process.wait(20)


def test_every_reader_is_answered_all_the_time(node, portal):
    address, manage = portal
    storm = Storm(address)
    storm.wait_for("elasticsearch")
    readers = [threading.Thread(target=storm.ask, args=(number,)) for number in range(4)]
    for reader in readers:
        reader.start()
    try:
        node.signal(signal.SIGSTOP)  # it accepts and never answers
        storm.wait_for("sqlite")
        node.signal(signal.SIGCONT)
        storm.wait_for("elasticsearch")
        node.signal(signal.SIGKILL)
        storm.wait_for("sqlite")
        node.start()  # with nothing in it
        manage("reindex_knowledge_base")
        storm.wait_for("elasticsearch")
    finally:
        storm.is_over = True
        for reader in readers:
            reader.join()
    assert {(status, has_hits) for status, has_hits, _ in storm.answers} == {(200, True)}
    # Those that were under way wait for the time limit; after them nobody does.
    waited = sorted((seconds for *_, seconds in storm.answers), reverse=True)
    print(f"\n{len(waited):,} pages, the slowest after {', '.join(f'{one:.2f}' for one in waited[:6])} s")
