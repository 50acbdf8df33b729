"""Which fields of a request form are asked, and which must be answered. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

# What a ticket says besides its custom fields, that a field can depend on.
BUILT_IN = ("product_area", "environment", "priority")


@dataclass(frozen=True)
class Asked:
    """One field of a form. key: of the custom field.

    on, values: it is asked only where `on`, another field of the form or one of BUILT_IN, has one of `values`.
    is_required_then: it is always asked, and the condition decides whether it must be answered.
    """

    key: str
    is_required: bool = False
    on: str = ""
    values: Sequence[str] = ()
    is_required_then: bool = False


class Unclear(ValueError):
    """Rules that cannot be followed. key: of the field at fault."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


def check(fields: Sequence[Asked]) -> None:
    """Raise Unclear where a field depends on one that is not in the form, on itself, or in a circle."""
    by_key = {one.key: one for one in fields}
    for one in fields:
        if one.on and not one.values:
            raise Unclear(one.key, "Say which answers it depends on.")
        if one.on and one.on not in by_key and one.on not in BUILT_IN:
            raise Unclear(one.key, f"The form has no field {one.on}.")
        seen, at = {one.key}, one.on
        while at in by_key:
            if at in seen:
                raise Unclear(one.key, "It depends on itself, in a circle.")
            seen.add(at)
            at = by_key[at].on


def asked_of(fields: Sequence[Asked], answers: Mapping[str, Any]) -> list[str]:
    """Return the keys of the fields that are asked, in their order. What depends on a hidden field is hidden too."""
    by_key = {one.key: one for one in fields}
    return [one.key for one in fields if _is_asked(one, by_key, answers)]


def required_of(fields: Sequence[Asked], answers: Mapping[str, Any]) -> set[str]:
    """Return the keys of the fields that must be answered: never one that is hidden."""
    by_key = {one.key: one for one in fields}
    return {
        one.key
        for one in fields
        if _is_asked(one, by_key, answers)
        and (_holds(one, by_key, answers) if one.is_required_then else one.is_required)
    }


def missing_of(fields: Sequence[Asked], answers: Mapping[str, Any]) -> set[str]:
    """Return the keys of the fields that must be answered and are not."""
    return {key for key in required_of(fields, answers) if answers.get(key) in (None, "", [])}


def of_page(fields: Sequence[Asked], names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what a page's script hides. names: what the page calls the fields that it shows, by their keys.

    Shape: {field: {"on": field, "values": [answers], "numbers": [those that are numbers]}}, by names of the page.
    """
    return {
        names[one.key]: {
            "on": names.get(one.on, one.on),
            "values": list(one.values),
            "numbers": numbers_of(one.values),
        }
        for one in fields
        if one.on and not one.is_required_then and one.key in names
    }


def kept_of(fields: Sequence[Asked], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers without those to hidden fields, which nobody meant to give."""
    hidden = {one.key for one in fields} - set(asked_of(fields, answers))
    return {key: value for key, value in answers.items() if key not in hidden}


def _is_asked(one: Asked, by_key: Mapping[str, Asked], answers: Mapping[str, Any]) -> bool:
    return one.is_required_then or not one.on or _holds(one, by_key, answers)


def _holds(one: Asked, by_key: Mapping[str, Asked], answers: Mapping[str, Any]) -> bool:
    if not one.on:
        return False
    if one.on in by_key and not _is_asked(by_key[one.on], by_key, answers):
        return False
    answer = answers.get(one.on)
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        return answer in numbers_of(one.values)
    return bool(set(_words(answer)) & set(one.values))


def numbers_of(values: Iterable[str]) -> list[float]:
    """Return those of the values of a condition that are numbers: 3 and 3.0 are the same answer to a number."""
    return [number for number in map(_number, values) if number is not None]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _words(answer: Any) -> Iterable[str]:
    """Return an answer that is no number as the words that conditions name: yes and no, each of several choices."""
    if isinstance(answer, list):
        return [str(one) for one in answer]
    if isinstance(answer, bool):
        return ["yes" if answer else "no"]
    return [] if answer is None or answer == "" else [str(answer)]
