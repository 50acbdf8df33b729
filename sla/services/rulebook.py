"""Policies and calendars: drafts are written and thrown away, what is published is never edited."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Conflict, Invalid, NotAllowed
from common.time import now
from sla import events
from sla.models import (
    BusinessCalendar,
    CalendarVersion,
    EscalationStep,
    PolicyVersion,
    Rulebook,
    SlaPolicy,
    SlaTarget,
    Version,
)
from sla.rules.hours import CalendarError, read_hours, require_working_time, write_hours
from sla.services.recalculation import plan_for_calendar, plan_for_policy
from sla.vocabulary import DEFAULT_THRESHOLDS, Action, Metric
from tickets.vocabulary import OPEN_STATUSES, Priority, Status

CHANGE_POLICY, CHANGE_CALENDAR = "sla.change_slapolicy", "sla.change_businesscalendar"
NAME_CHARACTERS_MOST = 80
CONDITIONS = ("tiers", "organizations", "product_areas", "teams", "tags")
V = TypeVar("V", PolicyVersion, CalendarVersion)
POLICY_VALUES = (*CONDITIONS, "thresholds", "pause_statuses", "honours_maintenance", "effective_from", "note")


# --- calendars --------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_calendar(*, name: str, hours: Mapping[str, Any], by: Actor, note: str = "") -> BusinessCalendar:
    """Make a calendar with its first draft.

    hours: as a calendar file has them.   Raises: Invalid for hours that nobody could keep (C12).
    """
    _require(by, CHANGE_CALENDAR)
    calendar = BusinessCalendar.objects.create(name=_free_name(BusinessCalendar, name))
    draft_calendar(calendar, hours=hours, by=by, note=note)
    data = {"calendar": calendar.name, "what": "added"}
    journal.record(events.CALENDAR_CHANGED, subject=calendar, by=by, data=data)
    return calendar


@transaction.atomic
def draft_calendar(
    calendar: BusinessCalendar, *, hours: Mapping[str, Any], by: Actor, note: str = ""
) -> CalendarVersion:
    """Write the calendar's draft, in place of one that is there, and return it."""
    _require(by, CHANGE_CALENDAR)
    checked = _checked_hours(hours)
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)  # one draft at a time
    calendar.versions.filter(number=None).delete()
    return CalendarVersion.objects.create(
        calendar=calendar,
        time_zone=checked["tz"],
        weekly=checked["weekly"],
        special_days=checked["special_days"],
        note=note,
        created_by=by if isinstance(by, User) else None,
    )


@transaction.atomic
def publish_calendar(draft: CalendarVersion, *, by: Actor) -> CalendarVersion:
    """Let the draft hold from now on; clocks that count in the calendar follow by a job (T7)."""
    _require(by, CHANGE_CALENDAR)
    _lock_rulebook()
    draft = _still_there(CalendarVersion.objects.select_related("calendar").filter(pk=draft.pk).first())
    at = now()
    before = draft.calendar.versions.in_force(at)
    _number(draft, draft.calendar.versions.all(), at)
    data = {
        "calendar": draft.calendar.name,
        "version": draft.number,
        "changes": _differences(before, draft, ("time_zone", "weekly", "special_days")),
    }
    journal.record(events.CALENDAR_PUBLISHED, subject=draft.calendar, by=by, at=at, data=data)
    if before is not None:
        plan_for_calendar(draft.calendar, at=at, by=by if isinstance(by, User) else None)
    return draft


def _checked_hours(hours: Mapping[str, Any]) -> dict[str, Any]:
    try:
        read = read_hours(hours)
        require_working_time(read, on=now().date())
    except CalendarError as error:
        raise Invalid(error.message, field=_field(error.where), data={"where": error.where}) from error
    return write_hours(read)


def _field(where: str) -> str:
    return {"tz": "time_zone", "special_days": "special_days"}.get(where.partition("[")[0].partition(".")[0], "weekly")


# --- policies ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_policy(*, name: str, by: Actor, position: int | None = None) -> SlaPolicy:
    """Make a policy, after all others where no position is given. It promises nothing before a version is published."""
    _require(by)
    name = _free_name(SlaPolicy, name)
    last = SlaPolicy.objects.aggregate(last=Max("position"))["last"] or 0
    wanted = position if position is not None else last + 1
    if SlaPolicy.objects.filter(position=wanted).exists():
        raise Invalid("Another policy has this position.", field="position")
    policy = SlaPolicy.objects.create(name=name, position=wanted)
    journal.record(events.POLICY_CHANGED, subject=policy, by=by, data={"policy": policy.name, "changes": {}})
    return policy


@transaction.atomic
def change_policy(policy: SlaPolicy, *, by: Actor, **changes: Any) -> SlaPolicy:
    """Change name, position or is_active, which hold at once for every ticket that is looked at from now on."""
    _require(by)
    if unknown := set(changes) - {"name", "position", "is_active"}:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    _lock_rulebook()
    policy = SlaPolicy.objects.select_for_update().get(pk=policy.pk)
    moved = {name: {"from": getattr(policy, name), "to": new} for name, new in changes.items()}
    moved = {name: change for name, change in moved.items() if change["from"] != change["to"]}
    if "position" in moved and SlaPolicy.objects.filter(position=changes["position"]).exists():
        raise Invalid("Another policy has this position.", field="position")
    if "name" in moved:
        changes["name"] = moved["name"]["to"] = _free_name(SlaPolicy, changes["name"], besides=policy.pk)
    if moved:
        for name in moved:
            setattr(policy, name, changes[name])
        policy.save(update_fields=list(moved))
        data = {"policy": policy.name, "changes": moved}
        journal.record(events.POLICY_CHANGED, subject=policy, by=by, data=data)
    if changes.get("is_active") is False and "is_active" in moved:
        plan_for_policy(policy, at=now(), by=by if isinstance(by, User) else None)
    return policy


@transaction.atomic
def move_policy(policy: SlaPolicy, *, up: bool, by: Actor) -> SlaPolicy:
    """Let the policy change places with the one before (up) or after it. At the end nothing happens."""
    _require(by)
    _lock_rulebook()
    rows = list(SlaPolicy.objects.select_for_update().order_by("position"))
    place = next(number for number, row in enumerate(rows) if row.pk == policy.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return rows[place]
    first, second = rows[place], rows[other]
    highest = rows[-1].position
    data = {"policy": first.name, "changes": {"position": {"from": first.position, "to": second.position}}}
    SlaPolicy.objects.filter(pk=first.pk).update(position=highest + 1)  # out of the way: positions are unique
    SlaPolicy.objects.filter(pk=second.pk).update(position=first.position)
    SlaPolicy.objects.filter(pk=first.pk).update(position=second.position)
    journal.record(events.POLICY_CHANGED, subject=first, by=by, data=data)
    first.refresh_from_db()
    return first


@transaction.atomic
def draft_policy(
    policy: SlaPolicy,
    *,
    targets: Iterable[Mapping[str, Any]],
    steps: Iterable[Mapping[str, Any]],
    by: Actor,
    **values: Any,
) -> PolicyVersion:
    """Write the policy's draft, in place of one that is there, and return it.

    targets: {priority, metric, minutes, calendar}.   steps: {metric, priority, at_percent, action, team?, person?}.
    values: any of POLICY_VALUES.
    Raises: Invalid.
    """
    _require(by)
    if unknown := set(values) - set(POLICY_VALUES):
        raise ValueError(f"not a value of a policy: {sorted(unknown)}")
    targets, steps = list(targets), list(steps)
    values = {"thresholds": list(DEFAULT_THRESHOLDS), "pause_statuses": [Status.PENDING.value], **values}
    _check_policy(targets, steps, values)
    SlaPolicy.objects.select_for_update().get(pk=policy.pk)  # one draft at a time
    policy.versions.filter(number=None).delete()
    version = PolicyVersion.objects.create(policy=policy, created_by=by if isinstance(by, User) else None, **values)
    SlaTarget.objects.bulk_create([SlaTarget(version=version, **row) for row in targets])
    EscalationStep.objects.bulk_create([EscalationStep(version=version, **row) for row in steps])
    return version


@transaction.atomic
def publish_policy(draft: PolicyVersion, *, by: Actor) -> PolicyVersion:
    """Let the draft hold from now on, or from the later instant it names.

    Clocks that run keep their version until their ticket's priority, tier or matched fields change, or until the
    policies are applied to open tickets (T6).
    """
    _require(by)
    _lock_rulebook()
    drafts = PolicyVersion.objects.select_related("policy").prefetch_related("targets__calendar", "steps")
    draft = _still_there(drafts.filter(pk=draft.pk).first())
    unpublished = [row.calendar.name for row in draft.targets.all() if not row.calendar.versions.published().exists()]
    if unpublished:
        raise Conflict(f"Publish the calendar {unpublished[0]} first.", code="calendar_unpublished")
    at = now()
    before = draft.policy.versions.in_force(at)
    _number(draft, draft.policy.versions.all(), max(at, draft.effective_from or at))
    data = {
        "policy": draft.policy.name,
        "version": draft.number,
        "changes": _differences(before, draft, POLICY_VALUES) | _row_differences(before, draft),
    }
    journal.record(events.POLICY_PUBLISHED, subject=draft.policy, by=by, at=at, data=data)
    return draft


@transaction.atomic
def discard_draft(draft: PolicyVersion | CalendarVersion, *, by: Actor) -> None:
    """Throw a draft away. Back-tests of it that are done stay."""
    _require(by, CHANGE_CALENDAR if isinstance(draft, CalendarVersion) else CHANGE_POLICY)
    if not draft.is_draft:
        raise Conflict("A published version stays: clocks were judged by it.")
    draft.delete()


def _check_policy(targets: list[Mapping[str, Any]], steps: list[Mapping[str, Any]], values: Mapping[str, Any]) -> None:
    for row in targets:
        if row["priority"] not in Priority.values or row["metric"] not in Metric.values:
            raise Invalid("A target needs a known priority and metric.", field="targets")
        if not isinstance(row["minutes"], int) or not 1 <= row["minutes"] <= 5_256_000:
            raise Invalid("A target is a whole number of minutes, from one to ten years.", field="targets")
    if len({(row["priority"], row["metric"]) for row in targets}) < len(targets):
        raise Invalid("Each priority has one target for a metric.", field="targets")
    for step in steps:
        _check_step(step)
    if any(not isinstance(step, int) or not 1 <= step <= 1000 for step in values["thresholds"]):
        raise Invalid("Thresholds are whole numbers from 1 to 1000 per cent.", field="thresholds")
    if set(values["pause_statuses"]) - set(OPEN_STATUSES):
        raise Invalid("A clock can pause only while a ticket is open.", field="pause_statuses")


def _check_step(step: Mapping[str, Any]) -> None:
    if step["action"] not in Action.values or step["metric"] not in Metric.values:
        raise Invalid("A step needs a known metric and action.", field="steps")
    if step.get("priority", "") not in ("", *Priority.values):
        raise Invalid("There is no such priority.", field="steps")
    if not 1 <= step["at_percent"] <= 1000:
        raise Invalid("A step comes at 1 to 1000 per cent of the target.", field="steps")
    if step["action"] == Action.REASSIGN and not (step.get("team") or step.get("person")):
        raise Invalid("Say to whom the ticket is handed.", field="steps")


# --- versions ---------------------------------------------------------------------------------------------------------


def _require(by: Actor, permission: str = CHANGE_POLICY) -> None:
    if isinstance(by, User) and not by.has_perm(permission):
        raise NotAllowed("Only a supervisor can change policies and calendars.")


def _free_name(model: type[SlaPolicy | BusinessCalendar], name: str, *, besides: int | None = None) -> str:
    """Return the name without blanks around it. Raises: Invalid where it is empty, too long or another row's."""
    name = name.strip()
    if (
        not 1 <= len(name) <= NAME_CHARACTERS_MOST
        or model._default_manager.filter(name=name).exclude(pk=besides or 0).exists()
    ):
        raise Invalid(f"Give it a name of its own, of at most {NAME_CHARACTERS_MOST} characters.", field="name")
    return name


def _still_there(draft: V | None) -> V:
    if draft is None:
        raise Conflict("Somebody else changed or threw away this draft meanwhile.")
    return draft


def _lock_rulebook() -> None:
    """Put changes of the rulebook into one order, and let every process read it anew."""
    Rulebook.objects.get_or_create(pk=1)
    Rulebook.objects.select_for_update().get(pk=1)
    Rulebook.objects.filter(pk=1).update(generation=secrets.randbits(62))


def _number(draft: Version, versions: Any, effective_from: dt.datetime) -> None:
    if not draft.is_draft:
        raise Conflict("It is published already.")
    draft.number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft.effective_from = effective_from
    draft.save(update_fields=["number", "effective_from"])


def _differences(before: Version | None, after: Version, names: Iterable[str]) -> dict[str, Any]:
    changes = {name: {"from": getattr(before, name, None), "to": getattr(after, name)} for name in names}
    return {name: change for name, change in changes.items() if change["from"] != change["to"]}


def _row_differences(before: PolicyVersion | None, after: PolicyVersion) -> dict[str, Any]:
    def told(version: PolicyVersion | None, rows: str) -> list[str]:
        return sorted(str(row) for row in getattr(version, rows).all()) if version else []

    changes = {rows: {"from": told(before, rows), "to": told(after, rows)} for rows in ("targets", "steps")}
    return {name: change for name, change in changes.items() if change["from"] != change["to"]}
