"""All clocks of one ticket, and what happens to them when something happens to the ticket.

Pure: live tickets and replays go through the same `Book`. The numbers of rules are those of docs/sla.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sla.rules import clocks
from sla.rules.clocks import ClockLike
from sla.rules.promises import Promise, Terms
from sla.vocabulary import PAUSABLE, ClockState, Metric, PauseReason, StoppedBy
from tickets.vocabulary import FINAL_STATUSES, Status

RESOLVED = (Status.SOLVED, Status.CLOSED)


class Opening(StrEnum):
    """What a ticket began with: the customer's words, ours to them, or a note among ourselves."""

    CUSTOMER = "customer"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class ConversationLike(Protocol):
    """What is remembered of a ticket's conversation. See `Conversation`."""

    opened_at: dt.datetime
    changed_at: dt.datetime
    status: str
    awaits_first_response: bool
    unanswered_since: dt.datetime | None
    last_reply_at: dt.datetime | None
    maintenance_count: int


@dataclass
class Conversation:
    """Where a conversation stands, as far as promises care.

    awaits_first_response: nobody answered the customer yet.
    unanswered_since: the oldest customer's message without an answer.   maintenance_count: windows that are on now.
    changed_at: the last instant that was taken in; time never runs backwards.
    """

    opened_at: dt.datetime
    changed_at: dt.datetime
    status: str = Status.NEW
    awaits_first_response: bool = True
    unanswered_since: dt.datetime | None = None
    last_reply_at: dt.datetime | None = None
    maintenance_count: int = 0


StartClock = Callable[[str, dt.datetime], ClockLike]


class Book:
    """start_clock(metric, started_at): makes the next clock of that metric, whose cycle it numbers.

    Each method takes `at`, when it happened, and `terms`, what is promised for the ticket as it is then.
    """

    def __init__(self, conversation: ConversationLike, existing: Iterable[ClockLike], start_clock: StartClock) -> None:
        self.conversation = conversation
        self.clocks: list[ClockLike] = list(existing)
        self._start_clock = start_clock

    # --- what happens to the ticket ---

    def opened(self, at: dt.datetime, terms: Terms, opening: Opening = Opening.CUSTOMER) -> None:
        """A ticket begins. One that we open towards the customer has no first response to give (M1)."""
        talk = self.conversation
        if opening == Opening.CUSTOMER:
            talk.unanswered_since = at
            self._start(Metric.FIRST_RESPONSE, at, at, terms)
        elif opening == Opening.OUTBOUND:
            talk.awaits_first_response, talk.last_reply_at = False, at
            self._start(Metric.PERIODIC_UPDATE, at, at, terms)
        self._start(Metric.RESOLUTION, at, at, terms)

    def customer_spoke(self, at: dt.datetime, terms: Terms) -> None:
        """The customer says something: the oldest unanswered message is what counts, a nudge changes nothing (M3)."""
        at, talk = self._turn(at), self.conversation
        if talk.unanswered_since is not None:
            return
        talk.unanswered_since = at
        self._start(Metric.FIRST_RESPONSE if talk.awaits_first_response else Metric.NEXT_RESPONSE, at, at, terms)

    def answered(self, at: dt.datetime, terms: Terms) -> None:
        """A human on our side answers in public (M2, M4, M11)."""
        at, talk = self._turn(at), self.conversation
        talk.awaits_first_response, talk.unanswered_since, talk.last_reply_at = False, None, at
        for clock in self._open(Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.PERIODIC_UPDATE):
            clocks.stop(clock, at, StoppedBy.REPLY)
        if talk.status not in (*RESOLVED, *FINAL_STATUSES):
            self._start(Metric.PERIODIC_UPDATE, at, at, terms)

    def status_changed(self, at: dt.datetime, status: str, terms: Terms) -> None:
        at, talk = self._turn(at), self.conversation
        was_resolved = talk.status in RESOLVED
        talk.status = status
        if status in RESOLVED:
            self._resolve(at)
        elif status in FINAL_STATUSES:
            self._cancel(at)
        elif was_resolved:
            self._reopen(at, terms)
        else:
            self._place_all(at)

    def withdrawn(self, at: dt.datetime) -> None:
        """Merged away, spam or deleted (M10)."""
        self._cancel(self._turn(at))

    def terms_changed(self, at: dt.datetime, terms: Terms) -> None:
        """Priority, tier or whatever policies look at changed, or a policy is applied anew (T2, T3, T4, T6).

        What is promised only now starts now, from an empty bank, with its true beginning.
        """
        at, talk = self._turn(at), self.conversation
        for clock in self._open(*Metric.values):
            self._bind(clock, at, terms.get(clock.metric))
        if talk.status in (*RESOLVED, *FINAL_STATUSES):
            return
        if talk.unanswered_since is not None:
            metric = Metric.FIRST_RESPONSE if talk.awaits_first_response else Metric.NEXT_RESPONSE
            self._start(metric, talk.unanswered_since, at, terms)
        if talk.last_reply_at is not None:
            self._start(Metric.PERIODIC_UPDATE, talk.last_reply_at, at, terms)
        self._start(Metric.RESOLUTION, talk.opened_at, at, terms)

    def calendar_changed(self, at: dt.datetime, terms_of: Callable[[ClockLike], Promise | None]) -> None:
        """A calendar has a new version: what is to come is counted in it, what has passed stays (T7).

        terms_of(clock): its promise with the new calendar, or None where the calendar is another.
        """
        at = self._turn(at)
        for clock in self._open(*Metric.values):
            promise = terms_of(clock)
            if promise is not None:
                self._bind(clock, at, promise)

    def recounted(self, at: dt.datetime) -> None:
        """The rules of a time zone changed under the calendars: work every deadline out anew (T8)."""
        at = self._turn(at)
        for clock in self._open(*Metric.values):
            if clock.state == ClockState.RUNNING and clock.promise is not None:
                self._rebind(clock, at, clock.promise)

    def maintenance_changed(self, at: dt.datetime, *, is_on: bool) -> None:
        """A window really begins or ends; until then it changes nothing (M12)."""
        at, talk = self._turn(at), self.conversation
        talk.maintenance_count = max(0, talk.maintenance_count + (1 if is_on else -1))
        self._place_all(at)

    # --- how ---

    def _turn(self, at: dt.datetime) -> dt.datetime:
        """Return `at`, or the last instant taken in where clocks disagree: no time may be counted twice."""
        self.conversation.changed_at = at = max(at, self.conversation.changed_at)
        return at

    def _open(self, *metrics: str) -> list[ClockLike]:
        return [clock for clock in self.clocks if clock.metric in metrics and clocks.is_open(clock)]

    def _start(self, metric: str, started_at: dt.datetime, at: dt.datetime, terms: Terms) -> None:
        """Start the clock that measures `metric` from `started_at`, counting from `at`, where that is promised."""
        promise = terms.get(metric)
        if promise is None or self._open(metric):
            return
        clock = self._start_clock(metric, started_at)
        clock.promise = promise
        self.clocks.append(clock)
        self._place(clock, at)

    def _bind(self, clock: ClockLike, at: dt.datetime, promise: Promise | None) -> None:
        if promise == clock.promise:
            return
        if promise is None:
            clocks.deactivate(clock, at)
        else:
            self._rebind(clock, at, promise)

    def _rebind(self, clock: ClockLike, at: dt.datetime, promise: Promise) -> None:
        was_running = clock.state == ClockState.RUNNING
        clocks.take_promise(clock, at, promise)
        if was_running:
            clock.state = ClockState.INACTIVE  # for the blink of an eye, so that it is placed anew
        self._place(clock, at)

    def _place_all(self, at: dt.datetime) -> None:
        for clock in self._open(*Metric.values):
            self._place(clock, at)

    def _place(self, clock: ClockLike, at: dt.datetime) -> None:
        """Let an open clock run or wait, as status and maintenance have it now."""
        if clock.promise is None:
            return
        why = self._pause_reason(clock, clock.promise)
        if why and (clock.state != ClockState.PAUSED or clock.history[-1]["why"] != why):
            clocks.pause(clock, at, why)
        elif not why and clock.state != ClockState.RUNNING:
            clocks.run(clock, at)

    def _pause_reason(self, clock: ClockLike, promise: Promise) -> str:
        if clock.metric in PAUSABLE and self.conversation.status in promise.pause_statuses:
            is_pending = self.conversation.status == Status.PENDING
            return PauseReason.WAITING if is_pending else PauseReason.HELD
        if promise.honours_maintenance and self.conversation.maintenance_count:
            return PauseReason.MAINTENANCE
        return ""

    def _resolve(self, at: dt.datetime) -> None:
        """Solved, or closed without having been: the outcome reached the customer (M2, M4, M5)."""
        self.conversation.awaits_first_response, self.conversation.unanswered_since = False, None
        for clock in self._open(*Metric.values):
            clocks.stop(clock, at, StoppedBy.RESOLUTION)

    def _cancel(self, at: dt.datetime) -> None:
        self.conversation.unanswered_since = None
        for clock in self._open(*Metric.values):
            clocks.cancel(clock, at)

    def _reopen(self, at: dt.datetime, terms: Terms) -> None:
        """The same resolution clock goes on, under the target of the day; time spent solved is free (M7, T5)."""
        stopped = [one for one in self.clocks if one.metric == Metric.RESOLUTION and one.state == ClockState.STOPPED]
        for clock in stopped:
            clocks.reopen(clock, at)
            promise = terms.get(Metric.RESOLUTION)
            if promise is None:
                clocks.deactivate(clock, at)
            else:
                clocks.take_promise(clock, at, promise)
                self._place(clock, at)
        if not stopped:
            self._start(Metric.RESOLUTION, self.conversation.opened_at, at, terms)
        if self.conversation.last_reply_at is not None:
            self._start(Metric.PERIODIC_UPDATE, at, at, terms)
