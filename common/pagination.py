"""Lists in pages. A cursor names the last row seen by what the list is ordered by, ending in the primary key.

So a page begins after a row, never at a number: rows that arrive or leave while a client pages are
neither skipped nor repeated. Old clients may count with `limit` and `offset` instead.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from common.problems import QueryInvalid

LIMIT_DEFAULT, LIMIT_MOST = 25, 100
OFFSET_MOST = 100_000
COUNT_MOST = 10_000
PARAMETERS = ("cursor", "limit", "offset", "count")


@dataclass(frozen=True)
class Term:
    """One column of an order. is_nullable: empty values come last, whichever way it runs."""

    name: str
    is_descending: bool
    is_nullable: bool

    def order_by(self, is_reverse: bool) -> OrderBy:
        runs_down = self.is_descending != is_reverse
        # Databases disagree on where NULL sorts; saying it only where one can be keeps plain indexes usable.
        nulls: dict[str, bool] = {}
        if self.is_nullable:
            nulls = {"nulls_first": True} if is_reverse else {"nulls_last": True}
        return OrderBy(F(self.name), descending=runs_down, **nulls)

    def beyond(self, value: Any, is_reverse: bool) -> Q | None:
        """Return what holds for rows beyond `value` in this column; None where there can be none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if is_reverse else None
        runs_down = self.is_descending != is_reverse
        found = Q(**{f"{self.name}__{'lt' if runs_down else 'gt'}": value})
        if self.is_nullable and not is_reverse:
            found |= Q(**{f"{self.name}__isnull": True})
        return found

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


@dataclass(frozen=True)
class Position:
    """Where a page begins. is_reverse: it ends before the position. is_inclusive: the row itself belongs to it."""

    values: list[Any]
    is_reverse: bool = False
    is_inclusive: bool = False


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
        terms = terms_of(queryset)
        position = self._position(terms)
        is_reverse = position is not None and position.is_reverse
        queryset = queryset.order_by(*(term.order_by(is_reverse) for term in terms))
        if position is not None:
            queryset = queryset.filter(_beyond(terms, position))
        rows = list(queryset[: self.limit + 1])
        has_more, rows = len(rows) > self.limit, rows[: self.limit]
        if is_reverse:
            rows.reverse()
        has_next, has_previous = (True, has_more) if is_reverse else (has_more, position is not None)
        self.next = self._link(terms, rows, position, is_reverse=False) if has_next else None
        self.previous = self._link(terms, rows, position, is_reverse=True) if has_previous else None
        return rows

    def _position(self, terms: Sequence[Term]) -> Position | None:
        text = single(self.request, "cursor")
        if text is None:
            return None
        try:
            order, is_reverse, is_inclusive, values = signing.loads(text, salt=__name__)
            if order != _order(terms):
                raise QueryInvalid.at("cursor", "other_ordering", "This cursor belongs to another ordering.")
            return Position([_read(value) for value in values], is_reverse, is_inclusive)
        except (signing.BadSignature, ValueError, TypeError) as error:
            detail = "Use a cursor as an answer gave it, or leave it out to begin again."
            raise QueryInvalid.at("cursor", "invalid", detail) from error

    def _link(self, terms: Sequence[Term], rows: list[Any], position: Position | None, *, is_reverse: bool) -> str:
        if rows:
            row = rows[0] if is_reverse else rows[-1]
            values, is_inclusive = [_value(row, term.name) for term in terms], False
        else:  # the rows there were are gone; go back to the place itself, which then belongs to the page
            values, is_inclusive = position.values if position else [], True
        content = [_order(terms), is_reverse, is_inclusive, [_write(value) for value in values]]
        url = remove_query_param(self.url, "cursor")
        return replace_query_param(url, "cursor", signing.dumps(content, salt=__name__))

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


def terms_of(queryset: QuerySet[Any]) -> list[Term]:
    """Return the order of `queryset` as terms that end in the primary key, so that no two rows are equal."""
    names = [str(name) for name in queryset.query.order_by or queryset.model._meta.ordering or ["pk"]]
    terms: list[Term] = []
    for name in names:
        column, is_descending = name.lstrip("-"), name.startswith("-")
        if column in {"pk", queryset.model._meta.pk.name}:
            return [*terms, Term("pk", is_descending, is_nullable=False)]
        terms.append(Term(column, is_descending, _is_nullable(queryset, column)))
    return [*terms, Term("pk", terms[-1].is_descending, is_nullable=False)]


def _is_nullable(queryset: QuerySet[Any], name: str) -> bool:
    """Whether the column can be empty; what is computed or lies behind a relation is taken to be."""
    if name in queryset.query.annotations:
        return True
    try:
        field = queryset.model._meta.get_field(name)
    except FieldDoesNotExist:
        return True
    return not isinstance(field, Field) or field.null


def _beyond(terms: Sequence[Term], position: Position) -> Q:
    """Return the filter for the rows beyond the position: (a > x) or (a = x and b > y) or ..."""
    steps: list[Q] = []
    same = Q()
    for term, value in zip(terms, position.values, strict=True):
        step = term.beyond(value, position.is_reverse)
        if step is not None:
            steps.append(same & step)
        same &= term.equal(value)
    if position.is_inclusive:
        steps.append(same)
    return reduce(or_, steps)


def _order(terms: Sequence[Term]) -> str:
    return ",".join(f"{'-' if term.is_descending else ''}{term.name}" for term in terms)


def _value(row: Model, name: str) -> Any:
    value: Any = row
    for part in name.split("__"):
        value = getattr(value, part, None)
    return value


def _write(value: Any) -> Any:
    """Return `value` as JSON: itself, or its kind and its text."""
    kinds = {dt.datetime: "t", dt.date: "d", decimal.Decimal: "n", uuid.UUID: "u"}
    kind = kinds.get(type(value))
    return [kind, value.isoformat() if isinstance(value, dt.date) else str(value)] if kind else value


def _read(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, text = value
    readers: dict[str, Callable[[str], Any]] = {
        "t": dt.datetime.fromisoformat,
        "d": dt.date.fromisoformat,
        "n": decimal.Decimal,
        "u": uuid.UUID,
    }
    return readers[kind](text)


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Return the value of a numeric parameter, `default` where it is absent.

    Raises: QueryInvalid for what is no whole number from `least` to `most`.
    """
    text = single(request, name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise QueryInvalid.at(name, "invalid", f"Use a whole number from {least} to {most:,}.")
    return int(text)


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
