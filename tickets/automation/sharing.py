"""Rules as text: people, teams and organizations by name, so that another portal can read them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from common.errors import Invalid
from tickets.automation import actions, conditions, firing
from tickets.automation.checking import TABLES, custom_fields, named_rows
from tickets.automation.models import AutomationRule

FORMAT = "support-portal-rules/1"
COLUMNS = ("name", "description", "kind", "event_kinds", "conditions", "actions", "position", "is_active")
RULES_MOST = 500
NAMED_BY = {"team": "name", "organization": "name", "agent": "email", "person": "email", "status_label": "name"}


def exported(rules: Iterable[AutomationRule]) -> str:
    """Return `rules` as JSON."""
    return json.dumps({"format": FORMAT, "rules": [_out(rule) for rule in rules]}, indent=2, ensure_ascii=False) + "\n"


def imported(text: str) -> list[dict[str, Any]]:
    """Return the rules of an exported text, ready for services.import_rules.

    Raises: Invalid, naming the rule and the place, for what is no such text or names what is not here.
    """
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid("This is no JSON. Choose a file that was exported here.", field="file") from error
    rows = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(rows, list) or data.get("format") != FORMAT or len(rows) > RULES_MOST:
        raise Invalid(f"Choose a file of the format {FORMAT}, with at most {RULES_MOST} rules.", field="file")
    return [_in(row, n) for n, row in enumerate(rows)]


def _out(rule: AutomationRule) -> dict[str, Any]:
    row = {name: copy.deepcopy(getattr(rule, name)) for name in COLUMNS}
    for path, table, value in list(named_rows(rule.conditions, rule.actions)):
        if table in NAMED_BY:
            found = TABLES[table]._default_manager.filter(pk=value).values_list(NAMED_BY[table], flat=True).first()
            _replace(row, path, table, value, {NAMED_BY[table]: found})
    return row


def _in(row: Any, n: int) -> dict[str, Any]:
    where = f"rules[{n}]"
    if not isinstance(row, dict) or set(row) - set(COLUMNS):
        raise Invalid("A rule has " + ", ".join(COLUMNS) + ".", field=where)
    found = copy.deepcopy(row)
    try:
        _resolve(found, found.get("conditions"), found.get("actions"))
        is_trigger = found.get("kind") == AutomationRule.Kind.TRIGGER
        custom = custom_fields()
        conditions.check(found.get("conditions"), custom=custom, events=firing.offered(), has_event=is_trigger)
        actions.check(found.get("actions"), custom=custom)
    except Invalid as refusal:
        raise Invalid(refusal.message, field=f"{where}.{refusal.field}"[:200]) from refusal
    return found


def _resolve(row: dict[str, Any], tree: Any, steps: Any) -> None:
    """Put ids in place of names, wherever {"name": ...} or {"email": ...} stands for a row."""
    for holder, key, table in [*_slots_of_tree(tree), *_slots_of_steps(steps)]:
        value = holder[key]
        holder[key] = [_row_id(one, table) for one in value] if isinstance(value, list) else _row_id(value, table)


def _row_id(value: Any, table: str) -> Any:
    column = NAMED_BY[table]
    if not isinstance(value, dict) or set(value) != {column}:
        return value
    model: type[Model] = TABLES[table]
    pk = model._default_manager.filter(**{f"{column}__iexact": value[column]}).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid(f"There is no {table.replace('_', ' ')} {value[column]} here."[:300], field=table)
    return pk


def _slots_of_tree(tree: Any) -> Iterable[tuple[Any, Any, str]]:
    from tickets.automation.fields import FIELDS

    if isinstance(tree, dict) and "field" in tree and isinstance(tree["field"], str):
        field = FIELDS.get(tree["field"])
        if field and field.rows in NAMED_BY and "value" in tree:
            yield tree, "value", field.rows
    elif isinstance(tree, dict):
        for parts in tree.values():
            for part in parts if isinstance(parts, list) else []:
                yield from _slots_of_tree(part)


def _slots_of_steps(steps: Any) -> Iterable[tuple[Any, Any, str]]:
    tables = {"set_team": "team", "set_assignee": "agent", "add_follower": "person", "set_status_label": "status_label"}
    for step in steps if isinstance(steps, list) else []:
        if not isinstance(step, dict) or "value" not in step:
            continue
        if step.get("action") in tables:
            yield step, "value", tables[step["action"]]
        elif (
            step.get("action") == "notify"
            and isinstance(step["value"], dict)
            and isinstance(step["value"].get("to"), dict)
        ):
            to = step["value"]["to"]
            for table in set(to) & {"team", "person"}:
                yield to, table, table


def _replace(row: dict[str, Any], path: str, table: str, value: Any, name: dict[str, Any]) -> None:
    """Put `name` in place of the id where it stands."""
    slots = [*_slots_of_tree(row["conditions"]), *_slots_of_steps(row["actions"])]
    for holder, key, its_table in slots:
        if NAMED_BY[its_table] != NAMED_BY[table]:
            continue
        held = holder[key]
        if isinstance(held, list):
            holder[key] = [name if one == value and its_table == table else one for one in held]
        elif held == value and (its_table == table or {its_table, table} == {"agent", "person"}):
            holder[key] = name
