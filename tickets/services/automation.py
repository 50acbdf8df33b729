"""Rules: making, changing and running them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Invalid, NotAllowed
from common.time import now
from tickets import events
from tickets.automation import running
from tickets.automation.checking import checked_rule
from tickets.models import AutomationRule

CHANGEABLE = ("name", "description", "kind", "event_kinds", "conditions", "actions", "position", "is_active")
CLOSING = "auto-close"


@transaction.atomic
def create_rule(*, by: Actor, **fields: Any) -> AutomationRule:
    """Make a rule and return it; where its place is not given, it is the last.

    fields: any of CHANGEABLE; name, kind and actions are needed.
    Raises: Invalid, whose `field` may be the path of a condition or an action; NotAllowed.
    """
    _require(by, "add")
    given = {"conditions": {"all": []}, "event_kinds": [], **fields}
    if given.get("position") is None:
        last = AutomationRule.objects.order_by("-position").first()
        given["position"] = min((last.position if last else 0) + 10, 32_000)
    checked = checked_rule(given)
    rule = AutomationRule.objects.create(**checked, changed_by=_person(by), changed_at=now())
    journal.record(events.RULE_CREATED, subject=rule, by=by, data={"name": rule.name})
    return rule


@transaction.atomic
def change_rule(rule: AutomationRule, *, by: Actor, **fields: Any) -> AutomationRule:
    """Change what `fields` names and return the rule. A rule on time looks at every ticket again."""
    _require(by, "change")
    rule = AutomationRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    is_only_moved = set(fields) <= {"position", "is_active"}  # also where it names somebody who is gone
    present = {name: getattr(rule, name) for name in CHANGEABLE}
    new = {**present, **fields} if is_only_moved else checked_rule({**present, **fields}, rule=rule)
    changes = {name: {"from": old, "to": new[name]} for name, old in present.items() if new[name] != old}
    if not changes:
        return rule
    for name in changes:
        setattr(rule, name, new[name])
    rule.changed_at, rule.changed_by = now(), _person(by)
    rule.walked_to = 0
    rule.save(update_fields=[*changes, "changed_at", "changed_by", "walked_to"])
    journal.record(events.RULE_CHANGED, subject=rule, by=by, data={"name": rule.name, "changes": changes})
    return rule


@transaction.atomic
def delete_rule(rule: AutomationRule, *, by: Actor) -> None:
    """Delete a rule with the memory of what it did. What it did to tickets stays in their timelines."""
    _require(by, "delete")
    journal.record(events.RULE_DELETED, subject=rule, by=by, data={"name": rule.name})
    rule.delete()


@transaction.atomic
def move_rule(rule: AutomationRule, *, steps: int, by: Actor) -> None:
    """Let a rule run so many places later, or earlier where `steps` is below zero."""
    _require(by, "change")
    rows = list(AutomationRule.objects.select_for_update(of=("self",)).order_by("position", "id"))
    place = next((n for n, row in enumerate(rows) if row.pk == rule.pk), None)
    if place is None:
        raise Invalid("The rule is gone.")
    rows.insert(min(max(place + steps, 0), len(rows) - 1), rows.pop(place))
    for n, row in enumerate(rows, start=1):
        if row.position != n * 10:
            change_rule(row, position=n * 10, by=by)


@transaction.atomic
def import_rules(rows: Iterable[Mapping[str, Any]], *, by: Actor) -> tuple[int, int]:
    """Make or change a rule of each row, known by its name, all or none; return how many were new and changed.

    rows: as checked_rule takes them, names already turned into ids (automation.sharing).
    """
    made = changed = 0
    for row in rows:
        rule = AutomationRule.objects.filter(name=row.get("name")).first()
        if rule is None:
            create_rule(by=by, **row)
            made += 1
        else:
            before = rule.changed_at
            changed += change_rule(rule, by=by, **row).changed_at != before
    return made, changed


def run_scheduled_rules(*, at: dt.datetime | None = None) -> int:
    """Let the rules on time look, and return how often one acted."""
    return running.run_scheduled(at=at)


def work_off_events() -> int:
    """Show rules the events of other rooms that wait for them, and return how many there were."""
    return running.work_off()


def close_solved_tickets(*, at: dt.datetime | None = None, most: int = 500) -> int:
    """Let the rule that closes solved tickets look now, and return how many it closed.

    Nothing closes where the rule is switched off or deleted: the rule alone decides, and PORTAL_AUTO_CLOSE_DAYS is
    the time that it comes with.
    """
    rule = AutomationRule.objects.filter(key=CLOSING, is_active=True).first()
    return running.run_rule(rule, at=at, most=most) if rule else 0


def _person(by: Actor) -> User | None:
    return by if isinstance(by, User) else None


def _require(by: Actor, verb: str) -> None:
    if isinstance(by, User) and not by.has_perm(f"tickets.{verb}_automationrule"):
        raise NotAllowed("Only a supervisor can change rules.")
