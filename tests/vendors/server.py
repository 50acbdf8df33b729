"""A vendor on loopback: takes requests, remembers them, and answers as a test says, well or badly."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What to answer. drip_seconds: between two bytes of the body.   is_reset: break the connection off instead.

    is_taken: the request counts as done before the connection breaks.
    """

    status: int = 200
    body: bytes | dict[str, Any] | list[Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip_seconds: float = 0
    is_reset: bool = False
    is_taken: bool = False

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Vendor:
    """A server for one test. `scripted` replies come first, each once; then `answer` is asked.

    A vendor with a mind of its own (it checks what it is asked and keeps what it is told) overrides `answer`.
    """

    def __init__(self, answer: Callable[[Request], Reply] | None = None) -> None:
        self.requests: list[Request] = []
        self.scripted: list[Reply] = []
        self._answer = answer
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        return self._answer(request) if self._answer else Reply()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Vendor:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            scripted = self.scripted.pop(0) if self.scripted else None
            if scripted is None:
                return self.answer(request)
            if scripted.is_taken:
                self.answer(request)
            return scripted


def _handler(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            self._send(vendor._reply(request))

        def _send(self, reply: Reply) -> None:
            self.close_connection = True
            if reply.is_reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", "Connection": "close", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.bytes)))
            self.end_headers()
            try:
                if reply.drip_seconds:
                    for byte in reply.bytes:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        sleep(reply.drip_seconds)
                else:
                    self.wfile.write(reply.bytes)
            except OSError:
                return  # whoever asked has had enough

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, *_: object) -> None:
            pass

    return Handler
