"""What the API tells of one ticket's promises. Shapes: serializers.TicketSlaSerializer, ComplianceSerializer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.html import strip_tags

from sla import library
from sla.models import Clock, StepRun
from sla.rules.clocks import elapsed_us, is_breached_at, is_open
from sla.rules.explanation import Stretch, deadline_of, stretches, unfold
from sla.showing import promise_of, timetable
from sla.vocabulary import ClockState, Metric
from sla.words import due_words, duration_words, target_words
from tickets.models import Ticket

SECOND = 1_000_000


def ticket_sla(ticket: Ticket, clocks: Sequence[Clock], at: dt.datetime, *, is_staff: bool) -> dict[str, Any]:
    """Return the ticket's promises in full."""
    names = library.names_of(clock.policy_version_id for clock in clocks) if is_staff else None
    with timezone.override(ticket.requester.zone_name):  # "your time" is the customer's, whoever asks
        promise = promise_of(ticket, clocks, at)
    told: dict[str, Any] = {
        "ticket_id": ticket.reference,
        "sentence": strip_tags(str(promise["text"])) if promise else "Nothing is promised any more.",
        "clocks": [_clock(clock, at, names) for clock in clocks],
    }
    if is_staff:
        runs = StepRun.objects.filter(ticket=ticket).select_related("step", "event")
        told["escalations"] = list(runs.order_by("pk"))
    return told


def compliance_of(ticket: Ticket, clocks: Sequence[Clock], at: dt.datetime) -> dict[str, Any]:
    """Return the compliance payload of domain.md 3.6, with the newer words beside the older ones."""
    promised = [clock for clock in clocks if _is_promised(clock)]
    first = next((clock for clock in promised if clock.metric == Metric.FIRST_RESPONSE), None)
    resolution = next((clock for clock in promised if clock.metric == Metric.RESOLUTION), None)
    if first is None and resolution is None:
        return {"sla_applicable": False}
    response_percent, resolution_percent = _percent(first, at), _percent(resolution, at)
    resolved_at = resolution.stopped_at if resolution else ticket.solved_at
    return {
        "sla_applicable": True,
        "tier": (resolution or first).tier,  # type: ignore[union-attr]  # one of them is there
        "priority": ticket.priority,
        "response_target": _target(first),
        "resolution_target": _target(resolution),
        "first_response_at": ticket.first_response_at,
        "resolved_at": resolved_at,
        "first_response_compliant": _is_compliant(first, at),
        "resolution_compliant": _is_compliant(resolution, at),
        "response_sla_elapsed_pct": response_percent,
        "resolution_sla_elapsed_pct": resolution_percent,
        "sla_breached": any(is_breached_at(clock, at) for clock in clocks),
        "response_status": _status(first, at),
        "resolution_status": _status(resolution, at),
        "response_elapsed_pct": response_percent,
        "resolution_elapsed_pct": resolution_percent,
        "resolution_time_hours": _hours(ticket.created_at, resolved_at),
    }


def _clock(clock: Clock, at: dt.datetime, names: dict[int, str] | None) -> dict[str, Any]:
    used, target = elapsed_us(clock, at), clock.target_us
    promise = clock.promise
    lines = stretches(unfold(clock, deadline_of(clock, at), timetable))
    told = {
        "metric": clock.metric,
        "cycle": clock.cycle,
        "state": clock.state,
        "target_seconds": target // SECOND if target else None,
        "elapsed_seconds": used // SECOND,
        "remaining_seconds": (target - used) // SECOND if target else None,
        "elapsed_percent": round(used * 100 / target, 1) if target else None,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "breached": is_breached_at(clock, at),
        "breached_at": clock.breached_at,
        "stopped_at": clock.stopped_at,
        "stopped_by": clock.stopped_by or None,
        "calendar": promise.calendar.name if promise else None,
        "time_zone": promise.calendar.timetable.hours.zone_name if promise else None,
        "reason": _reason(clock, lines),
        "segments": lines,
    }
    return told if names is None else told | {"policy": names.get(clock.policy_version_id or 0)}


def _reason(clock: Clock, lines: Sequence[Stretch]) -> str:
    """Tell why the clock stands where it stands: target, calendar, and what was not counted."""
    promise = clock.promise
    if promise is None:
        return "Nothing is promised at present."
    words = f"{target_words(promise.target_us)} are promised, counted in the calendar {promise.calendar.name}."
    spent: dict[str, int] = {}
    for line in lines:
        if not line.is_counted:
            spent[line.words] = spent.get(line.words, 0) + line.microseconds
    if spent:
        words += f" Not counted: {', '.join(f'{why} {duration_words(length)}' for why, length in spent.items())}."
    if is_open(clock) and clock.due_at is not None:
        words += f" Due {due_words(clock.due_at)}."
    return words


def _is_promised(clock: Clock) -> bool:
    """Tell whether there is or was something to keep: a clock that was called off or lost its promise has nothing."""
    is_void = clock.state == ClockState.CANCELLED or clock.policy_version_id is None
    return clock.breached_at is not None or not is_void


def _target(clock: Clock | None) -> int | None:
    return clock.target_us // SECOND if clock and clock.target_us else None


def _percent(clock: Clock | None, at: dt.datetime) -> float | None:
    return round(elapsed_us(clock, at) * 100 / clock.target_us, 1) if clock and clock.target_us else None


def _is_compliant(clock: Clock | None, at: dt.datetime) -> bool | None:
    return None if clock is None else not is_breached_at(clock, at)


def _status(clock: Clock | None, at: dt.datetime) -> str | None:
    if clock is None:
        return None
    if is_breached_at(clock, at):
        return "BREACHED"
    return "MET" if clock.stopped_at is not None else "ON_TRACK"


def _hours(since: dt.datetime, until: dt.datetime | None) -> float | None:
    return None if until is None else round((until - since) / dt.timedelta(hours=1), 2)
