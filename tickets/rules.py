"""What is decided about a ticket without asking the database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Tier
from common.errors import Invalid, InvalidTransition
from tickets.vocabulary import FINAL_STATUSES, OPEN_STATUSES, MessageKind, Priority, Status

MOVES: dict[str, frozenset[str]] = {
    **{
        status: frozenset({*OPEN_STATUSES, Status.SOLVED, *FINAL_STATUSES} - {status, Status.NEW})
        for status in OPEN_STATUSES
    },
    Status.SOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset(),
    Status.CANCELLED: frozenset(),
}
CUSTOMER_MAY_CANCEL = frozenset({Status.NEW, Status.OPEN, Status.PENDING})


def check_move(old: str, new: str) -> None:
    """Raise InvalidTransition, naming both states, unless a ticket may go from `old` to `new`."""
    if new not in MOVES[old]:
        raise InvalidTransition(
            f"A ticket that is {Status(old).label.lower()} cannot become {Status(new).label.lower()}.",
            data={"from": old, "to": new, "possible": sorted(MOVES[old])},
        )


def status_after_message(status: str, kind: str) -> str:
    """Return the status of a ticket in `status` once a message of `kind` has been added.

    A customer's message hands the ticket back to the agents; an agent's first answer opens it.
    """
    if kind == MessageKind.CUSTOMER_MESSAGE and status in (Status.PENDING, Status.SOLVED):
        return Status.OPEN
    if kind == MessageKind.PUBLIC_REPLY and status == Status.NEW:
        return Status.OPEN
    return status


@dataclass(frozen=True)
class TriageWords:
    """One triage rule: any of `words`, as a whole word or phrase, means `priority`."""

    name: str
    words: Sequence[str]
    priority: str


def triage(text: str, rules: Iterable[TriageWords]) -> TriageWords | None:
    """Return the first of the ordered `rules` one of whose words stands in `text`, or None."""
    return next((rule for rule in rules if has_any_word(text, rule.words)), None)


def has_any_word(text: str, words: Iterable[str]) -> bool:
    """Tell whether one of `words` stands in `text` as a whole word, in any case: "down" is not in "download"."""
    patterns = [r"\s+".join(re.escape(part) for part in word.split()) for word in words if word.strip()]
    if not patterns:
        return False
    return re.search(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", text, re.IGNORECASE) is not None


def within_tier(priority: str, tier: str) -> str:
    """Return the priority that a customer of `tier` gets when `priority` is asked for (decision C2)."""
    if tier == Tier.COMMUNITY and priority in (Priority.P1_CRITICAL, Priority.P2_HIGH):
        return Priority.P3_NORMAL
    return priority


@dataclass(frozen=True)
class FieldRule:
    """What a custom field takes. kind: TEXT, NUMBER, BOOLEAN, DATE, CHOICE or CHOICES."""

    key: str
    label: str
    kind: str
    choices: Sequence[str] = field(default_factory=tuple)
    is_required: bool = False
    is_customer_editable: bool = True


TEXT_CHARACTERS_MOST = 2000


def check_custom_fields(values: Mapping[str, Any], fields: Sequence[FieldRule], *, is_customer: bool) -> dict[str, Any]:
    """Return `values` as they are stored: known fields, each of its type, without the empty ones.

    Raises: Invalid with `field` "custom_fields.KEY" for the first one that is wrong.
    """
    known = {rule.key: rule for rule in fields if rule.is_customer_editable or not is_customer}
    checked = {}
    for key, value in values.items():
        if key not in known:
            raise Invalid(f"There is no field {key}.", field=f"custom_fields.{key}"[:100], code="unknown_field")
        if value not in (None, "", []):
            checked[key] = _typed(known[key], value)
    return checked


def check_required_fields(values: Mapping[str, Any], fields: Sequence[FieldRule]) -> None:
    """Raise Invalid for the first required field without a value."""
    for rule in fields:
        if rule.is_required and rule.key not in values:
            raise Invalid(f"{rule.label} is needed.", field=f"custom_fields.{rule.key}", code="required")


def _typed(rule: FieldRule, value: Any) -> Any:
    match rule.kind:
        case "TEXT" if isinstance(value, str) and len(value) <= TEXT_CHARACTERS_MOST:
            return value
        case "NUMBER" if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
            return value
        case "BOOLEAN" if isinstance(value, bool):
            return value
        case "DATE" if isinstance(value, str) and _is_date(value):
            return value
        case "CHOICE" if isinstance(value, str) and value in rule.choices:
            return value
        case "CHOICES" if isinstance(value, list) and all(v in rule.choices for v in value):
            return sorted(set(value))
    wanted = {
        "TEXT": f"text of at most {TEXT_CHARACTERS_MOST} characters",
        "NUMBER": "a number",
        "BOOLEAN": "true or false",
        "DATE": "a date like 2026-02-08",
        "CHOICE": f"one of {', '.join(rule.choices)}",
        "CHOICES": f"a list out of {', '.join(rule.choices)}",
    }[rule.kind]
    raise Invalid(f"{rule.label} must be {wanted}.", field=f"custom_fields.{rule.key}")


def _is_date(value: str) -> bool:
    try:
        return len(value) == len("2026-02-08") and bool(dt.date.fromisoformat(value))
    except ValueError:
        return False
