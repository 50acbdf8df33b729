"""What a back-test found, in rows and words: for its page in the console and for its command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Team
from sla.models import CalendarVersion, PolicyVersion
from sla.reports import kept_percent
from sla.vocabulary import Metric
from tickets.vocabulary import Priority

VERDICT_WORDS = {"met": "kept", "breached": "broken", "pending": "open", "none": "not promised"}


@dataclass(frozen=True)
class Arm:
    """How promises went under one of the two. Shape of its source: sla/backtest.py."""

    met: int
    breached: int
    pending: int

    @property
    def kept_percent(self) -> float | None:
        return kept_percent(self.met, self.breached)


@dataclass(frozen=True)
class Row:
    """One group of tickets under both: what is in force, and what was tried."""

    name: str
    live: Arm
    draft: Arm

    @property
    def more_broken(self) -> int:
        return self.draft.breached - self.live.breached

    @property
    def difference(self) -> str:
        if not self.more_broken:
            return "none"
        return f"{abs(self.more_broken):,} {'more' if self.more_broken > 0 else 'fewer'}"


def totals_of(result: Mapping[str, Any]) -> Row:
    return _row("All", result["totals"])


def rows_of(result: Mapping[str, Any], group: str) -> list[Row]:
    """Return the rows of one group (priority, team or metric) in the order in which people know them."""
    found: Mapping[str, Any] = result[group]
    if group == "team":
        pks = [int(value) for value in found if value]
        names = {str(pk): name for pk, name in Team.objects.filter(pk__in=pks).values_list("pk", "name")}
        told = [(names.get(value, "A team that is gone") if value else "No team", value) for value in found]
        return [_row(name, found[value]) for name, value in sorted(told, key=lambda pair: (not pair[1], pair[0]))]
    words = {value: f"{value[:2]} {label}" for value, label in Priority.choices}
    known = words if group == "priority" else dict(Metric.choices)
    return [_row(known[value], found[value]) for value in known if value in found]


def tried_words(policy: PolicyVersion | None, calendar: CalendarVersion | None) -> str:
    """Name what was tried: "Enterprise, draft", "Enterprise, version 3 and Office hours, draft"."""
    return " and ".join(str(version) for version in (policy, calendar) if version is not None)


def arm_words(policy: PolicyVersion | None, calendar: CalendarVersion | None) -> str:
    """Call what was tried by a short name that may follow "under": "the draft", "version 3", "the trial"."""
    versions = [version for version in (policy, calendar) if version is not None]
    if all(version.is_draft for version in versions):
        return "the draft" if len(versions) == 1 else "the drafts"
    return f"version {versions[0].number}" if len(versions) == 1 else "the trial"


def sentence(result: Mapping[str, Any], *, arm: str) -> str:
    """Return the outcome: "Under the draft 41 promises would have been broken instead of 18."."""
    total = totals_of(result)
    if not total.more_broken:
        if not total.live.breached:
            return f"Under {arm} no promise would have been broken, and none was."
        return f"Under {arm} as many promises would have been broken as were: {total.live.breached:,}."
    count = total.draft.breached
    broken = f"{count:,} promise{'' if count == 1 else 's'}" if count else "no promise"
    return f"Under {arm} {broken} would have been broken instead of {total.live.breached:,}."


def _row(name: str, arms: Mapping[str, Mapping[str, int]]) -> Row:
    return Row(name, Arm(**arms["live"]), Arm(**arms["draft"]))
