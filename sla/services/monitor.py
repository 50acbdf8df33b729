"""The monitor: passes the levels that clocks have reached, each exactly once, however many monitors look at a time.

A batch is one transaction: it takes due clocks and leaves those that another monitor holds, writes their events,
and moves them on. A monitor that dies leaves its batch as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

import structlog
from django.db import connection, transaction

from common import context, journal
from common.actors import SYSTEM
from common.journal import Kind
from common.time import database_now
from sla import events, library
from sla.models import Clock, ClockEvent, Conversation, MonitorPass, StepRun
from sla.rules.clocks import BREACH, Level, advance
from sla.services.clocks import breach_data
from sla.services.escalation import due_steps, runs_of
from sla.services.storms import Weather, end_storm, read_weather
from tickets.models import Ticket

log = structlog.get_logger(__name__)

BATCH = 500
ADVANCED = ("reached_percent", "next_step", "next_action_at")
DETECTED = ("breached_at", "detected_at")


@dataclass(frozen=True)
class Passed:
    """The levels that one clock passed at one look. quiet_until: what its ticket reached before was filled in."""

    clock: Clock
    levels: list[Level]
    quiet_until: dt.datetime | None

    def is_past(self, level: Level) -> bool:
        return self.quiet_until is not None and level.reached_at <= self.quiet_until

    @property
    def fresh(self) -> list[Level]:
        """The levels of which somebody is to be told."""
        return [level for level in self.levels if not self.is_past(level)]

    @property
    def has_breached(self) -> bool:
        return any(level.percent == BREACH for level in self.fresh)


def run_monitor(*, seconds: float = 25, batch: int = BATCH) -> MonitorPass:
    """Pass every level that is due, until none is or the time is spent, and return what the pass saw."""
    started, this = monotonic(), MonitorPass.objects.create(started_at=database_now())
    failed: set[int] = set()
    while monotonic() - started < seconds:
        try:
            taken, recorded, lag = advance_due(batch, without=failed)
        except Exception:  # a fault in one clock must not stop the watch over all others
            log.exception("sla_monitor_batch_failed")
            taken, recorded, lag = _advance_singly(batch, failed)
        this.clock_count += taken
        this.event_count += recorded
        this.lag_seconds = max(this.lag_seconds, lag)
        if not taken:
            this.is_complete = True
            break
    end_storm(database_now())
    this.finished_at = database_now()
    this.save(update_fields=["clock_count", "event_count", "lag_seconds", "is_complete", "finished_at"])
    log.info(
        "sla_monitor",
        clocks=this.clock_count,
        events=this.event_count,
        lag_seconds=round(this.lag_seconds, 3),
        seconds=round(monotonic() - started, 3),
        is_complete=this.is_complete,
    )
    return this


@transaction.atomic
def advance_due(most: int = BATCH, *, only: int | None = None, without: Collection[int] = ()) -> tuple[int, int, float]:
    """Pass the levels of up to `most` due clocks, or of one. Return clocks, events, and by how many seconds the latest
    was late."""
    at = database_now()
    clocks = _take(at, most, only, without)
    if not clocks:
        return 0, 0, 0.0
    passed = _pass(clocks, at)
    lag = max((level.lag_seconds(at) for one in passed for level in one.fresh), default=0.0)
    weather = read_weather(at, coming=sum(one.has_breached for one in passed))
    rows = _write(passed, at)
    tickets = Ticket.objects.select_related("assignee", "team").in_bulk({clock.ticket_id for clock in clocks})
    for one in passed:
        _tell(one, tickets[one.clock.ticket_id], at)
    due_steps([run for one in passed for run in _runs(one, rows, tickets[one.clock.ticket_id], weather)])
    return len(clocks), len(rows), lag


def _advance_singly(most: int, failed: set[int]) -> tuple[int, int, float]:
    """Pass what is due clock by clock, and leave to the next pass what cannot be passed: it keeps its true instant, and
    the monitor's lag shows it."""
    taken, recorded, latest = 0, 0, 0.0
    due = Clock.objects.due_for_action(database_now()).exclude(pk__in=failed)
    for pk in list(due.values_list("pk", flat=True)[:most]):
        try:
            count, events_made, lag = advance_due(1, only=pk)
        except Exception:
            log.exception("sla_clock_failed", clock=pk)
            failed.add(pk)
            continue
        taken, recorded, latest = taken + count, recorded + events_made, max(latest, lag)
    return taken, recorded, latest


def _take(at: dt.datetime, most: int, only: int | None, without: Collection[int]) -> list[Clock]:
    """Return due clocks that no other monitor and no change of their ticket holds.

    SQLite has no row locks: there the transaction itself lets nobody else write.
    """
    due = Clock.objects.due_for_action(at)
    if without:
        due = due.exclude(pk__in=without)
    if only is not None:
        due = due.filter(pk=only)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    return list(due[:most])


def _pass(clocks: Sequence[Clock], at: dt.datetime) -> list[Passed]:
    quiet = dict(
        Conversation.objects.filter(
            pk__in={clock.ticket_id for clock in clocks}, quiet_until__isnull=False
        ).values_list("pk", "quiet_until")
    )
    known = _known(clocks)
    passed = []
    for clock in clocks:
        was_breached = clock.breached_at is not None
        levels = [level for level in advance(clock, at) if (clock.pk, clock.revision, level.percent) not in known]
        if clock.breached_at is not None and (not was_breached or clock.detected_at is None):
            clock.detected_at = at
        passed.append(Passed(clock, levels, quiet.get(clock.ticket_id)))
    return passed


def _known(clocks: Sequence[Clock]) -> set[tuple[int, int, int]]:
    """Return what is recorded already; without a hand in the tables that is nothing."""
    rows = ClockEvent.objects.filter(clock__in=clocks)
    return set(rows.values_list("clock_id", "revision", "threshold"))


def _write(passed: Sequence[Passed], at: dt.datetime) -> dict[tuple[int, int], ClockEvent]:
    """Store the levels and the clocks that passed them. Return the events by clock and level."""
    made = [
        ClockEvent(
            clock=one.clock,
            revision=one.clock.revision,
            threshold=level.percent,
            reached_at=level.reached_at,
            recorded_at=at,
            suppressed=level.percent != _told(one),
            is_past=one.is_past(level),
        )
        for one in passed
        for level in one.levels
    ]
    ClockEvent.objects.bulk_create(made, batch_size=BATCH)
    Clock.objects.bulk_update([one.clock for one in passed], ADVANCED, batch_size=100)
    Clock.objects.bulk_update([one.clock for one in passed if one.clock.detected_at == at], DETECTED, batch_size=100)
    return {(event.clock_id, event.threshold): event for event in made}


def _told(one: Passed) -> int | None:
    """Return the level of which people are told: the highest that has steps, else the highest (B6); not of the past."""
    with_steps = [level.percent for level in one.fresh if _steps_at(one.clock, level.percent)]
    return max(with_steps or [level.percent for level in one.fresh], default=None)


def _steps_at(clock: Clock, percent: int) -> list[library.EscalationStep]:
    if clock.policy_version_id is None:
        return []
    return library.steps(clock.policy_version_id, clock.priority_row, clock.metric, percent)


def _tell(one: Passed, ticket: Ticket, at: dt.datetime) -> None:
    """Record what was passed in the ticket's journal."""
    origin = context.current()
    for level in one.levels:
        with context.origin(context.Origin(origin.request_id, origin.ip_address, is_backfill=one.is_past(level))):
            journal.record(_kind(level.percent), subject=ticket, by=SYSTEM, at=at, data=_data(one.clock, level))


def _runs(one: Passed, rows: dict[tuple[int, int], ClockEvent], ticket: Ticket, weather: Weather) -> Iterator[StepRun]:
    """Yield, unsaved, the steps that come due by what was passed. The past has none."""
    for level in one.fresh:
        event = rows[one.clock.pk, level.percent]
        steps = _steps_at(one.clock, level.percent)
        yield from runs_of(event, steps, ticket=ticket, is_told=not event.suppressed, weather=weather)


def _kind(percent: int) -> Kind:
    if percent == BREACH:
        return events.BREACHED
    return events.WARNING_REACHED if percent < BREACH else events.ESCALATION_REACHED


def _data(clock: Clock, level: Level) -> dict[str, object]:
    if level.percent == BREACH:
        return breach_data(clock) | {"is_answered": False}
    return {
        "clock": clock.pk,
        "metric": clock.metric,
        "percent": level.percent,
        "what": f"{clock.get_metric_display().lower()}, {level.percent} % of the time",
        "due_at": clock.due_at,
    }


def overdue_seconds(at: dt.datetime) -> float:
    """Return for how long the longest waiting level has been due: the monitor's lag at this moment.

    What was filled in from the past waits since then, not since it was reached.
    """
    first = Clock.objects.due_for_action(at).select_related("ticket__sla_conversation").first()
    if first is None or first.next_action_at is None:
        return 0.0
    talk = getattr(first.ticket, "sla_conversation", None)
    quiet_until = talk.quiet_until if talk else None
    return (at - max(first.next_action_at, quiet_until or first.next_action_at)).total_seconds()
