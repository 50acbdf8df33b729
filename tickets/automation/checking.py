"""Checking a whole rule or macro: its parts by themselves, and that the rows it names exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model

from accounts.models import Organization, ProductArea, Team, User
from common.errors import Invalid
from tickets.automation import actions, conditions, firing, wording
from tickets.automation.fields import CUSTOM, FIELDS
from tickets.automation.models import AutomationRule, Macro, SavedReply
from tickets.models.tickets import CustomField, StatusLabel
from tickets.rules import FieldRule

TABLES: dict[str, type[Model]] = {
    "team": Team,
    "organization": Organization,
    "agent": User,
    "person": User,
    "product_area": ProductArea,
    "status_label": StatusLabel,
}


def custom_fields() -> dict[str, FieldRule]:
    return {row.key: row.rule for row in CustomField.objects.filter(is_active=True)}


def checked_rule(given: Mapping[str, Any], *, rule: AutomationRule | None = None) -> dict[str, Any]:
    """Return the columns of a rule as they are stored. Raises: Invalid with the name or path of what is wrong."""
    custom = custom_fields()
    kind = given.get("kind")
    if kind not in AutomationRule.Kind.values:
        raise Invalid("Say whether it runs on an event or on time.", field="kind")
    is_trigger = kind == AutomationRule.Kind.TRIGGER
    offered = firing.offered()
    columns = {
        "name": _name(given.get("name"), "name", AutomationRule, "name", rule),
        "description": _short(given.get("description", ""), "description"),
        "kind": kind,
        "event_kinds": _events(given.get("event_kinds") or [], offered) if is_trigger else [],
        "conditions": conditions.check(given.get("conditions"), custom=custom, events=offered, has_event=is_trigger),
        "actions": actions.check(given.get("actions"), custom=custom),
        "is_active": bool(given.get("is_active", True)),
        "position": _position(given.get("position", 100)),
    }
    if not is_trigger and not columns["conditions"].get("all", True):
        raise Invalid("A rule on time needs at least one condition: it would act on every ticket.", field="conditions")
    _require_rows(columns["conditions"], columns["actions"])
    return columns


def checked_macro(given: Mapping[str, Any], *, macro: Macro | None = None) -> dict[str, Any]:
    reply = wording.checked(given.get("reply") or "", field="reply", is_needed=False)
    steps = actions.check(given.get("actions") or [], custom=custom_fields(), is_macro=True, least=0 if reply else 1)
    _require_rows({"all": []}, steps)
    return {
        "name": _name(given.get("name"), "name", Macro, "name", macro),
        "description": _short(given.get("description", ""), "description"),
        "team": given.get("team"),
        "actions": steps,
        "reply": reply,
        "is_reply_internal": bool(given.get("is_reply_internal")),
        "is_active": bool(given.get("is_active", True)),
        "position": _position(given.get("position", 100)),
    }


def checked_saved_reply(given: Mapping[str, Any], *, reply: SavedReply | None = None) -> dict[str, Any]:
    keyword = str(given.get("keyword") or "").strip().lower()
    if not keyword or len(keyword) > 40 or not all(one.isalnum() or one in "-_" for one in keyword):
        raise Invalid("A keyword has 1 to 40 letters, digits and hyphens.", field="keyword")
    return {
        "title": _name(given.get("title"), "title", SavedReply, "title", reply),
        "keyword": _name(keyword, "keyword", SavedReply, "keyword", reply),
        "team": given.get("team"),
        "body": wording.checked(given.get("body"), field="body"),
        "is_active": bool(given.get("is_active", True)),
    }


def _name(value: Any, field: str, model: type[Model], column: str, row: Model | None) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not name or len(name) > 80:
        raise Invalid("Give it a name of 1 to 80 characters.", field=field, code="required")
    others = model._default_manager.filter(**{column: name})
    if (others.exclude(pk=row.pk) if row else others).exists():
        raise Invalid(f"There is one called {name} already.", field=field, code="taken")
    return name


def _short(value: Any, field: str) -> str:
    if not isinstance(value, str) or len(value) > 300:
        raise Invalid("Use at most 300 characters.", field=field, code="length")
    return value.strip()


def _position(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 32_767:
        raise Invalid("Give the place as a number.", field="position")
    return value


def _events(names: Any, offered: Mapping[str, str]) -> list[str]:
    if not isinstance(names, list) or not names:
        raise Invalid("Choose at least one event.", field="event_kinds", code="required")
    for name in names:
        if not isinstance(name, str) or name not in offered:
            raise Invalid(f"No event is called {name}."[:200], field="event_kinds", code="unknown_event")
    return sorted(set(names))


# --- rows that are named ----------------------------------------------------------------------------------------------


def named_rows(tree: Mapping[str, Any], steps: list[dict[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """Yield what a rule names: (path, table of TABLES, id or key)."""
    yield from _of_tree(tree, "")
    for n, step in enumerate(steps):
        value, path = step["value"], f"actions[{n}].value"
        if step["action"] == "set_team" and isinstance(value, int):
            yield path, "team", value
        elif step["action"] == "set_status_label" and isinstance(value, int):
            yield path, "status_label", value
        elif step["action"] in ("set_assignee", "add_follower") and isinstance(value, int):
            yield path, "agent" if step["action"] == "set_assignee" else "person", value
        elif step["action"] == "notify" and isinstance(value["to"], dict):
            ((table, pk),) = value["to"].items()
            yield f"{path}.to", "agent" if table == "person" else table, pk


def _of_tree(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, Any]]:
    if "field" not in tree:
        for join, parts in tree.items():
            for n, part in enumerate(parts):
                yield from _of_tree(part, f"{path}.{join}[{n}]".lstrip("."))
        return
    if tree["field"].startswith(CUSTOM):
        return
    field = FIELDS[tree["field"]]
    for value in tree["value"] if isinstance(tree["value"], list) else [tree["value"]]:
        if field.rows and value not in (field.words or {}):
            yield f"{path}.value", field.rows, value


def _require_rows(tree: Mapping[str, Any], steps: list[dict[str, Any]]) -> None:
    wanted: dict[str, set[Any]] = {}
    for _path, table, value in named_rows(tree, steps):
        wanted.setdefault(table, set()).add(value)
    known = {table: _known(table, values) for table, values in wanted.items()}
    for path, table, value in named_rows(tree, steps):
        if value not in known[table]:
            raise Invalid(f"There is no such {table.replace('_', ' ')}.", field=path, code="unknown")


def _known(table: str, values: set[Any]) -> set[Any]:
    column = "key" if table == "product_area" else "pk"
    rows = TABLES[table]._default_manager.filter(**{f"{column}__in": values})
    if table == "agent":
        rows = rows.filter(is_staff=True, is_active=True)
    return set(rows.values_list(column, flat=True))
