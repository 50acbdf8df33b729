"""What every API view shares: strict query parameters, rate headers, and answers to conditional requests."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import APIException, Throttled
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from common import pagination
from common.errors import Stale
from common.filters import StrictFilterBackend, check_parameters, parameters_of
from common.problems import LengthRequired
from common.ratelimit import headers_for

ENTITY_TAG = re.compile(r'\s*(W/)?"([!#-~]*)"\s*(?:,|$)')
# What follows a row's version in a tag where the answer also has what moves without a change of the row.
FINGERPRINT = re.compile(r"-[0-9a-f]{8}$")


class NoOverride:
    URL_FORMAT_OVERRIDE = None


class Negotiation(DefaultContentNegotiation):
    """Chooses by the Accept header alone; ?format= is a query parameter like any other."""

    settings: Any = NoOverride


class PortalView(APIView):
    """query_parameters: names the view reads itself. scope: see accounts.authentication.HasScope."""

    content_negotiation_class = Negotiation
    query_parameters: Sequence[str] = ()
    scope: str | None = None
    # What a shared cache may keep of the answers: nothing, unless a view of public things says otherwise.
    cache_control = "private, no-cache"

    @property
    def person(self) -> Any:
        """Whoever asks: the user model's row, on routes that only the signed-in reach."""
        return self.request.user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except Throttled:
            raise
        except APIException:
            # DRF counts only callers it let in; guessing at credentials is to be counted as well.
            if not headers_for(request):
                self.check_throttles(request)
            raise
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired("Send the body with a Content-Length instead of in chunks.")
        if request.method in self.allowed_methods:
            check_parameters(request, self.allowed_parameters())

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the methods, in Allow; what else there is to say of a route stands in the API's description."""
        return Response(status=204)

    def allowed_parameters(self) -> set[str]:
        """Return the query parameters this request may carry."""
        return set(self.query_parameters)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in headers_for(request).items():
            response[name] = value
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = self.cache_control
        return response


class PortalViewSet(PortalView, GenericViewSet[Any]):
    """A resource. Its routes name each action; lists are filtered, ordered and paged alike.

    list_actions: the actions that answer a page.
    """

    filter_backends = [StrictFilterBackend]
    pagination_class = pagination.CursorPagination
    list_actions: Sequence[str] = ("list",)
    ordering_fields: dict[str, str] = {}
    default_ordering: Sequence[str] = ()

    def allowed_parameters(self) -> set[str]:
        names = super().allowed_parameters()
        if self.request.method not in {"GET", "HEAD"}:
            return set()
        return names | self.list_parameters() if self.action in self.list_actions else names

    def list_parameters(self) -> set[str]:
        return parameters_of(self) | (set() if self.pagination_class is None else set(pagination.PARAMETERS))

    def answer_page(self, queryset: Any) -> Response:
        """Answer one page of `queryset`, filtered and ordered as the caller asked."""
        rows = self.paginate_queryset(self.filter_queryset(queryset))
        serializer_class = self.get_serializer_class()
        return self.get_paginated_response(serializer_class(rows, many=True, context=self.context_for(rows)).data)

    def represent(self, row: Any, serializer_class: Any = None) -> Any:
        """Return what the caller may read of one row."""
        return (serializer_class or self.get_serializer_class())(row, context=self.context_for([row])).data

    def is_staff(self) -> bool:
        """Whether the caller reads rows as the support team does; views whose rows differ by reader say so."""
        return False

    def get_serializer_context(self) -> dict[str, Any]:
        """Say for whom rows are shown; the API's description shows what both sides may read."""
        context = dict(super().get_serializer_context())
        return context if getattr(self, "swagger_fake_view", False) else {**context, "is_staff": self.is_staff()}

    def context_for(self, rows: Any) -> dict[str, Any]:
        """Return what serializers need to know besides the rows; asked once for a whole page of them."""
        return self.get_serializer_context()

    def read_body(self, serializer_class: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the validated body, or answer 400, 415 or 422."""
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context(), **kwargs)
        serializer.is_valid(raise_exception=True)
        validated: dict[str, Any] = serializer.validated_data
        return validated


def etag_of(version: int | str) -> str:
    """Return the strong entity tag of a row at `version`."""
    return f'"{version}"'


def fingerprint_of(data: Any) -> str:
    """Return eight digits that stand for an answer's content."""
    content = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def unless_known(request: Request, response: Response, version: int | str = "") -> Response | HttpResponse:
    """Return `response` with an entity tag made of `version` and its content, or 304 to who holds that already."""
    tag = f"{version}-{fingerprint_of(response.data)}"
    if has_current(request, tag):
        return not_modified(tag)
    response["ETag"] = etag_of(tag)
    return response


def require_current(request: Request, version: int | str, *, ignoring: re.Pattern[str] | None = None) -> None:
    """Refuse a change where If-Match names another version of the row than the present one.

    ignoring: what a tag may end in besides the version.
    Weak tags never match, as RFC 9110 has it. Without the header the change is allowed.
    Raises: Stale.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is not None and not _names(header, str(version), is_weak_enough=False, ignoring=ignoring):
        raise Stale("Somebody else changed this since you read it. Read it again, then repeat your change.")


def has_current(request: Request, version: int | str) -> bool:
    """Whether If-None-Match says that the caller already holds the present version."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    return header is not None and _names(header, str(version), is_weak_enough=True)


def not_modified(version: int | str) -> HttpResponse:
    return HttpResponse(status=304, headers={"ETag": etag_of(version)})


def _names(header: str, version: str, *, is_weak_enough: bool, ignoring: re.Pattern[str] | None = None) -> bool:
    if header.strip() == "*":
        return True
    tags = ((weak, ignoring.sub("", tag) if ignoring else tag) for weak, tag in ENTITY_TAG.findall(header))
    return any(tag == version and (is_weak_enough or not weak) for weak, tag in tags)
