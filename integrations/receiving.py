"""What every door for other systems' messages shares: the raw body, a limit of its own, and honest answers.

A sender that gets 4xx may drop the message for good, so anything that may be our fault is a 503.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = structlog.get_logger(__name__)

View = Callable[[HttpRequest, bytes], HttpResponse]


def receiver(*, most_bytes: int = 1_000_000) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make a door of a view that is given the request and its raw body.

    most_bytes: of the body, on this route alone.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def door(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
            body = request.read(most_bytes + 1)
            if len(body) > most_bytes:
                return _plain(413, f"At most {most_bytes:,} bytes are taken here.")
            request._body = body  # noqa: SLF001 - what reads it again, such as a library's view, finds it whole
            try:
                return view(request, body)
            except DatabaseError:
                log.exception("inbound_not_stored", path=request.path)
                return _plain(503, "It could not be stored. Send it again.", {"Retry-After": "30"})

        door.most_bytes = most_bytes  # type: ignore[attr-defined]
        return door

    return decorate


def accepted() -> HttpResponse:
    return HttpResponse(status=200)


def refused() -> HttpResponse:
    """Answer somebody who is not who they say: the same whatever was wrong."""
    return _plain(401, "The signature does not hold.")


def _plain(status: int, words: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain", headers=headers)
