"""Pages of a list that begin after a row, never at a number.

Rows that arrive or leave while somebody pages are neither skipped nor repeated, and the thousandth page costs what the
first one costs.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

SALT = "common.pagination"  # cursors that were given out stay good


class OtherOrder(ValueError):
    """A cursor of a list in another order."""


class BadCursor(ValueError):
    """What is no cursor of ours."""


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
        found = Q(**{f"{self.name}__{self._side(is_reverse)}": value})
        if self.is_nullable and not is_reverse:
            found |= Q(**{f"{self.name}__isnull": True})
        return found

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def from_on(self, value: Any, is_reverse: bool) -> Q:
        """Return what holds for rows from `value` on, which is not empty: a bound that an index can begin at."""
        return Q(**{f"{self.name}__{self._side(is_reverse)}e": value})

    def _side(self, is_reverse: bool) -> str:
        return "lt" if self.is_descending != is_reverse else "gt"


@dataclass(frozen=True)
class Position:
    """Where a page begins. is_reverse: it ends before the position. is_inclusive: the row itself belongs to it."""

    values: list[Any]
    is_reverse: bool = False
    is_inclusive: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows of a list. next, previous: the cursors of the pages beside it; empty where there are none."""

    rows: list[Any]
    next: str
    previous: str


def page_of(queryset: QuerySet[Any], cursor: str | None, limit: int) -> Page:
    """Return the page of `queryset`, in its own order, that begins at `cursor`; None begins the list.

    Raises: BadCursor, OtherOrder.
    """
    terms = terms_of(queryset)
    position = None if cursor is None else _position(cursor, terms)
    is_reverse = position is not None and position.is_reverse
    queryset = queryset.order_by(*(term.order_by(is_reverse) for term in terms))
    rows = _rows(queryset, terms, position, limit + 1)
    has_more, rows = len(rows) > limit, rows[:limit]
    if is_reverse:
        rows.reverse()
    has_next, has_previous = (True, has_more) if is_reverse else (has_more, position is not None)
    return Page(
        rows,
        _cursor(terms, rows, position, is_reverse=False) if has_next else "",
        _cursor(terms, rows, position, is_reverse=True) if has_previous else "",
    )


def cursor_at(queryset: QuerySet[Any], row: Model) -> str:
    """Return a cursor that stands at `row`, where it is in the order of `queryset` now."""
    return _cursor(terms_of(queryset), [row], None, is_reverse=False)


def rows_beside(queryset: QuerySet[Any], cursor: str, limit: int, *, is_before: bool) -> list[Any]:
    """Return the rows next to the cursor on one side, the nearest first. Raises: BadCursor, OtherOrder."""
    terms = terms_of(queryset)
    position = replace(_position(cursor, terms), is_reverse=is_before, is_inclusive=False)
    return _rows(queryset.order_by(*(term.order_by(is_before) for term in terms)), terms, position, limit)


def _rows(queryset: QuerySet[Any], terms: Sequence[Term], position: Position | None, limit: int) -> list[Any]:
    """Return the first rows beyond the position.

    Rows with and without a value in the first column are asked for apart, so that each question begins in an index.
    """
    if position is None:
        return list(queryset[:limit])
    lead, value = terms[0], position.values[0]
    beyond = _beyond(terms, position)
    if not lead.is_nullable:
        return list(queryset.filter(lead.from_on(value, position.is_reverse)).filter(beyond)[:limit])
    is_empty = Q(**{f"{lead.name}__isnull": True})
    here = is_empty if value is None else lead.from_on(value, position.is_reverse)
    rows = list(queryset.filter(here).filter(beyond)[:limit])
    has_other_side = (value is None) == position.is_reverse  # empty ones come last
    if len(rows) < limit and has_other_side:
        rows += queryset.filter(~is_empty if value is None else is_empty)[: limit - len(rows)]
    return rows


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


def _position(cursor: str, terms: Sequence[Term]) -> Position:
    try:
        order, is_reverse, is_inclusive, values = signing.loads(cursor, salt=SALT)
        position = Position([_read(value) for value in values], is_reverse, is_inclusive)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadCursor from error
    if order != _order(terms):
        raise OtherOrder
    return position


def _cursor(terms: Sequence[Term], rows: list[Any], position: Position | None, *, is_reverse: bool) -> str:
    if rows:
        row = rows[0] if is_reverse else rows[-1]
        values, is_inclusive = [_value(row, term.name) for term in terms], False
    else:  # the rows there were are gone; go back to the place itself, which then belongs to the page
        values, is_inclusive = position.values if position else [], True
    content = [_order(terms), is_reverse, is_inclusive, [_write(value) for value in values]]
    return signing.dumps(content, salt=SALT)


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
