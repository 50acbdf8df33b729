"""Values of actions, checked without the database. Each returns the value as it is stored, or raises ValueError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tickets.automation import wording
from tickets.rules import FieldRule, check_custom_fields

Custom = Mapping[str, FieldRule]
CURRENT_USER, NOBODY, NO_LABEL = "current_user", "nobody", "none"
ASSIGNEE, TEAM = "assignee", "team"
NOTICE_CHARACTERS_MOST = 1000
TAGS_MOST = 20


def check_choice(choices: Mapping[str, str]) -> Callable[[Any, Custom], str]:
    def check(value: Any, _custom: Custom) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError("Choose one of the list.")
        return value

    return check


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def check_team(value: Any, _custom: Custom) -> Any:
    if value == NOBODY or _is_id(value):
        return value
    raise ValueError("Choose a team.")


def check_label(value: Any, _custom: Custom) -> Any:
    if value == NO_LABEL or _is_id(value):
        return value
    raise ValueError("Choose a label.")


def check_assignee(value: Any, _custom: Custom) -> Any:
    if _is_id(value) or value in (NOBODY, CURRENT_USER):
        return value
    raise ValueError("Choose a person.")


def check_follower(value: Any, _custom: Custom) -> Any:
    if not _is_id(value):
        raise ValueError("Choose a person.")
    return value


def check_words(value: Any, _custom: Custom) -> list[str]:
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= TAGS_MOST
        or not all(isinstance(one, str) for one in value)
    ):
        raise ValueError(f"Give 1 to {TAGS_MOST} tags.")
    names = ["-".join(one.lower().split()) for one in value]
    if any(not 0 < len(name) <= 50 for name in names):
        raise ValueError("A tag has 1 to 50 characters.")
    return names


def check_custom(value: Any, custom: Custom) -> dict[str, Any]:
    """Check {"key", "value"} as the field itself does; a value of None empties the field. May raise Invalid."""
    if not isinstance(value, dict) or set(value) != {"key", "value"} or value["key"] not in custom:
        raise ValueError("Choose a field and its value.")
    checked = check_custom_fields({value["key"]: value["value"]}, list(custom.values()), is_customer=False)
    return {"key": value["key"], "value": checked.get(value["key"])}


def check_text(value: Any, _custom: Custom) -> str:
    return wording.checked(value, field="value")


def check_notice(value: Any, _custom: Custom) -> dict[str, Any]:
    """Check {"to", "text"}. to: "assignee", "team" (of the ticket), or {"team": id} or {"person": id}."""
    if not isinstance(value, dict) or set(value) != {"to", "text"}:
        raise ValueError("Say whom to notify, and write the notice.")
    to, text = value["to"], wording.checked(value["text"], field="value")
    is_named = (
        isinstance(to, dict) and len(to) == 1 and set(to) <= {"team", "person"} and _is_id(next(iter(to.values())))
    )
    if to not in (ASSIGNEE, TEAM) and not is_named:
        raise ValueError("Choose whom to notify.")
    if len(text) > NOTICE_CHARACTERS_MOST:
        raise ValueError(f"A notice has at most {NOTICE_CHARACTERS_MOST} characters.")
    return {"to": to, "text": text}
