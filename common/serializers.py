"""Input that means what it says: unknown members, and values of another JSON type, are errors.

DRF's own fields turn 5 into "5", "yes" into true and ignore what they do not know. A client that
misspells `priority` or sends a number for a text has a fault, and learns of it here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

RFC_3339 = re.compile(
    r"[0-9]{4}(-[0-9]{2}){2}[Tt ][0-9]{2}(:[0-9]{2}){1,2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
UNKNOWN = "There is no such field here."


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer whose unknown and read-only members are errors, told together with all others."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = self._unknown(data)
        try:
            value: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise serializers.ValidationError({**unknown, **error.detail}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            return {}
        writable = {name for name, field in self.fields.items() if not field.read_only}
        return {
            str(name): [serializers.ErrorDetail(UNKNOWN, code="unknown_field")]
            for name in sorted(map(str, set(data) - writable))
        }


class TextField(serializers.CharField):
    """A JSON string, stripped; numbers and booleans are not turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class RowField(TextField):
    """The row that a word names. Its subclasses find it and say how, in the error message `unknown`."""

    def find(self, word: str) -> Any:
        raise NotImplementedError

    def run_validation(self, data: Any = empty) -> Any:
        word = super().run_validation(data)
        if word is None:
            return None
        row = self.find(word)
        if row is None:
            self.fail("unknown")
        return row


class EmailField(serializers.EmailField):
    """An address with a domain that has a dot (S21), in a JSON string."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        # Django's validator lets localhost pass as a domain; no mail for a customer ends there.
        if not isinstance(data, str) or ("@" in data and "." not in data.rpartition("@")[2]):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction; not a string, not true or false."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int | float) and not isinstance(data, bool) and data == int(data)
        if not is_whole:
            self.fail("invalid")
        return super().to_internal_value(int(data))


class FlagField(serializers.BooleanField):
    """JSON's true or false and nothing like them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class InstantField(serializers.DateTimeField):
    """An instant, written in UTC with a Z whatever zone the reader lives in. Input must name its offset."""

    default_error_messages = {"no_offset": "Name the offset, as in 2026-02-08T03:00:00Z."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("default_timezone", dt.UTC)
        super().__init__(**kwargs)

    def to_internal_value(self, value: Any) -> dt.datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="RFC 3339")
        try:
            return parse_instant(value)
        except NoOffset:
            self.fail("no_offset")
        except ValueError:
            self.fail("invalid", format="RFC 3339")


class NoOffset(ValueError):
    """A time that names no offset could be any of a day's."""


def parse_instant(text: str) -> dt.datetime:
    """Return the instant that RFC 3339 `text` names, in UTC.

    Raises: NoOffset, and ValueError for what is no time or lies outside the years 1 to 9999 of UTC.
    """
    if not RFC_3339.fullmatch(text):
        raise ValueError("not RFC 3339")
    value = dt.datetime.fromisoformat(text.upper())
    if value.tzinfo is None:
        raise NoOffset
    try:
        return value.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


class AliasedChoiceField(serializers.ChoiceField):
    """One of `choices`, in any case and by any of its older names; always answered by its canonical name.

    aliases: older name in upper case -> canonical name.   Source: decisions C1, C3, C4.
    """

    def __init__(
        self, choices: Iterable[str | tuple[str, str]], aliases: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.aliases = dict(aliases or {})
        super().__init__(choices=list(choices), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(canonical(data, self.aliases))


def canonical(word: str, aliases: Mapping[str, str]) -> str:
    """Return the name that `word` stands for; a word that is no alias stays itself, in upper case."""
    upper = word.strip().upper()
    return aliases.get(upper, upper)


class NothingSerializer(StrictSerializer):
    """The body of a verb that needs none: empty, or an empty object."""


# The same, as OpenAPI says it.
NOTHING = {"application/json": {"type": "object", "additionalProperties": False, "properties": {}}}
