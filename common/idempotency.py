"""Asking twice makes one: the Idempotency-Key of api.md, after the IETF draft.

The row is the lock. It is committed before the work begins, so that a simultaneous request sees it; the
work and its answer are then one transaction, so that a crash leaves either both or neither. Answers may
hold a secret that is kept nowhere else (a guest's link, a new token), so they are encrypted at rest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from cryptography.fernet import InvalidToken
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from common.errors import Conflict, Invalid
from common.models import IdempotentAnswer
from common.problems import Malformed
from common.ratelimit import client_ip
from common.sealing import box
from common.time import now

KEPT = dt.timedelta(hours=24)
STALE_AFTER = dt.timedelta(seconds=60)  # longer than any request may take: the web server has ended it by then
KEPT_HEADERS = ("ETag", "Location")
BARE = re.compile(r"[!#-+\--:<-\[\]-~]{1,255}")  # visible ASCII without the quote, comma, semicolon and backslash
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"')

Handler = TypeVar("Handler", bound=Callable[..., Any])


class KeyInUse(Conflict):
    code = "idempotency_key_in_use"
    retry_after = 1


def idempotent(handler: Handler) -> Handler:
    """Let a view's POST handler honour the Idempotency-Key header; without the header nothing changes.

    Kept for 24 hours per caller and path. A handler that raises, or answers 5xx, releases the key.
    Raises: Malformed (400) for a bad key, Invalid (422) for a key used with another body, KeyInUse (409).
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = read_key(request)
        if key is None:
            return cast("Response", handler(view, request, *args, **kwargs))
        row, is_ours = _claim(request, key)
        return _work(row, lambda: handler(view, request, *args, **kwargs)) if is_ours else _replay(row)

    wrapper.is_idempotent = True  # type: ignore[attr-defined]  # the API description asks for it
    return cast("Handler", wrapper)


def read_key(request: Request) -> str | None:
    """Return the key, given bare or quoted (RFC 8941 string); None without the header."""
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    header = header.strip()
    if BARE.fullmatch(header):
        return str(header)
    quoted = QUOTED.fullmatch(header)
    key = re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted else ""
    if not key or len(key) > 255:
        raise Malformed("The Idempotency-Key must be 1 to 255 visible ASCII characters, bare or in quotes.")
    return key


def _claim(request: Request, key: str) -> tuple[IdempotentAnswer, bool]:
    """Return the key's row, and whether this request is the one to do the work.

    A first answer may hold a guest's secret link, and guests are told apart only by their address; the
    row is therefore never answered from unless the whole body is the same.
    """
    digest, at = digest_of(request), now()
    user = request.user
    caller = f"user:{user.pk}" if user.is_authenticated else f"ip:{client_ip(request)}"
    row, is_new = IdempotentAnswer.objects.get_or_create(
        caller=caller, route=_route(request), key=key, defaults={"body_digest": digest, "created_at": at}
    )
    if is_new or _take_over(row, digest, at):
        return row, True
    if row.body_digest != digest:
        raise Invalid(
            "This Idempotency-Key was used with another body. Use a new key for a new request.",
            code="idempotency_key_reused",
        )
    if row.status_code is None:
        raise KeyInUse("The first request with this Idempotency-Key still runs. Ask again for its answer.")
    return row, False


def _take_over(row: IdempotentAnswer, digest: str, at: dt.datetime) -> bool:
    """Make a row ours whose answer has expired, or whose first request died. One of several askers wins."""
    is_dead = Q(status_code=None, created_at__lt=at - STALE_AFTER) | Q(created_at__lt=at - KEPT)
    same = IdempotentAnswer.objects.filter(is_dead, pk=row.pk, created_at=row.created_at)
    fresh = {"body_digest": digest, "created_at": at, "status_code": None, "body": None, "headers": {}}
    if not same.update(**fresh):
        return False
    row.created_at, row.body_digest = at, digest
    return True


def _work(row: IdempotentAnswer, work: Callable[[], Response]) -> Response:
    """Do the work and keep its answer in one transaction; release the key where there is nothing to keep."""
    ours = IdempotentAnswer.objects.filter(pk=row.pk, created_at=row.created_at, status_code=None)
    try:
        with transaction.atomic():
            response = work()
            if response.status_code >= 500:
                transaction.set_rollback(True)
            else:
                _keep(ours, response)
    except BaseException:
        ours.delete()
        raise
    if response.status_code >= 500:
        ours.delete()
    return response


def _keep(ours: QuerySet[IdempotentAnswer], response: Response) -> None:
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    body = box(__name__).encrypt(JSONRenderer().render(response.data) or b"null").decode()
    if not ours.update(status_code=response.status_code, body=body, headers=headers):
        # Raised inside the transaction, so that the work is undone and is not there twice.
        raise KeyInUse("This took so long that another request with the key began anew. Ask again for its answer.")


def _replay(row: IdempotentAnswer) -> Response:
    try:
        body = json.loads(box(__name__).decrypt(str(row.body).encode()))
    except InvalidToken as error:
        raise Conflict("The first answer to this Idempotency-Key can no longer be read. Look what it made.") from error
    return Response(body, status=row.status_code, headers={**row.headers, "Idempotent-Replayed": "true"})


def _route(request: Request) -> str:
    route = f"{request.method} {request.path}"
    return route if len(route) <= 200 else f"{request.method} {hashlib.sha256(route.encode()).hexdigest()}"


def digest_of(request: Request) -> str:
    """Return the SHA-256 of what the body says; the boundary of a form and the order of names do not count."""
    data: Any = request.data
    if isinstance(data, QueryDict):
        data = {name: [_said(value) for value in values] for name, values in data.lists()}
    written = json.dumps(data, sort_keys=True, ensure_ascii=True, cls=JSONEncoder)
    return hashlib.sha256(written.encode()).hexdigest()


def _said(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]
