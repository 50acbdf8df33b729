"""What a rule or a macro does to a ticket: each action has a name, checks its value, tells its plan, and is done by a
service. A list of actions is [{"action": name, "value": ...}], done in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Invalid
from tickets.automation import doing
from tickets.automation.checks import (
    check_assignee,
    check_choice,
    check_custom,
    check_follower,
    check_label,
    check_notice,
    check_team,
    check_text,
    check_words,
)
from tickets.automation.doing import Action, Doing, Planned, State
from tickets.models.tickets import Ticket
from tickets.rules import FieldRule
from tickets.vocabulary import Priority, Status

ACTIONS_MOST = 20
SETTABLE = {value: label for value, label in Status.choices if value != Status.NEW}

ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("set_status", "Set the status", "status", check_choice(SETTABLE), doing.set_status, doing.plan_status),
        Action("set_status_label", "Set a status label", "label", check_label, doing.set_label, doing.plan_label),
        Action(
            "set_priority",
            "Set the priority",
            "priority",
            check_choice(dict(Priority.choices)),
            doing.set_priority,
            doing.plan_priority,
        ),
        Action("set_team", "Hand to a team", "team", check_team, doing.set_team, doing.plan_team),
        Action("set_assignee", "Assign", "assignee", check_assignee, doing.set_assignee, doing.plan_assignee),
        Action("add_tags", "Add tags", "words", check_words, doing.add_tags, doing.plan_tags_added),
        Action("remove_tags", "Remove tags", "words", check_words, doing.remove_tags, doing.plan_tags_removed),
        Action("set_custom_field", "Fill in a field", "custom", check_custom, doing.set_custom, doing.plan_custom),
        Action("internal_note", "Add an internal note", "text", check_text, doing.add_note, doing.plan_note),
        Action("public_reply", "Reply to the customer", "text", check_text, doing.add_reply, doing.plan_reply),
        Action("add_follower", "Add a person", "person", check_follower, doing.add_follower, doing.plan_follower),
        Action("notify", "Notify the team", "notice", check_notice, doing.notify, doing.plan_notice),
    )
}


def check(
    actions: Any, *, custom: Mapping[str, FieldRule] | None = None, is_macro: bool = False, least: int = 1
) -> list[dict[str, Any]]:
    """Return `actions` as they are stored. is_macro: somebody applies them, who may be named as the assignee.

    Raises: Invalid whose `field` is the path of what is wrong: "actions[2].value".
    """
    if not isinstance(actions, list) or not least <= len(actions) <= ACTIONS_MOST:
        raise Invalid(f"Give {least} to {ACTIONS_MOST} actions.", field="actions", code="length")
    return [_checked(row, f"actions[{n}]", custom or {}, is_macro=is_macro) for n, row in enumerate(actions)]


def _checked(row: Any, path: str, custom: Mapping[str, FieldRule], *, is_macro: bool) -> dict[str, Any]:
    action = ACTIONS.get(row["action"]) if isinstance(row, dict) and isinstance(row.get("action"), str) else None
    if action is None:
        raise Invalid("Choose an action.", field=f"{path}.action", code="unknown_action")
    if unknown := sorted(set(row) - {"action", "value"}):
        raise Invalid(f"An action has no {unknown[0]}.", field=f"{path}.{unknown[0]}"[:200])
    try:
        value = action.check(row.get("value"), custom)
    except ValueError as error:
        raise Invalid(str(error), field=f"{path}.value") from error
    except Invalid as refusal:
        raise Invalid(refusal.message, field=f"{path}.value", code=refusal.code) from refusal
    if value == doing.CURRENT_USER and action.name == "set_assignee" and not is_macro:
        raise Invalid("No person applies a rule. Choose a person, or nobody.", field=f"{path}.value")
    return {"action": action.name, "value": value}


def perform(actions: list[dict[str, Any]], ticket: Ticket, who: Doing) -> list[str]:
    """Do checked `actions` in their order and return what was done, in words. Runs inside the caller's transaction.

    Raises: PortalError of the first that is refused.
    """
    deeds = [ACTIONS[row["action"]].apply(Ticket.objects.get(pk=ticket.pk), row["value"], who) for row in actions]
    return [deed for deed in deeds if deed]


def plan(actions: list[dict[str, Any]], ticket: Ticket, who: Doing) -> list[Planned]:
    """Return what `perform` would do, without doing it: each step on what those before it would leave."""
    state = State.of(ticket)
    return [ACTIONS[row["action"]].plan(state, row["value"], who) for row in actions]
