"""Lists of the API in pages: by cursor, or for old clients by `limit` and `offset`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from common.keyset import BadCursor, OtherOrder, page_of, terms_of
from common.problems import QueryInvalid

LIMIT_DEFAULT, LIMIT_MOST = 25, 100
OFFSET_MOST = 100_000
COUNT_MOST = 10_000
PARAMETERS = ("cursor", "limit", "offset", "count")


class CursorPagination(BasePagination):
    """Pages as api.md has them: `cursor` and `limit`, or `limit` and `offset`; `count=true` adds a count."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.url = request.build_absolute_uri()
        self.limit = whole_number(request, "limit", LIMIT_DEFAULT, 1, LIMIT_MOST)
        self.count = self._count(queryset)
        if "offset" in request.query_params:
            return self._page_by_offset(queryset)
        return self._page_by_cursor(queryset)

    def get_paginated_response(self, data: Any) -> Response:
        body: dict[str, Any] = {"results": data, "next": self.next, "previous": self.previous}
        if self.count is not None:
            body["count"] = min(self.count, COUNT_MOST)
            body["count_is_lower_bound"] = self.count > COUNT_MOST
        return Response(body)

    def _count(self, queryset: QuerySet[Any]) -> int | None:
        wanted = single(self.request, "count")
        if wanted not in {None, "true", "false"}:
            raise QueryInvalid.at("count", "invalid", "Use true or false.")
        return queryset.order_by()[: COUNT_MOST + 1].count() if wanted == "true" else None

    def _page_by_offset(self, queryset: QuerySet[Any]) -> list[Any]:
        if "cursor" in self.request.query_params:
            raise QueryInvalid.at("offset", "conflict", "Use either cursor or offset.")
        offset = whole_number(self.request, "offset", 0, 0, OFFSET_MOST)
        terms = terms_of(queryset)
        rows = list(queryset.order_by(*(term.order_by(False) for term in terms))[offset : offset + self.limit + 1])
        before = max(0, offset - self.limit)
        has_more = len(rows) > self.limit and offset + self.limit <= OFFSET_MOST
        self.next = replace_query_param(self.url, "offset", offset + self.limit) if has_more else None
        self.previous = replace_query_param(self.url, "offset", before) if offset else None
        return rows[: self.limit]

    def _page_by_cursor(self, queryset: QuerySet[Any]) -> list[Any]:
        try:
            page = page_of(queryset, single(self.request, "cursor"), self.limit)
        except OtherOrder as error:
            raise QueryInvalid.at("cursor", "other_ordering", "This cursor belongs to another ordering.") from error
        except BadCursor as error:
            detail = "Use a cursor as an answer gave it, or leave it out to begin again."
            raise QueryInvalid.at("cursor", "invalid", detail) from error
        self.next, self.previous = self._link(page.next), self._link(page.previous)
        return page.rows

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(remove_query_param(self.url, "cursor"), "cursor", cursor) if cursor else None

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": LIMIT_DEFAULT}
        offset = {"type": "integer", "minimum": 0, "maximum": OFFSET_MOST}
        words = "Where a page begins: the `next` or `previous` of an answer holds it. Not together with `offset`."
        return [
            _parameter("limit", limit, "How many results a page holds."),
            _parameter("cursor", {"type": "string", "pattern": "^[A-Za-z0-9_:.-]+$"}, words),
            _parameter("offset", offset, "For old clients: how many results to skip. Not together with `cursor`."),
            _parameter("count", {"type": "boolean", "default": False}, "Also tell how many results there are."),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        cursor = "https://support.example/api/v1/things?cursor=WyItY3JlYXRlZF9hdCJd"
        link = {"type": ["string", "null"], "format": "uri"}
        count = {"type": "integer", "minimum": 0, "maximum": COUNT_MOST, "example": 1}
        is_more = {"type": "boolean", "example": False, "description": "True where there are more than `count`."}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**link, "example": cursor},
                "previous": {**link, "example": None},
                "count": {**count, "description": "With `count=true`: how many results there are, to 10,000."},
                "count_is_lower_bound": is_more,
            },
        }


def single(request: Request, name: str) -> str | None:
    """Return the one value of a parameter that may not be repeated; None where it is absent."""
    values = request.query_params.getlist(name)
    if len(values) > 1:
        raise QueryInvalid.at(name, "repeated", "Give this parameter once.")
    return values[0] if values else None


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Return the value of a numeric parameter, `default` where it is absent.

    Raises: QueryInvalid for what is no whole number from `least` to `most`.
    """
    text = single(request, name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 19 or not least <= int(text) <= most:
        raise QueryInvalid.at(name, "invalid", f"Use a whole number from {least} to {most:,}.")
    return int(text)


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
