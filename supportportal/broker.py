"""The embedded default's broker: kombu's folder of files, but a reader never sees half a message.

kombu opens a message's file under its final name and writes it after: a worker that looks in between reads nothing,
takes that for an error beyond repair, and ends.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

SCHEME = "folder"


class Channel(filesystem.Channel):  # type: ignore[misc]
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        path = Path(self.data_folder_out, f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg")
        try:
            _written_aside(path, dumps(payload)).replace(path)
        except OSError as error:
            raise ChannelError(f"Cannot write {path.name} into the broker's folder: {error}") from error

    def _queue_bind(self, exchange: str, routing_key: Any, pattern: Any, queue: str) -> None:
        table: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]
        self.control_folder.mkdir(exist_ok=True)
        if not table.exists():
            empty = _written_aside(table, "[]")
            with suppress(FileExistsError):  # another process was faster, and its table stays
                os.link(empty, table)
            empty.unlink()
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):  # type: ignore[misc]
    Channel = Channel


def _written_aside(path: Path, words: str) -> Path:
    """Return a whole file beside `path`, under a name that no reader looks for."""
    aside = path.with_name(f".{uuid.uuid4()}")
    aside.write_text(words, encoding="utf-8")
    return aside


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
