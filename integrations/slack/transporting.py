"""How bytes get to Slack: the library's client, with a transport that ends in time and takes no proxy by accident.

The library's own waits as long as bytes drip in, reads bodies of any size, and takes proxies from the environment.
"""

from __future__ import annotations

import http.client
import logging
from contextlib import closing
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient

BYTES_MOST = 4_000_000
PIECE_BYTES = 65_536

_silent = logging.getLogger("integrations.slack.library")  # it would log what Slack answers; our errors say enough
_silent.setLevel(logging.CRITICAL)


class NotReached(OSError):
    """No connection came about, so Slack has taken nothing."""


class PortalWebClient(WebClient):
    """Slack's client: one call, one try."""

    def __init__(self, *, token: str, base_url: str, timeout: int, proxy: str, seconds_most: float) -> None:
        super().__init__(token=token, base_url=base_url, timeout=timeout, retry_handlers=[], logger=_silent)
        self.proxy = proxy or None
        self._seconds_most = seconds_most

    def __repr__(self) -> str:
        return "<Slack client>"

    def _perform_urllib_http_request_internal(self, url: str, req: Any) -> dict[str, Any]:
        deadline = monotonic() + self._seconds_most
        connection = self._connected(url)
        try:
            parts = urlsplit(url)
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request(req.get_method(), target, body=req.data, headers=dict(req.header_items()))
            with closing(connection.getresponse()) as response:  # it may hold the socket after the connection is closed
                body = _body(response, deadline)
        finally:
            connection.close()
        return {
            "status": response.status,
            "headers": response.headers,
            "body": body.decode(response.headers.get_content_charset() or "utf-8", "replace"),
        }

    def _connected(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        is_encrypted = parts.scheme == "https"
        make = http.client.HTTPSConnection if is_encrypted else http.client.HTTPConnection
        if self.proxy and is_encrypted:
            by = urlsplit(self.proxy)
            connection = make(by.hostname or "", by.port or 3128, timeout=self.timeout)
            connection.set_tunnel(host, port or 443)
        else:
            connection = make(host, port, timeout=self.timeout)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NotReached(type(error).__name__) from error
        return connection


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    read = bytearray()
    while piece := response.read1(PIECE_BYTES):
        read += piece
        if monotonic() > deadline or len(read) > BYTES_MOST:
            raise TimeoutError
    return bytes(read)
