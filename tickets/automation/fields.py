"""What a condition may ask of a ticket: its fields, their types, and how each type is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Tier
from tickets.rules import FieldRule, has_any_word
from tickets.vocabulary import Channel, Environment, Priority, Status

NOBODY, AWAY, NONE = "nobody", "away", "none"
CUSTOM = "custom_fields."
WORDS_MOST, WORD_CHARACTERS_MOST, VALUES_MOST, HOURS_MOST = 20, 100, 50, 24 * 366 * 10
# Lengths that the settings decide, which a condition names instead of a number of hours.
SPANS = {"auto_close": "the time until solved tickets close", "auto_close_reminder": "two days before they close"}

Choices = Mapping[str, str]


@dataclass(frozen=True)
class Op:
    """One way to compare. label: what stands between field and value.   takes: "one", "many", "words", "hours",
    "number", "text" or "nothing".
    """

    label: str
    takes: str
    holds: Callable[[Any, Any], bool]


def _one(value: Any) -> Any:
    return value if value is not None else ""


def _level(value: Any) -> int:
    """Return how urgent a priority is, the most urgent being the highest."""
    return -list(Priority.values).index(value)


def _text(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(_one(value))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _same(seen: Any, wanted: Any) -> bool:
    if isinstance(seen, bool):
        return wanted in (("yes", "true") if seen else ("no", "false"))
    if (number := _number(seen)) is not None:
        return str(wanted) in (str(seen), str(number))
    return wanted in seen if isinstance(seen, list) else str(_one(seen)).lower() == str(wanted).lower()


def _compared(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    """Return the comparison of two numbers, false where there is nothing to compare."""
    return lambda seen, wanted: (number := _number(seen)) is not None and test(number, float(wanted))


OPS: dict[str, Op] = {
    "is": Op("is", "one", lambda seen, wanted: _one(seen) == wanted),
    "is_not": Op("is not", "one", lambda seen, wanted: _one(seen) != wanted),
    "any_of": Op("is one of", "many", lambda seen, wanted: _one(seen) in wanted),
    "none_of": Op("is none of", "many", lambda seen, wanted: _one(seen) not in wanted),
    "at_least": Op("is at least", "one", lambda seen, wanted: _level(seen) >= _level(wanted)),
    "at_most": Op("is at most", "one", lambda seen, wanted: _level(seen) <= _level(wanted)),
    "person_is": Op("is", "one", lambda seen, wanted: wanted in seen),
    "person_is_not": Op("is not", "one", lambda seen, wanted: wanted not in seen),
    "has_any": Op("have one of", "words", lambda seen, wanted: bool(set(seen) & set(wanted))),
    "has_all": Op("have all of", "words", lambda seen, wanted: set(wanted) <= set(seen)),
    "has_none": Op("have none of", "words", lambda seen, wanted: not set(seen) & set(wanted)),
    "contains": Op("contains one of the words", "words", lambda seen, wanted: has_any_word(_text(seen), wanted)),
    "contains_none": Op("contains none of", "words", lambda seen, wanted: not has_any_word(_text(seen), wanted)),
    "longer_than": Op("is longer ago than", "hours", _compared(lambda seen, wanted: seen > wanted)),
    "shorter_than": Op("is shorter ago than", "hours", _compared(lambda seen, wanted: seen < wanted)),
    "more_than": Op("are more than", "hours", _compared(lambda seen, wanted: seen > wanted)),
    "less_than": Op("are fewer than", "hours", _compared(lambda seen, wanted: seen < wanted)),
    "value_is": Op("is", "text", _same),
    "value_is_not": Op("is not", "text", lambda seen, wanted: not _same(seen, wanted)),
    "above": Op("is more than", "number", _compared(lambda seen, wanted: seen > wanted)),
    "below": Op("is less than", "number", _compared(lambda seen, wanted: seen < wanted)),
    "is_set": Op("is filled in", "nothing", lambda seen, _wanted: seen not in (None, "", [])),
    "is_empty": Op("is empty", "nothing", lambda seen, _wanted: seen in (None, "", [])),
}
# Which comparisons fit a type of field. Choices and references are compared alike.
FITTING: dict[str, tuple[str, ...]] = {
    "choice": ("is", "is_not", "any_of", "none_of"),
    "level": ("is", "is_not", "any_of", "none_of", "at_least", "at_most"),
    "reference": ("is", "is_not", "any_of", "none_of"),
    "person": ("person_is", "person_is_not"),
    "labels": ("has_any", "has_all", "has_none"),
    "text": ("contains", "contains_none"),
    "ago": ("longer_than", "shorter_than"),
    "hours": ("less_than", "more_than"),
    "custom": ("value_is", "value_is_not", "contains", "contains_none", "above", "below", "is_set", "is_empty"),
}


@dataclass(frozen=True)
class Field:
    """type: a key of FITTING.   choices: its values and their words, where the code knows them.   rows: the table
    its values are rows of: team, organization, person or product_area.   words: further values it may have.
    """

    label: str
    type: str
    choices: Choices | None = None
    rows: str = ""
    words: Choices | None = None


ACTORS = {"person": "a person", "rule": "a rule", "system": "the portal"}

FIELDS: dict[str, Field] = {
    "status": Field("Status", "choice", dict(Status.choices)),
    "priority": Field("Priority", "level", dict(Priority.choices)),
    "assignee": Field("Assignee", "person", rows="agent", words={NOBODY: "nobody", AWAY: "somebody who is away"}),
    "team": Field("Team", "reference", rows="team", words={NONE: "no team"}),
    "organization": Field("Organization", "reference", rows="organization", words={NONE: "no organization"}),
    "tier": Field("Tier", "choice", {**dict(Tier.choices), NONE: "No organization"}),
    "requester": Field("Requester", "reference", rows="person"),
    "product_area": Field("Product area", "reference", rows="product_area", words={NONE: "no product area"}),
    "environment": Field("Environment", "choice", {**dict(Environment.choices), NONE: "Not said"}),
    "channel": Field("Channel", "choice", dict(Channel.choices)),
    "tags": Field("Tags", "labels"),
    "subject": Field("Subject", "text"),
    "message": Field("Last message", "text"),
    "since_opened": Field("Opening", "ago"),
    "since_updated": Field("Last change", "ago"),
    "since_customer_message": Field("Last customer message", "ago"),
    "since_public_reply": Field("Last public reply", "ago"),
    "since_solved": Field("Solving", "ago"),
    "since_assigned": Field("Last assignment", "ago"),
    "until_due": Field("Hours until the next promise is due", "hours"),
    "event": Field("Event", "choice"),
    "actor_kind": Field("Done by", "choice", ACTORS),
}
# Only an event has these: a rule on time cannot ask for them.
OF_EVENTS = ("event", "actor_kind")


def field_named(name: str, custom: Mapping[str, FieldRule]) -> Field | None:
    """Return the field of this name, custom ones among them, or None."""
    if name.startswith(CUSTOM):
        rule = custom.get(name.removeprefix(CUSTOM))
        return Field(rule.label, "custom") if rule else None
    return FIELDS.get(name)
