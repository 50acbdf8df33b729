"""Which promise holds for a ticket: ordered policies, the first whose conditions match decides (rule T1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sla.rules.timetable import Timetable


@dataclass(frozen=True)
class Calendar:
    """One version of a business calendar. key: the version's id; two with the same key are the same."""

    key: int
    timetable: Timetable = field(compare=False, repr=False)
    name: str = field(default="", compare=False)
    calendar: int = field(default=0, compare=False)
    number: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Promise:
    """What one metric is measured against.

    target_us: working microseconds.   thresholds: per cent, rising, 100 among them.
    policy, priority: the version's id and the row that hold it.
    """

    metric: str
    target_us: int
    calendar: Calendar
    thresholds: tuple[int, ...] = (80, 100, 120)
    pause_statuses: frozenset[str] = frozenset({"PENDING"})
    honours_maintenance: bool = False
    policy: int = 0
    priority: str = ""


Terms = Mapping[str, Promise]
NOTHING: Terms = {}


@dataclass(frozen=True)
class Case:
    """What policies look at in a ticket. Ids of organization and team, keys of the rest."""

    priority: str
    tier: str = ""
    organization: int | None = None
    product_area: str = ""
    team: int | None = None
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Conditions:
    """Each names what it wants; an empty one wants nothing. Tags: any one of them is enough."""

    tiers: frozenset[str] = frozenset()
    organizations: frozenset[int] = frozenset()
    product_areas: frozenset[str] = frozenset()
    teams: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()

    def match(self, case: Case) -> bool:
        return (
            (not self.tiers or case.tier in self.tiers)
            and (not self.organizations or case.organization in self.organizations)
            and (not self.product_areas or case.product_area in self.product_areas)
            and (not self.teams or case.team in self.teams)
            and (not self.tags or bool(case.tags & self.tags))
        )


@dataclass(frozen=True)
class Policy:
    """One version of a policy. terms: priority -> metric -> promise. policy: the policy's id, whatever the version."""

    key: int
    name: str
    conditions: Conditions
    terms: Mapping[str, Terms]
    effective_from: dt.datetime
    policy: int = 0


def select(policies: Iterable[Policy], case: Case) -> Policy | None:
    """Return the first of the ordered `policies` that matches `case`."""
    return next((policy for policy in policies if policy.conditions.match(case)), None)


def terms_for(policies: Iterable[Policy], case: Case) -> Terms:
    """Return what is promised for `case`, by metric; nothing where no policy matches or its priority has no row."""
    policy = select(policies, case)
    return policy.terms.get(case.priority, NOTHING) if policy else NOTHING
