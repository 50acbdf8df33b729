"""Every refusal under /api, in one shape: RFC 9457 problem details.

DRF's exceptions, the portal's own errors and Django's plain ones all end in `problem_response`. A body
never says more than its caller may know: not found is always the same words, a fault has no details.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as ModelInvalid
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import set_rollback

from common.errors import Invalid, NotFound, PortalError

TYPE_PREFIX = "/api/v1/problems/"
CONTENT_TYPE = "application/problem+json"
NO_HINT = "There is nothing here, or nothing that these credentials may see."
# Rooms add the codes of their own refusals with `name_codes`.
TITLES = {
    "invalid": "The input does not validate",
    "invalid_query": "A query parameter is unknown or wrong",
    "malformed": "The body cannot be read",
    "not_authenticated": "Credentials are needed",
    "authentication_failed": "The credentials were refused",
    "not_allowed": "These credentials may not do this",
    "insufficient_scope": "The token lacks the scope for this",
    "csrf_failed": "The request does not come from one of our pages",
    "not_found": "Not found",
    "method_not_allowed": "There is no such method here",
    "not_acceptable": "No such representation",
    "conflict": "The present state does not allow this",
    "invalid_transition": "The ticket's status does not allow this",
    "idempotency_key_in_use": "The first request with this key still runs",
    "idempotency_key_reused": "The key was used for something else",
    "stale": "Somebody else changed this meanwhile",
    "length_required": "The request does not say how long its body is",
    "too_large": "The request is too large",
    "unsupported_media_type": "The body is of a type that is not read here",
    "too_many_requests": "Too many requests",
    "internal_error": "Something went wrong here",
    "unavailable": "Service unavailable",
}

AnyRequest = HttpRequest | Request
FieldErrors = list[dict[str, str]]

security = structlog.get_logger("security")


class QueryInvalid(PortalError):
    """A query parameter, or the cursor in one, is unknown or wrong. errors: {field, code, detail} each."""

    code = "invalid_query"
    http_status = 400

    def __init__(self, errors: FieldErrors) -> None:
        super().__init__("Correct the query parameters named in `errors`.")
        self.errors = errors

    @classmethod
    def at(cls, field: str, code: str, detail: str) -> QueryInvalid:
        return cls([{"field": field, "code": code, "detail": detail}])


class Malformed(PortalError):
    """The body, or a header, does not parse."""

    code = "malformed"
    http_status = 400


class LengthRequired(PortalError):
    """The body comes in chunks, which the server's interface would hand over as no body at all."""

    code = "length_required"
    http_status = 411


class ProblemResponse(HttpResponse):
    """A problem body. `data` is what it says, for the idempotency store and for tests."""

    def __init__(self, data: dict[str, Any], **kwargs: Any) -> None:
        content = json.dumps(data, ensure_ascii=False, default=str)
        super().__init__(content, content_type=CONTENT_TYPE, **kwargs)
        self.data = data


def problem_response(  # noqa: PLR0917 (the standard members, in their order)
    status: int,
    code: str,
    title: str,
    detail: str,
    request: AnyRequest | None,
    errors: FieldErrors | None = None,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Return the problem body of api.md. extra: further members, which may not replace the standard ones."""
    data: dict[str, Any] = dict(extra or {})
    data |= {
        "type": TYPE_PREFIX + code,
        "title": title or title_of(code, status),
        "status": status,
        "detail": detail,
        "instance": request.META.get("HTTP_X_REQUEST_ID", "") if request is not None else "",
    }
    if errors:
        data["errors"] = errors
    response = ProblemResponse(data, status=status, headers={"Cache-Control": "no-store", **(headers or {})})
    if status == HTTPStatus.UNAUTHORIZED and "WWW-Authenticate" not in response:
        response["WWW-Authenticate"] = "Bearer"
    return response


def name_codes(**titles: str) -> None:
    """Say what further codes mean, for the `title` of their problems and for the page their `type` leads to."""
    TITLES.update(titles)


def title_of(code: str, status: int) -> str:
    if code in TITLES:
        return TITLES[code]
    return code.replace("_", " ").capitalize() or HTTPStatus(status).phrase


def handle(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the problem for what a view raised; None hands a lost database on to the middleware for it."""
    if isinstance(exc, OperationalError | InterfaceError):
        return None
    request: Request | None = context.get("request")
    set_rollback()
    response = next(answer for kind, answer in ANSWERS if isinstance(exc, kind))(exc, request)
    _note(exc, response.status_code, request)
    return response


def _note(exc: Exception, status: int, request: Request | None) -> None:
    """Log what security has to know of: refused credentials, refused verbs, exceeded rates."""
    events = {401: "auth_failed", 403: "access_refused", 429: "rate_exceeded"}
    if status in events and not isinstance(exc, exceptions.NotAuthenticated):
        code = getattr(exc, "code", None) or _first_code(exc)
        security.warning(events[status], code=code, path=request.path if request is not None else "")


def _first_code(exc: Exception) -> str:
    codes: Any = exc.get_codes() if isinstance(exc, exceptions.APIException) else type(exc).__name__
    while isinstance(codes, dict | list):
        codes = next(iter(codes.values() if isinstance(codes, dict) else codes), "")
    return str(codes)


def _portal_error(exc: PortalError, request: Request | None) -> ProblemResponse:
    if isinstance(exc, NotFound):
        return problem_response(404, "not_found", "", NO_HINT, request)
    code, errors, headers = exc.code, getattr(exc, "errors", None), dict(getattr(exc, "headers", {}))
    if isinstance(exc, Invalid) and exc.field:
        code, errors = "invalid", [{"field": exc.field, "code": exc.code, "detail": exc.message}]
    retry_after = getattr(exc, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return problem_response(exc.http_status, code, "", exc.message, request, errors, exc.data, headers)


def _invalid(exc: exceptions.ValidationError, request: Request | None) -> ProblemResponse:
    errors = list(flatten(exc.get_full_details()))
    return problem_response(422, "invalid", "", "Correct the fields named in `errors`.", request, errors)


def _model_invalid(exc: ModelInvalid, request: Request | None) -> ProblemResponse:
    by_field = exc.error_dict if hasattr(exc, "error_dict") else {"": exc.error_list}
    errors = [
        {"field": field.replace("__all__", ""), "code": error.code or "invalid", "detail": " ".join(error.messages)}
        for field, found in by_field.items()
        for error in found
    ]
    return problem_response(422, "invalid", "", "Correct the fields named in `errors`.", request, errors)


def flatten(details: Any, field: str = "") -> Iterator[dict[str, str]]:
    """Yield {field, code, detail} for each error in DRF's nested details; `a.0.b` names a nested field."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"} and isinstance(details["code"], str):
        yield {"field": field, "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            inner_field = field if name == "non_field_errors" else f"{field}.{name}".lstrip(".")
            yield from flatten(inner, inner_field)
    else:
        for index, inner in enumerate(details):
            is_message = isinstance(inner, Mapping) and set(inner) == {"message", "code"}
            if inner:
                yield from flatten(inner, field if is_message else f"{field}.{index}".lstrip("."))


def _api_exception(exc: exceptions.APIException, request: Request | None) -> ProblemResponse:
    status = exc.status_code
    codes = {
        400: "malformed",
        401: "not_authenticated" if isinstance(exc, exceptions.NotAuthenticated) else "authentication_failed",
        403: "not_allowed",
        404: "not_found",
        405: "method_not_allowed",
        406: "not_acceptable",
        415: "unsupported_media_type",
        429: "too_many_requests",
    }
    code = codes.get(status, "internal_error" if status >= 500 else exc.default_code)
    if isinstance(exc, exceptions.PermissionDenied) and _first_code(exc) in TITLES:
        code = _first_code(exc)
    headers = {"WWW-Authenticate": exc.auth_header} if hasattr(exc, "auth_header") else {}
    wait = getattr(exc, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    detail = NO_HINT if status == HTTPStatus.NOT_FOUND else _words(exc.detail)
    return problem_response(status, code, "", detail, request, headers=headers)


def _words(detail: Any) -> str:
    """Return the sentence in an exception's detail; third parties nest it in lists and dicts."""
    if isinstance(detail, Mapping):
        detail = detail.get("detail", next(iter(detail.values()), ""))
    if isinstance(detail, Sequence) and not isinstance(detail, str):
        detail = detail[0] if detail else ""
    return detail if isinstance(detail, str) else str(detail)


def _not_found(_exc: Exception | None, request: AnyRequest | None) -> ProblemResponse:
    return problem_response(404, "not_found", "", NO_HINT, request)


def _permission_denied(_exc: Exception | None, request: AnyRequest | None) -> ProblemResponse:
    return problem_response(403, "not_allowed", "", "These credentials may not do this.", request)


def _too_large(_exc: Exception | None, request: AnyRequest | None) -> ProblemResponse:
    return problem_response(413, "too_large", "", "Send a smaller request.", request)


def _malformed(_exc: Exception | None, request: AnyRequest | None) -> ProblemResponse:
    return problem_response(400, "malformed", "", "The request could not be read. Check how it is written.", request)


def _fault(_exc: Exception, request: Request | None) -> ProblemResponse:
    # Django never sees what DRF handles; whoever listens for faults (the request log, Sentry) is told here.
    got_request_exception.send(sender=handle, request=getattr(request, "_request", request))
    return problem_500(request)


ANSWERS: list[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any, Any], ProblemResponse]]] = [
    (PortalError, _portal_error),
    (exceptions.ValidationError, _invalid),
    (exceptions.APIException, _api_exception),
    (ModelInvalid, _model_invalid),
    (Http404, _not_found),
    (PermissionDenied, _permission_denied),
    ((RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent), _too_large),
    ((SuspiciousOperation, UnreadablePostError), _malformed),
    (Exception, _fault),
]


def problem_400(request: HttpRequest, exception: Exception | None = None) -> ProblemResponse:
    """Answer what Django refused before any view saw it, a wrong Host header for example."""
    is_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    answer = _too_large if is_large else _malformed
    return answer(exception, request)


def problem_403(request: HttpRequest, exception: Exception | None = None) -> ProblemResponse:
    return _permission_denied(exception, request)


def problem_404(request: HttpRequest, exception: Exception | None = None) -> ProblemResponse:
    return _not_found(exception, request)


def problem_405(request: AnyRequest, allowed: Sequence[str]) -> ProblemResponse:
    detail = f"Use {' or '.join(allowed)}."
    return problem_response(405, "method_not_allowed", "", detail, request, headers={"Allow": ", ".join(allowed)})


def problem_500(request: AnyRequest | None) -> ProblemResponse:
    detail = "It has been noted. Try again later; if it stays, tell us the `instance` of this answer."
    return problem_response(500, "internal_error", "", detail, request)


def problem_csrf(request: HttpRequest, reason: str = "") -> ProblemResponse:
    """Answer a failed CSRF check; `reason` is Django's and is not shown."""
    security.warning("access_refused", code="csrf_failed", reason=reason, path=request.path)
    detail = "Send the CSRF token of the page, or use an Authorization header."
    return problem_response(403, "csrf_failed", "", detail, request)
