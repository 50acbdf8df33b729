"""The back-test: past tickets run through a draft and through what is in force, and how their verdicts differ."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from accounts.events import ORGANIZATION_CHANGED
from accounts.models import Organization
from common.journal import Event
from sla.following import FOLLOWED, Entry, concerns_terms
from sla.library import PoliciesAt
from sla.replay import Replayed, replay
from sla.rules.clocks import Clock
from sla.vocabulary import ClockState
from tickets.events import OPENED
from tickets.models import Ticket

CHANGED_MOST = 200
ARMS = ("live", "draft")
VERDICTS = ("met", "breached", "pending")


def journals(ticket_ids: Sequence[int]) -> Iterator[tuple[int, list[Entry]]]:
    """Yield each ticket's id with what its clocks follow, oldest first, in two queries for all of them."""
    followed = Event.objects.filter(
        subject_type=Ticket._meta.label_lower,
        subject_id__in=ticket_ids,
        kind__in=[kind.name for kind in FOLLOWED],
    ).only("kind", "occurred_at", "actor_id", "data", "subject_id")
    by_ticket = [
        (ticket, list(events))
        for ticket, events in groupby(followed.order_by("subject_id", "id"), key=attrgetter("subject_id"))
    ]
    tiers = _tier_changes({events[0].data.get("organization") for _, events in by_ticket} - {None})
    for ticket, events in by_ticket:
        changes = tiers.get(events[0].data.get("organization"), ())
        later = [change for change in changes if change.pk > events[0].pk]
        yield ticket, sorted([*events, *later], key=attrgetter("pk")) if later else events  # type: ignore[misc]


def _tier_changes(organizations: Iterable[Any]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    changes = Event.objects.filter(
        kind=ORGANIZATION_CHANGED.name,
        subject_type=Organization._meta.label_lower,
        subject_id__in=list(organizations),
    )
    for event in changes.order_by("id"):
        if concerns_terms(event):
            found[event.subject_id].append(event)
    return found


@dataclass(frozen=True)
class Comparison:
    """Both arms of one ticket."""

    ticket: int
    live: Replayed
    draft: Replayed


def compare(ticket_ids: Sequence[int], *, live: PoliciesAt, draft: PoliciesAt, until: dt.datetime) -> list[Comparison]:
    """Run the tickets through both and return how their clocks would stand at `until`."""
    compared = []
    for ticket, entries in journals(ticket_ids):
        if entries[0].kind != OPENED.name:
            continue
        first, second = (replay(entries, policies, until=until) for policies in (live, draft))
        if first is not None and second is not None:
            compared.append(Comparison(ticket, first, second))
    return compared


def empty_result() -> dict[str, Any]:
    """Return the counts before the first ticket.

    Shape: {"totals": {arm: counts}, "priority" | "team" | "metric": {value: {arm: counts}}, "changed": [[ticket,
    metric, cycle, verdict live, verdict draft]], "changed_count": n}; counts: {"met", "breached", "pending"}.
    """
    return {"totals": _arms(), "priority": {}, "team": {}, "metric": {}, "changed": [], "changed_count": 0}


def add_to(result: dict[str, Any], compared: Iterable[Comparison]) -> None:
    """Count `compared` into `result`, which is JSON."""
    for one in compared:
        case = one.live.case
        groups = {"priority": case.priority, "team": str(case.team or "")}
        for arm, replayed in zip(ARMS, (one.live, one.draft), strict=True):
            for clock in replayed.clocks:
                word = verdict(clock)
                if word is None:
                    continue
                result["totals"][arm][word] += 1
                for group, value in (*groups.items(), ("metric", clock.metric)):
                    result[group].setdefault(value, _arms())[arm][word] += 1
        _note_changes(result, one)


def verdict(clock: Clock) -> str | None:
    """Return "met", "breached" or "pending"; None for one that was called off or promises nothing (R2)."""
    if clock.breached_at is not None:
        return "breached"
    if clock.state == ClockState.STOPPED:
        return "met" if clock.promise is not None else None
    return None if clock.state in (ClockState.CANCELLED, ClockState.INACTIVE) else "pending"


def _note_changes(result: dict[str, Any], one: Comparison) -> None:
    live, draft = (
        {(clock.metric, clock.cycle): verdict(clock) for clock in replayed.clocks} for replayed in (one.live, one.draft)
    )
    for metric, cycle in sorted({*live, *draft}):
        before, after = live.get((metric, cycle)), draft.get((metric, cycle))
        if before != after:
            result["changed_count"] += 1
            if len(result["changed"]) < CHANGED_MOST:
                result["changed"].append([one.ticket, metric, cycle, before or "none", after or "none"])


def _arms() -> dict[str, dict[str, int]]:
    return {arm: dict.fromkeys(VERDICTS, 0) for arm in ARMS}
