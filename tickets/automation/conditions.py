"""Conditions: a tree of "all" and "any" whose leaves compare one field with a value. Decided without the database.

A tree is {"all": [...]} or {"any": [...]}, up to DEPTH_MOST deep; a leaf is {"field", "op", "value"}.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Invalid
from tickets.automation.fields import (
    FITTING,
    HOURS_MOST,
    OF_EVENTS,
    OPS,
    SPANS,
    VALUES_MOST,
    WORD_CHARACTERS_MOST,
    WORDS_MOST,
    Field,
    field_named,
)
from tickets.rules import TEXT_CHARACTERS_MOST, FieldRule

DEPTH_MOST = 5
LEAVES_MOST = 50
JOINS = {"all": "all of these", "any": "any of these"}

Tree = dict[str, Any]
Facts = Callable[[str], Any]  # the value that a field has, by its name


@dataclass(frozen=True)
class Verdict:
    """Whether a part of a tree holds. path: where it stands.   seen: the value of a leaf's field, as it was then.

    label, op_label: what a leaf compares, in words.   parts: of a group, in order.
    """

    path: str
    holds: bool
    join: str = ""
    parts: tuple[Verdict, ...] = ()
    field: str = ""
    op: str = ""
    wanted: Any = None
    seen: Any = None


def check(
    tree: Any,
    *,
    custom: Mapping[str, FieldRule] | None = None,
    events: Mapping[str, str] | None = None,
    has_event: bool = True,
) -> Tree:
    """Return `tree` as it is stored, with nothing in it that means nothing.

    custom: active custom fields by key.   events: kinds of event that may be named; None for any.
    has_event: false for a rule on time.
    Raises: Invalid whose `field` is the path of what is wrong: "all[1].value".
    """
    checked = _checked(tree, "", 1, _Known(custom or {}, events, has_event))
    if len(list(leaves(checked))) > LEAVES_MOST:
        raise Invalid(f"Use at most {LEAVES_MOST} conditions.", field=_join_of(checked))
    return checked


def leaves(tree: Tree) -> Iterator[Tree]:
    """Yield every leaf of a checked tree."""
    if "field" in tree:
        yield tree
    else:
        for part in tree[_join_of(tree)]:
            yield from leaves(part)


def fields_used(tree: Tree) -> set[str]:
    return {leaf["field"] for leaf in leaves(tree)}


def evaluate(tree: Tree, facts: Facts, *, spans: Mapping[str, float] | None = None, path: str = "") -> Verdict:
    """Judge a checked tree and tell of every part whether it holds, also where the outcome is settled earlier.

    spans: hours of the lengths that the settings decide.
    """
    if "field" in tree:
        seen, wanted = facts(tree["field"]), hours_of(tree["value"], spans or {})
        holds = OPS[tree["op"]].holds(seen, wanted)
        return Verdict(path, holds, field=tree["field"], op=tree["op"], wanted=tree["value"], seen=seen)
    join = _join_of(tree)
    parts = tuple(
        evaluate(part, facts, spans=spans, path=f"{path}.{join}[{n}]".lstrip(".")) for n, part in enumerate(tree[join])
    )
    holds = all(part.holds for part in parts) if join == "all" else any(part.holds for part in parts)
    return Verdict(path, holds, join=join, parts=parts)


def hours_of(value: Any, spans: Mapping[str, float]) -> Any:
    """Return the hours that a named length stands for; any other value is itself."""
    return spans[value] if isinstance(value, str) and value in SPANS and value in spans else value


def _join_of(tree: Tree) -> str:
    return "all" if "all" in tree else "any"


@dataclass(frozen=True)
class _Known:
    """What a condition may name besides the fields of every ticket."""

    custom: Mapping[str, FieldRule]
    events: Mapping[str, str] | None
    has_event: bool


def _checked(tree: Any, path: str, depth: int, known: _Known) -> Tree:
    if not isinstance(tree, dict):
        raise Invalid("Give a group or a condition.", field=path or "all")
    if "field" in tree:
        if depth == 1:
            raise Invalid('Put conditions into a group: {"all": [...]}.', field="field")
        return _checked_leaf(tree, path, known)
    if len(tree) != 1 or not set(tree) <= set(JOINS):
        raise Invalid('A group is {"all": [...]} or {"any": [...]}.', field=path or "all")
    (join, parts) = next(iter(tree.items()))
    here = f"{path}.{join}".lstrip(".")
    if not isinstance(parts, list) or len(parts) > LEAVES_MOST:
        raise Invalid(f"Give a list of at most {LEAVES_MOST} conditions.", field=here)
    if not parts and depth > 1:
        raise Invalid("This group is empty. Add a condition or remove the group.", field=here)
    if depth > DEPTH_MOST:
        raise Invalid(f"Groups go at most {DEPTH_MOST} deep.", field=here)
    return {
        join if parts else "all": [_checked(part, f"{here}[{n}]", depth + 1, known) for n, part in enumerate(parts)]
    }


def _checked_leaf(leaf: Tree, path: str, known: _Known) -> Tree:
    if unknown := sorted(set(leaf) - {"field", "op", "value"}):
        raise Invalid(f"A condition has no {unknown[0]}.", field=f"{path}.{unknown[0]}"[:200])
    name = leaf["field"]
    found = field_named(name, known.custom) if isinstance(name, str) else None
    if found is None:
        raise Invalid("Choose a field.", field=f"{path}.field", code="unknown_field")
    if name in OF_EVENTS and not known.has_event:
        raise Invalid("A rule on time is fired by no event.", field=f"{path}.field")
    op = leaf.get("op")
    if op not in FITTING[found.type]:
        fitting = ", ".join(FITTING[found.type])
        raise Invalid(f"{found.label} is compared by one of: {fitting}.", field=f"{path}.op", code="unknown_op")
    choices = known.events if name == "event" else found.choices
    try:
        value = _checked_value(found, OPS[op].takes, leaf.get("value"), choices)
    except ValueError as error:
        raise Invalid(str(error), field=f"{path}.value") from error
    return {"field": name, "op": op, "value": value}


def _checked_value(field: Field, takes: str, value: Any, choices: Mapping[str, str] | None) -> Any:
    """Return the value as it is stored. Raises: ValueError with the words for whoever wrote it."""
    if takes == "many":
        if not isinstance(value, list) or not 1 <= len(value) <= VALUES_MOST:
            raise ValueError("Choose at least one.")
        return [_checked_one(field, one, choices) for one in value]
    if takes == "one":
        return _checked_one(field, value, choices)
    if takes == "words":
        words = _checked_words(value)  # tags are written as services.tagging makes them
        return [word.lower().replace(" ", "-") for word in words] if field.type == "labels" else words
    return PLAIN[takes](value)


def _checked_one(field: Field, value: Any, choices: Mapping[str, str] | None) -> Any:
    if isinstance(value, str) and value in (field.words or {}):
        return value
    if choices is not None:
        if not isinstance(value, str) or value not in choices:
            raise ValueError("Choose one of the list.")
        return value
    is_key = field.rows == "product_area" or not field.rows
    if is_key and isinstance(value, str) and 0 < len(value) <= 64:
        return value
    if not is_key and isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    raise ValueError("Choose one of the list.")


def _checked_words(value: Any) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= WORDS_MOST:
        raise ValueError(f"Give 1 to {WORDS_MOST} words or phrases.")
    words = [" ".join(one.split()) if isinstance(one, str) else "" for one in value]
    if any(not 0 < len(word) <= WORD_CHARACTERS_MOST for word in words):
        raise ValueError(f"Each is text of at most {WORD_CHARACTERS_MOST} characters.")
    return words


def _checked_number(value: Any, most: float, words: str) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > most:
        raise ValueError(f"Give {words}, as a number.")
    return value


def _checked_hours(value: Any) -> float | str:
    return value if isinstance(value, str) and value in SPANS else _checked_number(value, HOURS_MOST, "hours")


def _checked_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_CHARACTERS_MOST:
        raise ValueError("Write what it is compared with.")
    return value.strip()


PLAIN: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda value: None,
    "hours": _checked_hours,
    "number": lambda value: _checked_number(value, 1e15, "a number"),
    "text": _checked_text,
}
