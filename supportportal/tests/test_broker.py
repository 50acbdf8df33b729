"""The broker of the embedded default: whoever looks at any moment finds whole messages."""

import json
import threading
import uuid

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from supportportal.broker import SCHEME

COUNT = 400


@pytest.fixture
def options(tmp_path):
    return {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path / "control"),
        "store_processed": False,
        "polling_interval": 0.001,
    }


@pytest.fixture
def name():
    """A queue of its own for each test: kombu remembers in the process which it has bound, whatever the folder."""
    return uuid.uuid4().hex


def test_a_reader_beside_the_writers_gets_every_message(options, name):
    def write(first):
        with Connection(f"{SCHEME}://", transport_options=options) as connection, connection.SimpleQueue(name) as queue:
            for number in range(first, first + COUNT):
                queue.put({"number": number, "words": "x" * 5000})

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, COUNT)]
    with Connection(f"{SCHEME}://", transport_options=options) as connection, connection.SimpleQueue(name) as queue:
        for writer in writers:
            writer.start()
        seen = [queue.get(timeout=20).payload["number"] for _ in range(2 * COUNT)]
        for writer in writers:
            writer.join()
    assert sorted(seen) == list(range(2 * COUNT))


def test_no_message_is_there_before_it_is_whole(options, name, tmp_path, monkeypatch):
    """The moment after each file appears under a queue's name, by the calls that make it appear."""
    seen = []
    replace = type(tmp_path).replace

    def look_first(path, target):
        seen.append([json.loads(file.read_text()) for file in tmp_path.glob("*.msg")])
        return replace(path, target)

    monkeypatch.setattr(type(tmp_path), "replace", look_first)
    with Connection(f"{SCHEME}://", transport_options=options) as connection, connection.SimpleQueue(name) as queue:
        queue.put({"a": 1})
        queue.put({"b": 2})
    assert [len(messages) for messages in seen] == [0, 1]


def test_a_folder_that_cannot_be_written_is_said(options, name, tmp_path):
    with Connection(f"{SCHEME}://", transport_options=options) as connection, connection.SimpleQueue(name) as queue:
        queue.channel.data_folder_out = str(tmp_path / "nowhere")
        with pytest.raises(ChannelError, match="Cannot write"):
            queue.put({"a": 1})
