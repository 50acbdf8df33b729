"""The clocks of live tickets: what the journal records moves them, in the same transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max, Q

from common import context, journal
from common.actors import SYSTEM, Actor
from common.journal import Event
from common.time import now
from sla import events, library
from sla.following import FOLLOWED, take_in
from sla.models import Clock, ClockEvent, Conversation
from sla.rules.book import Book
from sla.rules.clocks import BREACH, is_breached_at
from sla.rules.promises import NOTHING, Case, Terms, terms_for
from sla.vocabulary import OPEN_STATES, ClockState, Metric
from tickets.events import OPENED
from tickets.models import Ticket
from tickets.services import set_next_due

# What a change may touch; everything else of a clock is set when it starts or by the monitor.
MOVED = (
    *("state", "policy_version_id", "calendar_version_id", "target_us", "priority_row", "banked_us", "running_since"),
    *("due_at", "breached_at", "stopped_at", "stopped_by", "revision", "reached_percent", "next_step"),
    *("next_action_at", "withdrawn_count", "withdrawn_at", "reopened_count", "reopened_at", "history", "detected_at"),
    *("judged_by_id", "tier", "priority", "organization_id", "team_id", "product_area"),
)
TALK = (
    *("changed_at", "status", "awaits_first_response", "unanswered_since", "last_reply_at"),
    *("maintenance_count", "quiet_until"),
)


def follow(event: Event) -> None:
    """Take into the ticket's clocks what has just been recorded of it. Called in that transaction."""
    ticket = Ticket.objects.select_related("organization", "product_area").get(pk=event.subject_id)
    desk = Desk.of(ticket, by=_actor(event))
    if desk is None and event.kind != OPENED.name:
        desk = catch_up(ticket, event.occurred_at)  # its memory holds this event too
    else:
        desk = desk or Desk.new(ticket, event.occurred_at, by=_actor(event))
        take_in(desk.book, event, requester=ticket.requester_id, terms_of=lambda: desk.terms(event.occurred_at))
    desk.save(event.occurred_at)


def catch_up(ticket: Ticket, at: dt.datetime) -> Desk:
    """Work out how a ticket stands that is older than its promises, from its journal, and promise from `at` on.

    Nobody is told of the past.
    """
    desk = Desk.new(ticket, ticket.created_at, by=SYSTEM)
    desk.conversation.quiet_until = now()
    for event in journal.timeline(ticket).filter(kind__in=[kind.name for kind in FOLLOWED]):
        take_in(desk.book, event, requester=ticket.requester_id, terms_of=lambda: NOTHING)
    desk.book.terms_changed(at, desk.terms(at))
    return desk


@dataclass
class Desk:
    """One ticket with its book open: reads the rows, lets the book move them, and writes what moved."""

    ticket: Ticket
    conversation: Conversation
    rows: list[Clock]
    by: Actor
    is_new: bool = False

    def __post_init__(self) -> None:
        self.book = Book(self.conversation, self.rows, self._start)
        self._seen = {row.pk: _values(row, MOVED) for row in self.rows}
        self._talk_seen = _values(self.conversation, TALK)

    @classmethod
    def of(cls, ticket: Ticket, *, by: Actor) -> Desk | None:
        """Return the desk of a ticket whose row is locked, with its clocks locked too; None where it has none yet."""
        conversation = Conversation.objects.filter(pk=ticket.pk).first()
        if conversation is None:
            return None
        wanted = Q(state__in=OPEN_STATES) | Q(metric=Metric.RESOLUTION)
        rows = list(Clock.objects.select_for_update().filter(wanted, ticket=ticket).order_by("pk"))
        return cls(ticket, conversation, rows, by)

    @classmethod
    def new(cls, ticket: Ticket, at: dt.datetime, *, by: Actor) -> Desk:
        return cls(ticket, Conversation(ticket=ticket, opened_at=at, changed_at=at), [], by, is_new=True)

    def terms(self, at: dt.datetime, *, tier: str | None = None) -> Terms:
        """Return what is promised for the ticket as it is now, by the policies in force at `at`.

        An event that was begun before another one and written down after it is looked at with the later one's eyes.
        tier: its organization's then, where it is another by now.
        """
        policies = library.policies_at(max(at, self.conversation.changed_at))
        has_tags = any(policy.conditions.tags for policy in policies)
        tags = frozenset(self.ticket.tags.values_list("name", flat=True)) if has_tags else frozenset()
        case = _case(self.ticket, tags)
        return terms_for(policies, case if tier is None else replace(case, tier=tier))

    def save(self, at: dt.datetime) -> int:
        """Write what moved, record what became of promises, and return how many clocks that were."""
        if context.current().is_backfill:
            self.conversation.quiet_until = now()
        if self.is_new:
            self.conversation.save(force_insert=True)
        elif _values(self.conversation, TALK) != self._talk_seen:
            self.conversation.save(update_fields=TALK)
        moved = [row for row in self._clocks() if self._has_moved(row, at)]
        for row in moved:
            self._write(row, at)
        if moved or self.is_new:
            running = (row.due_at for row in self._clocks() if row.state == ClockState.RUNNING and row.due_at)
            set_next_due(self.ticket.pk, min(running, default=None))
        return len(moved)

    def _clocks(self) -> list[Clock]:
        return self.book.clocks  # type: ignore[return-value]  # the book was given rows and makes rows

    def _start(self, metric: str, started_at: dt.datetime) -> Clock:
        cycle = 1
        if metric in (Metric.NEXT_RESPONSE, Metric.PERIODIC_UPDATE):
            stored = Clock.objects.filter(ticket=self.ticket, metric=metric).aggregate(last=Max("cycle"))["last"] or 0
            cycle = 1 + max([stored, *(row.cycle for row in self._clocks() if row.metric == metric)])
        return Clock(ticket=self.ticket, metric=metric, cycle=cycle, started_at=started_at, state=ClockState.INACTIVE)

    def _has_moved(self, row: Clock, at: dt.datetime) -> bool:
        if row.pk not in self._seen:
            return True
        was = self._seen[row.pk]
        was_over = was["state"] not in OPEN_STATES and row.state not in OPEN_STATES
        had_verdict = was["breached_at"] is not None or was_over
        if not had_verdict and (row.breached_at == at or not is_breached_at(row, at)):
            self._slice(row)
        return _values(row, MOVED) != was

    def _slice(self, row: Clock) -> None:
        """Let what reports slice by follow the ticket, as long as there is no verdict (R4)."""
        ticket = self.ticket
        row.judged_by_id = row.policy_version_id
        row.tier = ticket.organization.tier if ticket.organization else ""
        row.priority, row.organization_id, row.team_id = ticket.priority, ticket.organization_id, ticket.team_id
        row.product_area = ticket.product_area.key if ticket.product_area else ""

    def _write(self, row: Clock, at: dt.datetime) -> None:
        was = self._seen.get(row.pk, {"withdrawn_count": 0})
        is_late_end = row.state in (ClockState.STOPPED, ClockState.CANCELLED) and row.breached_at is not None
        is_unrecorded = is_late_end and row.reached_percent < BREACH
        if is_unrecorded:
            row.reached_percent, row.detected_at = BREACH, at
        if row.pk is None:
            self._slice(row)
            row.save(force_insert=True)
        else:
            row.save(update_fields=MOVED)
        if is_unrecorded:
            self._record_late_end(row, at)
        if row.withdrawn_count > was["withdrawn_count"]:
            data = {"clock": row.pk, "metric": row.metric, "what": row.get_metric_display().lower()}
            journal.record(events.BREACH_WITHDRAWN, subject=self.ticket, by=self.by, at=at, data=data)

    def _record_late_end(self, row: Clock, at: dt.datetime) -> None:
        """An answer that comes late records the breach itself and warns nobody any more (B3, B7)."""
        ClockEvent.objects.create(
            clock=row,
            revision=row.revision,
            threshold=BREACH,
            reached_at=row.breached_at or at,
            suppressed=True,
            is_past=True,
        )
        data = breach_data(row) | {"is_answered": row.state == ClockState.STOPPED}
        journal.record(events.BREACHED, subject=self.ticket, by=SYSTEM, at=at, data=data)


def breach_data(row: Clock) -> dict[str, Any]:
    """Return what sla.breached says of a clock."""
    return {
        "clock": row.pk,
        "metric": row.metric,
        "percent": BREACH,
        "what": row.get_metric_display().lower(),
        "due_at": row.due_at,
        "breached_at": row.breached_at,
    }


def _case(ticket: Ticket, tags: frozenset[str]) -> Case:
    return Case(
        priority=ticket.priority,
        tier=ticket.organization.tier if ticket.organization else "",
        organization=ticket.organization_id,
        product_area=ticket.product_area.key if ticket.product_area else "",
        team=ticket.team_id,
        tags=tags,
    )


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@dataclass
class _Recorded:
    """Whoever an event names, without reading their row again."""

    pk: int
    name: str

    def get_full_name(self) -> str:
        return self.name


def _actor(event: Event) -> Actor:
    return _Recorded(event.actor_id, event.actor_label) if event.actor_id is not None else SYSTEM
