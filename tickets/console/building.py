"""The rows of a form in which conditions and actions are put together: read from a tree or from what was sent.

Every row keeps what was typed, so that a refused or half made rule comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from accounts.models import Organization, ProductArea, Team, User
from common.errors import Invalid
from tickets.automation import firing
from tickets.automation.actions import ACTIONS
from tickets.automation.conditions import DEPTH_MOST, JOINS, LEAVES_MOST, Tree
from tickets.automation.fields import CUSTOM, FIELDS, FITTING, OPS, SPANS, Field, field_named
from tickets.models import CustomField, StatusLabel

ROWS_SHOWN_MOST = 500
Options = list[tuple[str, str]]
# What is chosen among the rows of a table, or nothing of it: the table, and how that reads.
ROWS_OR_NOTHING = {
    "team": ("team", ("nobody", "No team")),
    "label": ("status_label", ("none", "No label")),
}


class Lists:
    """What the form's lists offer, each read once a page."""

    def __init__(self) -> None:
        self.custom = {row.key: row for row in CustomField.objects.filter(is_active=True)}
        self.rules = {key: row.rule for key, row in self.custom.items()}
        self._rows: dict[str, Options] = {}

    def rows(self, table: str) -> Options:
        if table not in self._rows:
            self._rows[table] = [(str(value), str(words)) for value, words in self._read(table)]
        return self._rows[table]

    @staticmethod
    def _read(table: str) -> Any:
        if table == "product_area":
            return ProductArea.objects.filter(is_active=True).values_list("key", "name")
        if table == "agent":
            return User.objects.staff().values_list("pk", "name")
        if table == "status_label":
            return [(one.pk, f"{one.name} ({one.get_status_display().lower()})") for one in StatusLabel.objects.all()]
        model = Team if table == "team" else Organization
        return model.objects.values_list("pk", "name")[:ROWS_SHOWN_MOST]

    def fields(self) -> Options:
        own = [(f"{CUSTOM}{key}", row.label) for key, row in self.custom.items()]
        return [(name, found.label) for name, found in FIELDS.items()] + own


@dataclass
class Leaf:
    """path: "c.1.0". raw: what stands in the value's control or controls."""

    path: str
    field: str
    op: str
    raw: list[str]
    lists: Lists
    error: str = ""
    is_group = False

    @property
    def found(self) -> Field:
        return field_named(self.field, self.lists.rules) or FIELDS["status"]

    @property
    def fields(self) -> Options:
        return self.lists.fields()

    @property
    def ops(self) -> Options:
        return [(name, OPS[name].label) for name in FITTING[self.found.type]]

    @property
    def takes(self) -> str:
        return OPS[self.op].takes if self.op in FITTING[self.found.type] else "one"

    @property
    def control(self) -> str:
        if self.takes in ("one", "many"):
            is_typed = self.found.rows == "person"
            return "email" if is_typed else ("choices" if self.takes == "many" else "choice")
        return self.takes

    @property
    def options(self) -> Options:
        found = self.found
        if self.field == "event":
            return list(firing.offered().items())
        words = list((found.words or {}).items())
        return words + (list(found.choices.items()) if found.choices else self.lists.rows(found.rows))

    @property
    def typed(self) -> str:
        return ", ".join(self.raw)

    def value(self) -> Any:
        if self.takes == "nothing":
            return None
        first = self.raw[0].strip() if self.raw else ""
        if self.takes == "words":
            return [one.strip() for one in first.split(",") if one.strip()]
        if self.takes in ("hours", "number"):
            return first if first in SPANS else _number(first)
        if self.takes == "text":
            return first
        if self.control == "email":
            found = [person_of(one) for one in re.split(r"[,\s]+", first) if one]
            return found if self.takes == "many" else (found[0] if found else "")
        is_id = self.found.rows in ("team", "organization", "agent")
        values = [int(one) if is_id and one.isdecimal() and len(one) < 19 else one for one in self.raw]
        return values if self.takes == "many" else (values[0] if values else "")


@dataclass
class Group:
    path: str
    join: str
    parts: list[Leaf | Group] = field(default_factory=list)
    error: str = ""
    is_group = True

    @property
    def joins(self) -> Options:
        return list(JOINS.items())

    @property
    def may_nest(self) -> bool:
        return self.path.count(".") < DEPTH_MOST - 1

    def walk(self) -> Iterator[Leaf | Group]:
        yield self
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.walk()
            else:
                yield part

    def tree(self) -> Tree:
        return {self.join: [_part_of(part) for part in self.parts]}

    def at(self, path: str) -> Leaf | Group | None:
        return next((part for part in self.walk() if part.path == path), None)


def _part_of(part: Leaf | Group) -> Tree:
    if isinstance(part, Group):
        return part.tree()
    return {"field": part.field, "op": part.op, "value": part.value()}


def _number(text: str) -> Any:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def person_of(email: str) -> Any:
    """Return the id of the person with this address; the words as they are where there is none."""
    return User.objects.with_email(email).values_list("pk", flat=True).first() or email


def email_of(pk: Any) -> str:
    return User.objects.filter(pk=pk).values_list("email", flat=True).first() or str(pk)


def group_of(tree: Mapping[str, Any], lists: Lists, path: str = "c") -> Group:
    """Return the rows of a checked tree."""
    ((join, parts),) = tree.items()
    group = Group(path, join)
    for n, part in enumerate(parts):
        here = f"{path}.{n}"
        group.parts.append(_leaf_of(part, lists, here) if "field" in part else group_of(part, lists, here))
    return group


def _leaf_of(leaf: Mapping[str, Any], lists: Lists, path: str) -> Leaf:
    row = Leaf(path, leaf["field"], leaf["op"], [], lists)
    value = leaf["value"]
    values = value if isinstance(value, list) else [] if value is None else [value]
    if row.control == "email":
        row.raw = [", ".join(email_of(one) for one in values)]
    elif row.takes == "words":
        row.raw = [", ".join(values)]
    else:
        row.raw = [str(one) for one in values]
    return row


def read_group(data: QueryDict, lists: Lists, path: str = "c", depth: int = 1) -> Group:
    """Return the rows that were sent."""
    join = data.get(f"{path}.join", "all")
    group = Group(path, join if join in JOINS else "all")
    for n in range(min(_count(data, f"{path}.n"), LEAVES_MOST)):
        here = f"{path}.{n}"
        if f"{here}.join" in data and depth < DEPTH_MOST:
            group.parts.append(read_group(data, lists, here, depth + 1))
        elif f"{here}.field" in data:
            name = data[f"{here}.field"]
            raw = [str(one) for one in data.getlist(f"{here}.value")]
            row = Leaf(here, str(name), data.get(f"{here}.op", ""), raw, lists)
            if row.op not in FITTING[row.found.type]:  # another field was chosen
                row.op, row.raw = FITTING[row.found.type][0], []
            group.parts.append(row)
    return group


def _count(data: QueryDict, name: str) -> int:
    text = data.get(name, "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


def renumbered(group: Group, path: str = "c") -> Group:
    """Give every row the path of the place where it stands now."""
    group.path = path
    for n, part in enumerate(group.parts):
        if isinstance(part, Group):
            renumbered(part, f"{path}.{n}")
        else:
            part.path = f"{path}.{n}"
    return group


def build(group: Group, verb: str, path: str, lists: Lists) -> None:
    """Add a condition or a group to the group at `path`, or drop what stands there."""
    target = group.at(path)
    if verb == "drop":
        for one in group.walk():
            if isinstance(one, Group) and target in one.parts:
                one.parts.remove(target)  # type: ignore[arg-type]
                break
    elif isinstance(target, Group):
        new = Leaf("", "status", "is", ["NEW"], lists)
        if verb == "add":
            target.parts.append(new)
        elif verb == "group" and target.may_nest:
            target.parts.append(Group("", "any", [new]))
    renumbered(group)


# --- actions ----------------------------------------------------------------------------------------------------------


@dataclass
class Step:
    """One action. raw: its value; key: of a custom field; to: of a notice."""

    n: int
    action: str
    lists: Lists
    raw: str = ""
    key: str = ""
    to: str = ""
    is_macro: bool = False
    error: str = ""

    @property
    def actions(self) -> Options:
        return [(name, one.label) for name, one in ACTIONS.items()]

    @property
    def takes(self) -> str:
        return ACTIONS[self.action].takes if self.action in ACTIONS else "none"

    @property
    def options(self) -> Options:
        from tickets.automation.actions import SETTABLE
        from tickets.vocabulary import Priority

        match self.takes:
            case "status":
                return list(SETTABLE.items())
            case "priority":
                return [(value, str(label)) for value, label in Priority.choices]
            case "team" | "label":
                table, nothing = ROWS_OR_NOTHING[self.takes]
                return [nothing, *self.lists.rows(table)]
            case "assignee":
                me = [("current_user", "Whoever applies it")] if self.is_macro else []
                return [*me, ("nobody", "Nobody"), *self.lists.rows("agent")]
            case "custom":
                return [(key, row.label) for key, row in self.lists.custom.items()]
        return []

    @property
    def readers(self) -> Options:
        teams = [(f"team:{pk}", f"Team {name}") for pk, name in self.lists.rows("team")]
        people = [(f"person:{pk}", name) for pk, name in self.lists.rows("agent")]
        return [("assignee", "Whoever has the ticket"), ("team", "The ticket's team"), *teams, *people]

    def value(self) -> Any:
        match self.takes:
            case "team" | "assignee" | "label":
                return int(self.raw) if self.raw.isdecimal() and len(self.raw) < 19 else self.raw
            case "words":
                return [one.strip() for one in self.raw.split(",") if one.strip()]
            case "custom":
                return {"key": self.key, "value": self._custom_value()}
            case "person":
                return person_of(self.raw.strip())
            case "notice":
                table, _, pk = self.to.partition(":")
                return {"to": {table: int(pk)} if pk.isdecimal() and len(pk) < 19 else self.to, "text": self.raw}
        return self.raw

    def _custom_value(self) -> Any:
        row, text = self.lists.custom.get(self.key), self.raw.strip()
        if row is None or not text:
            return text or None
        match row.kind:
            case CustomField.Kind.NUMBER:
                return _number(text)
            case CustomField.Kind.BOOLEAN:
                return {"yes": True, "no": False}.get(text.lower(), text)
            case CustomField.Kind.CHOICES:
                return [one.strip() for one in text.split(",") if one.strip()]
        return text


def steps_of(actions: list[dict[str, Any]], lists: Lists, *, is_macro: bool = False) -> list[Step]:
    return [_step_of(n, row["action"], row["value"], lists, is_macro) for n, row in enumerate(actions)]


def _step_of(n: int, action: str, value: Any, lists: Lists, is_macro: bool) -> Step:
    step = Step(n, action, lists, is_macro=is_macro)
    match step.takes:
        case "words":
            step.raw = ", ".join(value)
        case "person":
            step.raw = email_of(value)
        case "custom":
            step.key, raw = value["key"], value["value"]
            yes_no = {True: "yes", False: "no"}
            step.raw = (
                yes_no[raw] if isinstance(raw, bool) else ", ".join(raw) if isinstance(raw, list) else str(raw or "")
            )
        case "notice":
            to = value["to"]
            step.to = ":".join(str(part) for part in next(iter(to.items()))) if isinstance(to, dict) else to
            step.raw = value["text"]
        case _:
            step.raw = str(value)
    return step


def read_steps(data: QueryDict, lists: Lists, *, is_macro: bool = False) -> list[Step]:
    rows: list[Step] = []
    for n in range(min(_count(data, "a.n"), 30)):
        action = data.get(f"a.{n}.action", "")
        if action in ACTIONS:
            is_same = data.get(f"a.{n}.was") == ACTIONS[action].takes
            raw = data.get(f"a.{n}.value", "") if is_same else ""
            key, to = data.get(f"a.{n}.key", ""), data.get(f"a.{n}.to", "")
            rows.append(Step(len(rows), action, lists, raw=raw, key=key, to=to, is_macro=is_macro))
    return rows


def build_steps(steps: list[Step], verb: str, place: int, lists: Lists, *, is_macro: bool = False) -> None:
    """Add an action at the end, drop the one at `place`, or let it come earlier."""
    if verb == "step":
        steps.append(Step(0, "set_status", lists, is_macro=is_macro))
    elif verb == "drop-step" and place < len(steps):
        steps.pop(place)
    elif verb == "up-step" and 0 < place < len(steps):
        steps.insert(place - 1, steps.pop(place))
    for n, step in enumerate(steps):
        step.n = n


def place_error(refusal: Invalid, group: Group | None, steps: list[Step]) -> bool:
    """Put the words of a refusal at the row at fault; tell whether there is such a row."""
    numbers = re.findall(r"\[(\d+)\]", refusal.field)
    if refusal.field.startswith("actions["):
        row: Any = steps[int(numbers[0])] if int(numbers[0]) < len(steps) else None
    elif group is not None and refusal.field.startswith(("all", "any")):
        row = group.at(".".join(["c", *numbers]))
    else:
        row = None
    if row is not None:
        row.error = refusal.message
    return row is not None
