"""Query parameters of lists: each is known, each value is checked, and repeating one means "or".

A parameter that is misspelt or wrong answers 400; silently ignoring it would return the wrong rows. A
filter set lists its filters; each filter knows its own piece of the API description.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from common.pagination import single
from common.parsers import UNSTORABLE
from common.problems import QueryInvalid
from common.serializers import NoOffset, canonical, parse_instant

VALUES_MOST = 100
TEXT_MOST = 200
ID_MOST = 2**63 - 1


class Values(forms.Widget):
    """Every value of a parameter, as often as it was given."""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> list[str]:
        return data.getlist(name) if isinstance(data, QueryDict) else []


class ParameterField(forms.Field):
    """Reads a parameter's values with its filter."""

    widget = Values

    def __init__(self, *, parameter: Parameter, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameter = parameter

    def clean(self, value: list[str]) -> list[Any]:
        if len(value) > (VALUES_MOST if self.parameter.is_many else 1):
            words = f"Give no more than {VALUES_MOST} values." if self.parameter.is_many else "Give this once."
            raise ValidationError(words, code="repeated")
        return [self.parameter.read(text) for text in value]


class Parameter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    """A filter on one column. Its subclasses say how a value is read and described."""

    field_class = ParameterField
    is_many = True
    schema: dict[str, Any] = {"type": "string"}

    def __init__(self, field_name: str | None = None, *, description: str = "", **kwargs: Any) -> None:
        self.description = description
        super().__init__(field_name, kwargs.pop("lookup_expr", "in"), parameter=self, **kwargs)

    def read(self, text: str) -> Any:
        """Return the value `text` stands for, or raise ValidationError."""
        return text

    def filter(self, queryset: QuerySet[Any], value: list[Any]) -> QuerySet[Any]:
        return self.narrow(queryset, value) if value else queryset

    def narrow(self, queryset: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        if self.method:
            found: QuerySet[Any] = getattr(self.parent, self.method)(queryset, self.field_name, values)
            return found
        wanted = Q(**{f"{self.field_name}__in": [value for value in values if value is not None]})
        if None in values:
            wanted |= Q(**{f"{self.field_name}__isnull": True})
        return queryset.filter(wanted)


class Choice(Parameter):
    """One of `choices`, in any case and by any alias; `reserved` are further words a method understands."""

    def __init__(
        self, field_name: str, *, choices: Iterable[str], aliases: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.choices = [str(choice) for choice in choices]
        self.aliases = dict(aliases or {})
        self.schema = {"type": "string", "enum": [*self.choices, *self.aliases]}
        super().__init__(field_name, **kwargs)

    def read(self, text: str) -> str:
        value = canonical(text, self.aliases)
        if value not in self.choices:
            raise ValidationError(f"Use one of {', '.join(self.choices)}.", code="invalid_choice")
        return value


class Text(Parameter):
    """A text that a column equals."""

    schema = {"type": "string", "minLength": 1, "maxLength": TEXT_MOST}

    def read(self, text: str) -> str:
        if not text.strip() or len(text) > TEXT_MOST:
            raise ValidationError(f"Use 1 to {TEXT_MOST} characters.", code="invalid")
        return text.strip()


class ThroughMany(Text):
    """A text that one row of a many-to-many relation equals; the relation is never joined, so rows stay single."""

    def narrow(self, queryset: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        found = queryset.model._default_manager.filter(**{f"{self.field_name}__in": values})
        return queryset.filter(pk__in=found.values("pk"))


class Identity(Parameter):
    """The id of a row; `me` is the caller, `none` is empty, where those are allowed."""

    def __init__(self, field_name: str, *, words: Iterable[str] = (), **kwargs: Any) -> None:
        self.words = tuple(words)
        number = {"type": "integer", "minimum": 1, "maximum": ID_MOST}
        self.schema = {"oneOf": [number, {"type": "string", "enum": list(self.words)}]} if self.words else number
        super().__init__(field_name, **kwargs)

    def read(self, text: str) -> int | None:
        if text in self.words:
            return None if text == "none" else self.parent.request.user.pk
        if text.isascii() and text.isdecimal() and len(text) < 20 and 1 <= int(text) <= ID_MOST:
            return int(text)
        raise ValidationError(" or ".join(["Use a number", *self.words]) + ".", code="invalid")


class Since(Parameter):
    """An instant, in RFC 3339; rows at it or after it. A day is its first instant in UTC."""

    is_many = False
    schema = {"type": "string", "format": "date-time"}

    def read(self, text: str) -> dt.datetime:
        try:
            if len(text) == len("2026-02-08"):
                return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
            return parse_instant(text)
        except NoOffset:
            refuse("Name the offset, as in 2026-02-08T03:00:00Z (a + is written %2B in an address).")
        except ValueError:
            refuse("Use RFC 3339, as in 2026-02-08T03:00:00Z (a + is written %2B in an address).")

    def narrow(self, queryset: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        lookup = "gte" if self.lookup_expr == "in" else self.lookup_expr
        return queryset.filter(**{f"{self.field_name}__{lookup}": values[0]})


class Flag(Parameter):
    is_many = False
    schema = {"type": "boolean"}

    def read(self, text: str) -> bool:
        if text not in {"true", "false"}:
            raise ValidationError("Use true or false.", code="invalid")
        return text == "true"

    def narrow(self, queryset: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        if self.method:
            return super().narrow(queryset, values)
        return queryset.filter(**{self.field_name: values[0]})


class Words(Parameter):
    """Words to look for, by the filter set's method; none at all means everything."""

    is_many = False
    schema = {"type": "string", "maxLength": TEXT_MOST}

    def read(self, text: str) -> str:
        if len(text) > TEXT_MOST:
            raise ValidationError(f"Use up to {TEXT_MOST} characters.", code="max_length")
        return text.strip()

    def narrow(self, queryset: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        return super().narrow(queryset, values) if values[0] else queryset


class StrictFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The filters of one list."""


class StrictFilterBackend(BaseFilterBackend):
    """Narrows by the view's `filterset_class`, orders by its `ordering_fields`; anything else is a 400.

    ordering_fields: name in the API -> column.   default_ordering: columns, where the caller names none.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset_class = getattr(view, "filterset_class", None)
        if filterset_class is not None:
            filterset = filterset_class(request.query_params, queryset=queryset, request=request)
            if not filterset.is_valid():
                raise QueryInvalid(list(_errors(filterset.form.errors.as_data())))
            queryset = filterset.qs
        ordering = self._ordering(request, view)
        return queryset.order_by(*ordering) if ordering else queryset

    def _ordering(self, request: Request, view: APIView) -> list[str]:
        columns: dict[str, str] = getattr(view, "ordering_fields", {})
        text = single(request, "ordering") if columns else None
        if text is None:
            return list(getattr(view, "default_ordering", []))
        names = [name.strip() for name in text.split(",")]
        plain = [name.removeprefix("-") for name in names]
        if len(set(plain)) != len(plain) or not set(plain) <= set(columns):
            allowed = ", ".join(columns)
            raise QueryInvalid.at("ordering", "invalid", f"Use each of {allowed} at most once; - before it turns it.")
        return [f"{'-' if name.startswith('-') else ''}{columns[name.removeprefix('-')]}" for name in names]

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        filterset_class = getattr(view, "filterset_class", None)
        filters: dict[str, Parameter] = filterset_class.base_filters if filterset_class else {}
        parameters = [_described(name, found) for name, found in filters.items()]
        columns = list(getattr(view, "ordering_fields", {}))
        if columns:
            one = f"-?({'|'.join(columns)})"
            schema = {"type": "string", "pattern": f"^{one}(,{one})*$"}
            words = f"Comma-separated, each at most once, - before one turns it: {', '.join(columns)}."
            parameters.append(_parameter("ordering", schema, words))
        return parameters


def parameters_of(view: APIView) -> set[str]:
    """Return the names of the filters and orderings that a list view understands."""
    filterset_class = getattr(view, "filterset_class", None)
    names = set(filterset_class.base_filters) if filterset_class else set()
    return names | ({"ordering"} if getattr(view, "ordering_fields", None) else set())


def check_parameters(request: Request, allowed: Iterable[str]) -> None:
    """Refuse a request with a query parameter that is not allowed, or that no database could hold.

    Raises: QueryInvalid.
    """
    known = set(allowed)
    errors = []
    for name, values in request.query_params.lists():
        if name not in known:
            errors.append({"field": name[:100], "code": "unknown_parameter", "detail": "There is no such parameter."})
        elif any(UNSTORABLE.search(value) for value in values):
            errors.append({"field": name, "code": "invalid", "detail": "It holds a NUL character."})
    if errors:
        raise QueryInvalid(errors)


def refuse(words: str) -> NoReturn:
    raise ValidationError(words, code="invalid")


def _errors(found: Mapping[str, list[ValidationError]]) -> Iterable[dict[str, str]]:
    for field, errors in found.items():
        for error in errors:
            yield {"field": field, "code": error.code or "invalid", "detail": " ".join(error.messages)}


def _described(name: str, found: Parameter) -> dict[str, Any]:
    if not found.is_many:
        return _parameter(name, found.schema, found.description)
    words = f"{found.description} Repeat the parameter for any of several.".strip()
    many = {"type": "array", "items": found.schema, "maxItems": VALUES_MOST}
    return {**_parameter(name, many, words), "style": "form", "explode": True}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
