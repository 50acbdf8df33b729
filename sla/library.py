"""What policies and calendars say, read once and kept: versions never change, and one row says when there are new ones.

Drafts do change and are read each time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import structlog

from sla.models import CalendarVersion, EscalationStep, PolicyVersion, Rulebook, SlaPolicy, Version
from sla.rules.clocks import BREACH
from sla.rules.hours import CalendarError, Hours, read_hours
from sla.rules.promises import Calendar, Conditions, Policy, Promise
from sla.rules.timetable import Timetable

log = structlog.get_logger(__name__)

MICROSECONDS_PER_MINUTE = 60_000_000
NEVER = Hours("UTC", ((),) * 7, {})
PoliciesAt = Callable[[dt.datetime], tuple[Policy, ...]]
AnyVersion = TypeVar("AnyVersion", bound=Version)


@dataclass(frozen=True)
class Drafts:
    """Versions to be taken in place of the published ones of the same policy and the same calendar."""

    policy: PolicyVersion | None = None
    calendar: CalendarVersion | None = None


@dataclass(frozen=True)
class Edition:
    """All that is published, as of one generation of the rulebook: versions by policy, in order, and by calendar.

    Of each the newest comes first; a policy that is switched off has none.
    """

    policies: dict[int, tuple[PolicyVersion, ...]]
    calendars: dict[int, tuple[CalendarVersion, ...]]


def policies_at(at: dt.datetime) -> tuple[Policy, ...]:
    """Return the policies in force at `at`, in their order."""
    return trial()(at)


def trial(drafts: Drafts | None = None) -> PoliciesAt:
    """Return what gives the policies in force at an instant, with `drafts` in force all the time.

    It reads once: for many questions ask it, not `policies_at`.
    """
    edition = _edition(_generation())
    tried = compiled(drafts.calendar) if drafts and drafts.calendar else None
    policy = drafts.policy if drafts else None
    built: dict[Any, tuple[Policy, ...]] = {}

    def policies(at: dt.datetime) -> tuple[Policy, ...]:
        versions = _versions_at(edition, at, policy)
        calendars = {pk: one for pk in edition.calendars if (one := _calendar_at(edition, pk, at)) is not None}
        if tried is not None:
            calendars[tried.calendar] = tried
        key = (tuple(version.pk for version in versions), tuple(sorted((pk, one.key) for pk, one in calendars.items())))
        if key not in built:
            is_draft = drafts is not None
            built[key] = tuple(
                policy_of(version, calendars) if is_draft else _version(version.pk, key[1]) for version in versions
            )
        return built[key]

    return policies


def calendar_at(calendar_id: int, at: dt.datetime) -> Calendar | None:
    """Return the version of the calendar that is in force at `at`."""
    return _calendar_at(_edition(_generation()), calendar_id, at)


def calendar(version_id: int) -> Calendar:
    """Return a published version of a calendar, compiled once."""
    return _calendar(version_id)


def promise(policy_version_id: int, priority: str, metric: str, calendar_version_id: int | None) -> Promise | None:
    """Return what the version's row of `priority` promises for `metric`, counted in that version of a calendar."""
    return _promise(policy_version_id, priority, metric, calendar_version_id)


def steps(policy_version_id: int, priority: str, metric: str, percent: int) -> list[EscalationStep]:
    """Return the escalation steps that are due at exactly `percent`."""
    return [step for step in _steps(policy_version_id, priority, metric) if step.at_percent == percent]


def names_of(version_ids: Iterable[int | None]) -> dict[int, str]:
    """Name versions of policies, in one query: {7: "Enterprise, version 4"}. Names change, so none is kept."""
    found = PolicyVersion.objects.filter(pk__in={pk for pk in version_ids if pk is not None}).select_related("policy")
    return {version.pk: str(version) for version in found}


@lru_cache(maxsize=1024)
def step(step_id: int) -> EscalationStep:
    """Return one escalation step. Its team or person may be gone since: they are asked for by their ids."""
    return EscalationStep.objects.select_related("team", "person").get(pk=step_id)


def forget() -> None:
    """Read everything anew the next time."""
    for cached in (_edition, _calendar, _promise, _steps, _version, step):
        cached.cache_clear()


def compiled(version: CalendarVersion) -> Calendar:
    """Return `version`, draft or not, ready to count in. Raises: CalendarError."""
    timetable = Timetable(read_hours(version.as_file()), version.calendar.name)
    return _called(version, timetable)


def _called(version: CalendarVersion, timetable: Timetable) -> Calendar:
    return Calendar(version.pk, timetable, version.calendar.name, version.calendar_id, version.number or 0)


def policy_of(version: PolicyVersion, calendars: dict[int, Calendar]) -> Policy:
    """Return `version` as the rules know it, its targets counted in `calendars` (by calendar id)."""
    terms: dict[str, dict[str, Promise]] = {}
    rows = list(version.steps.all())
    for target in version.targets.all():
        if target.calendar_id in calendars:
            terms.setdefault(target.priority, {})[target.metric] = Promise(
                metric=target.metric,
                target_us=target.minutes * MICROSECONDS_PER_MINUTE,
                calendar=calendars[target.calendar_id],
                thresholds=_thresholds(version, rows, target.priority, target.metric),
                pause_statuses=frozenset(version.pause_statuses),
                honours_maintenance=version.honours_maintenance,
                policy=version.pk,
                priority=target.priority,
            )
    conditions = Conditions(
        frozenset(version.tiers),
        frozenset(version.organizations),
        frozenset(version.product_areas),
        frozenset(version.teams),
        frozenset(version.tags),
    )
    start = version.effective_from or version.created_at
    return Policy(version.pk, version.policy.name, conditions, terms, start, version.policy_id)


def _thresholds(version: PolicyVersion, rows: Iterable[EscalationStep], priority: str, metric: str) -> tuple[int, ...]:
    stepped = {step.at_percent for step in rows if step.metric == metric and step.priority in ("", priority)}
    return tuple(sorted({BREACH, *version.thresholds, *stepped}))


def _generation() -> int:
    return Rulebook.objects.values_list("generation", flat=True).first() or 0


@lru_cache(maxsize=1)
def _edition(generation: int) -> Edition:
    by_policy: dict[int, list[PolicyVersion]] = {}
    policies = dict(SlaPolicy.objects.order_by("position").values_list("pk", "is_active"))
    published = PolicyVersion.objects.published().select_related("policy").prefetch_related("targets", "steps")
    for version in published.order_by("-effective_from", "-number"):
        by_policy.setdefault(version.policy_id, []).append(version)
    by_calendar: dict[int, list[CalendarVersion]] = {}
    for row in CalendarVersion.objects.published().select_related("calendar").order_by("-effective_from", "-number"):
        by_calendar.setdefault(row.calendar_id, []).append(row)
    return Edition(
        {pk: tuple(by_policy.get(pk, ())) if is_active else () for pk, is_active in policies.items()},
        {pk: tuple(versions) for pk, versions in by_calendar.items()},
    )


def _versions_at(edition: Edition, at: dt.datetime, draft: PolicyVersion | None) -> list[PolicyVersion]:
    """Return for each policy, in order, the version in force, the draft in place of its own policy's."""
    found = (
        draft if draft is not None and pk == draft.policy_id else _in_force(versions, at)
        for pk, versions in edition.policies.items()
    )
    return [version for version in found if version is not None]


def _calendar_at(edition: Edition, calendar_id: int, at: dt.datetime) -> Calendar | None:
    current = _in_force(edition.calendars.get(calendar_id, ()), at)
    return _calendar(current.pk) if current else None


def _in_force(versions: tuple[AnyVersion, ...], at: dt.datetime) -> AnyVersion | None:
    return next((one for one in versions if one.effective_from is not None and one.effective_from <= at), None)


@lru_cache(maxsize=512)
def _version(version_id: int, calendars: tuple[tuple[int, int], ...]) -> Policy:
    version = PolicyVersion.objects.select_related("policy").prefetch_related("targets", "steps").get(pk=version_id)
    return policy_of(version, {pk: _calendar(key) for pk, key in calendars})


@lru_cache(maxsize=256)
def _calendar(version_id: int) -> Calendar:
    """Compile a published version. One that can no longer be read has no working time: its clocks say so (C12)."""
    version = CalendarVersion.objects.select_related("calendar").get(pk=version_id)
    try:
        return compiled(version)
    except CalendarError as error:
        log.error("sla_calendar_unreadable", calendar=version.calendar_id, version=version.number, error=str(error))
        return _called(version, Timetable(NEVER, version.calendar.name))


@lru_cache(maxsize=4096)
def _promise(version_id: int, priority: str, metric: str, calendar_version_id: int | None) -> Promise | None:
    if calendar_version_id is None:
        return None
    used = _calendar(calendar_version_id)
    version = PolicyVersion.objects.select_related("policy").prefetch_related("targets", "steps").get(pk=version_id)
    return policy_of(version, {used.calendar: used}).terms.get(priority, {}).get(metric)


@lru_cache(maxsize=1024)
def _steps(version_id: int, priority: str, metric: str) -> tuple[EscalationStep, ...]:
    rows = EscalationStep.objects.filter(version_id=version_id, metric=metric, priority__in=("", priority))
    return tuple(rows.select_related("team", "person"))
