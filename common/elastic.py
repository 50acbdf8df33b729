"""How one client speaks to both servers.

The client asks for media types that OpenSearch refuses, and refuses answers that do not name Elasticsearch. Plain JSON
is what both have always understood.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from elastic_transport import ApiResponseMeta, HttpHeaders, Urllib3HttpNode
from elastic_transport.client_utils import DEFAULT

VENDOR_TYPE = re.compile(r"application/vnd\.elasticsearch\+([a-z-]+)\s*;\s*compatible-with=\d+")
NEGOTIATED = ("accept", "content-type")


class PlainJsonNode(Urllib3HttpNode):
    """A connection to a server of either kind."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: Any = DEFAULT,
    ) -> Any:
        plain = HttpHeaders(
            {
                name: VENDOR_TYPE.sub(r"application/\1", value) if name.lower() in NEGOTIATED else value
                for name, value in (headers or {}).items()
            }
        )
        answer = super().perform_request(method, target, body, plain, request_timeout)
        named = HttpHeaders(answer.meta.headers)
        named["x-elastic-product"] = "Elasticsearch"
        meta = ApiResponseMeta(
            node=answer.meta.node,
            duration=answer.meta.duration,
            http_version=answer.meta.http_version,
            status=answer.meta.status,
            headers=named,
        )
        return answer._replace(meta=meta)


def connection(url: str) -> dict[str, Any]:
    """Return the settings of a connection to the server at `url`.

    Nothing is tried twice: where it does not answer, the database does.
    """
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    settings: dict[str, Any] = {
        "hosts": f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}",
        "node_class": PlainJsonNode,
        "max_retries": 0,
        "retry_on_timeout": False,
        "request_timeout": 10,
    }
    if parts.username:
        settings["basic_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    return settings
