"""What every request passes: a clean request id, the body limit, the plain answer to a lost database."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_structlog.middlewares import RequestMiddleware

from common import context
from common.problems import problem_response
from common.ratelimit import client_ip

GetResponse = Callable[[HttpRequest], HttpResponse]
CLEAN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = structlog.get_logger(__name__)


class RequestIdMiddleware:
    """Give every request an id, a caller's own if it is clean, and repeat it in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if CLEAN_REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        with context.origin(context.Origin(request_id, client_ip(request))):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class DatabaseOutageMiddleware:
    """Answer 503 with a plain page or problem while the database cannot be reached, and recover by itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        log.error("database_unavailable", error=str(exception).splitlines()[0] if str(exception) else "")
        return unavailable(request)


class BodyLimitMiddleware:
    """Refuse a body over the limit by its declared length, before a byte of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = _body_limit(request)
        if not length.isdecimal() or int(length) > limit:
            return too_large(request, limit)
        return self.get_response(request)


def _body_limit(request: HttpRequest) -> int:
    if request.path.startswith(settings.PORTAL_INBOUND_PATH):  # each door there has a limit of its own
        return int(settings.PORTAL_INBOUND_BODY_LIMIT_BYTES)
    is_multipart = request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data")
    return int(settings.PORTAL_BODY_LIMIT_BYTES if is_multipart else settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def unavailable(request: HttpRequest) -> HttpResponse:
    words = "The service cannot reach its database. Try again in a minute; nothing you sent before is lost."
    headers = {"Retry-After": "30"}
    if is_api(request):
        return problem_response(503, "unavailable", "Service unavailable", words, request, headers=headers)
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    words = f"The request is larger than the {limit // 1_000_000} MB that are accepted."
    if is_api(request):
        return problem_response(413, "too_large", "Request too large", words, request)
    return HttpResponse(render_to_string("400.html", {"words": words}), status=413)


class RequestLogMiddleware(RequestMiddleware):  # type: ignore[misc]
    """Log each request by its path alone, with what opens something blotted out: a log must open nothing."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        path = request.path
        for pattern in settings.PORTAL_SECRET_PATHS:
            path = re.sub(rf"^({pattern}/)[^/]+", r"\1...", path)
        return f"{request.method} {path}"
