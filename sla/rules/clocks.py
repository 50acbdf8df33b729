"""How one clock runs. Pure: the same functions move the rows of live tickets and the copies of a replay.

A clock is anything with the attributes of `Clock`. Every change first banks what was counted, so that a change
of target or calendar never touches time that has passed. The numbers of rules are those of docs/sla.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Protocol

from sla.rules.promises import Promise
from sla.rules.timetable import NoWorkingTime
from sla.vocabulary import OPEN_STATES, ClockState

TICK = dt.timedelta(microseconds=1)
BREACH = 100


class ClockLike(Protocol):
    """What the functions below move. See `Clock` for what each attribute holds."""

    metric: str
    cycle: int
    state: str
    started_at: dt.datetime
    promise: Promise | None
    banked_us: int
    running_since: dt.datetime | None
    due_at: dt.datetime | None
    breached_at: dt.datetime | None
    stopped_at: dt.datetime | None
    stopped_by: str
    revision: int
    reached_percent: int
    next_step: int | None
    next_action_at: dt.datetime | None
    withdrawn_count: int
    withdrawn_at: dt.datetime | None
    reopened_count: int
    reopened_at: dt.datetime | None
    history: list[dict[str, Any]]


@dataclass
class Clock:
    """One measure of one ticket: metric and cycle.

    banked_us: working microseconds counted before `running_since`.   reached_percent: the highest level passed.
    next_step, next_action_at: the level that comes next and when; null unless running.
    revision: counts the extensions that took back a level already passed (B5).
    withdrawn_at, reopened_at: when a breach was taken back, and a kept promise opened again, for the last time.
    history: what it went through, oldest first: {at, state, why, target_us, calendar, policy, priority}.
    """

    metric: str
    cycle: int
    started_at: dt.datetime
    state: str = ClockState.INACTIVE
    promise: Promise | None = None
    banked_us: int = 0
    running_since: dt.datetime | None = None
    due_at: dt.datetime | None = None
    breached_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    stopped_by: str = ""
    revision: int = 0
    reached_percent: int = 0
    next_step: int | None = None
    next_action_at: dt.datetime | None = None
    withdrawn_count: int = 0
    withdrawn_at: dt.datetime | None = None
    reopened_count: int = 0
    reopened_at: dt.datetime | None = None
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Level:
    """A level that was passed. reached_at: when, however late that was noticed."""

    percent: int
    reached_at: dt.datetime

    def lag_seconds(self, at: dt.datetime) -> float:
        """Return how late it is seen at `at`."""
        return (at - self.reached_at).total_seconds()


def is_open(clock: ClockLike) -> bool:
    return clock.state in OPEN_STATES


def elapsed_us(clock: ClockLike, at: dt.datetime) -> int:
    """Return the working microseconds counted until `at`."""
    since = clock.running_since or _in_error_since(clock)
    if since is None or clock.promise is None:
        return clock.banked_us
    return clock.banked_us + clock.promise.calendar.timetable.elapsed(since, at)


def elapsed_percent(clock: ClockLike, at: dt.datetime) -> float | None:
    """Return the share of the target that is used, unclamped (B1); None where nothing is promised."""
    return None if clock.promise is None else elapsed_us(clock, at) * 100 / clock.promise.target_us


def is_breached_at(clock: ClockLike, at: dt.datetime) -> bool:
    """Tell whether the promise is broken, also where no monitor has seen it yet (B2)."""
    if clock.breached_at is not None:
        return True
    return clock.state == ClockState.RUNNING and clock.due_at is not None and at > clock.due_at


# --- what happens to a clock ------------------------------------------------------------------------------------------


def run(clock: ClockLike, at: dt.datetime) -> None:
    """Let a clock that does not run count from `at`, and work out its deadline under the promise in force."""
    promise = _promise_of(clock)
    _bank(clock, at)
    clock.state, clock.running_since = ClockState.RUNNING, at
    _judge_anew(clock, at)
    try:
        if clock.breached_at is None:
            _set_due(clock, promise, at)
        _plan(clock)
    except NoWorkingTime:
        _fail(clock)
    note(clock, at)


def pause(clock: ClockLike, at: dt.datetime, why: str) -> None:
    """Stop counting for a while. Free outside the hours; a deadline exists again when it runs (M6)."""
    _bank(clock, at)
    clock.state = ClockState.PAUSED
    _forget_deadline(clock)
    note(clock, at, why)


def deactivate(clock: ClockLike, at: dt.datetime) -> None:
    """Keep the bank and gain nothing: nothing is promised at present (T4)."""
    _bank(clock, at)
    clock.state, clock.promise = ClockState.INACTIVE, None
    _forget_deadline(clock)
    note(clock, at)


def stop(clock: ClockLike, at: dt.datetime, by: str) -> None:
    """End the clock; nothing changes it afterwards but a re-opening (T5).

    A clock that waits is judged by the target it would have run on with (B8).
    """
    was_waiting = clock.state == ClockState.PAUSED
    _bank(clock, at)
    if clock.promise is not None and was_waiting:
        _judge_anew(clock, at)
        if clock.breached_at is None and clock.banked_us > clock.promise.target_us:
            clock.due_at = clock.breached_at = at
    clock.state, clock.stopped_at, clock.stopped_by = ClockState.STOPPED, at, by
    clock.next_step = clock.next_action_at = None
    note(clock, at)


def cancel(clock: ClockLike, at: dt.datetime) -> None:
    """End the clock without a verdict; a breach that was there stays (M10)."""
    _bank(clock, at)
    clock.state = ClockState.CANCELLED
    _forget_deadline(clock)
    note(clock, at)


def reopen(clock: ClockLike, at: dt.datetime) -> None:
    """Make a stopped clock ready to run on from its bank (M7)."""
    if clock.breached_at is None:
        clock.reopened_count += 1
        clock.reopened_at = at
        clock.due_at = None
    clock.state, clock.stopped_at, clock.stopped_by = ClockState.INACTIVE, None, ""


def take_promise(clock: ClockLike, at: dt.datetime, promise: Promise) -> None:
    """Count from `at` against `promise`; what was counted before stays counted (T2, T3, T7).

    A clock that does not run only remembers it: nothing moves until it does.
    """
    _bank(clock, at)
    clock.promise = promise


def advance(clock: ClockLike, at: dt.datetime) -> list[Level]:
    """Pass every level reached by `at` and return them, lowest first, each with its true instant (B6)."""
    passed: list[Level] = []
    if clock.promise is None:  # its row of the policy is gone: there is nothing left to pass
        clock.next_step = clock.next_action_at = None
    while clock.next_step is not None and clock.next_action_at is not None and clock.next_action_at <= at:
        percent, reached_at = clock.next_step, clock.next_action_at
        if percent == BREACH:
            reached_at = clock.breached_at = clock.breached_at or clock.due_at or reached_at
        passed.append(Level(percent, reached_at))
        clock.reached_percent = percent
        try:
            _plan(clock)
        except NoWorkingTime:  # no such instant within ten years: there is no next level
            clock.next_step = clock.next_action_at = None
    return passed


def note(clock: ClockLike, at: dt.datetime, why: str = "") -> None:
    """Write down what the clock does from `at` on; explanations and reports read it."""
    promise = clock.promise
    entry = {
        "at": at.isoformat(),
        "state": str(clock.state),
        "why": str(why),
        "target_us": promise.target_us if promise else None,
        "calendar": promise.calendar.key if promise else None,
        "policy": promise.policy if promise else None,
        "priority": promise.priority if promise else "",
    }
    if not clock.history or clock.history[-1] | {"at": ""} != entry | {"at": ""}:
        clock.history = [*clock.history, entry]


# --- arithmetic -------------------------------------------------------------------------------------------------------


def _promise_of(clock: ClockLike) -> Promise:
    if clock.promise is None:
        raise ValueError("a clock without a promise cannot run")
    return clock.promise


def _bank(clock: ClockLike, at: dt.datetime) -> None:
    """Keep what was counted, and that the deadline passed if it did, whether or not a monitor was there (B3).

    What happened in time is in time, also where a monitor looked before it was written down (B2).
    """
    was_running = clock.state == ClockState.RUNNING
    if was_running and is_breached_at(clock, at):
        clock.breached_at = clock.breached_at or clock.due_at
    clock.banked_us = elapsed_us(clock, at)
    clock.running_since = None
    if was_running and clock.breached_at is not None and _is_in_time(clock, at):
        deadline = clock.due_at
        _withdraw(clock, at)
        _take_back(clock)
        clock.due_at = deadline
    if clock.state == ClockState.ERROR:
        clock.state = ClockState.INACTIVE  # what counted until the error ended is in the bank now


def _is_in_time(clock: ClockLike, at: dt.datetime) -> bool:
    return clock.due_at is not None and at <= clock.due_at and clock.banked_us <= _promise_of(clock).target_us


def _in_error_since(clock: ClockLike) -> dt.datetime | None:
    """Return since when there is no deadline. Time that the calendar has is counted all the same."""
    return dt.datetime.fromisoformat(clock.history[-1]["at"]) if clock.state == ClockState.ERROR else None


def _forget_deadline(clock: ClockLike) -> None:
    clock.next_step = clock.next_action_at = None
    if clock.breached_at is None:
        clock.due_at = None


def _set_due(clock: ClockLike, promise: Promise, at: dt.datetime) -> None:
    """Put the deadline where the rest of the target ends; too late for it is late from now, not from before (T2)."""
    left = promise.target_us - clock.banked_us
    if left < 0:
        clock.due_at = clock.breached_at = at
    else:
        clock.due_at = promise.calendar.timetable.add(at, left)


def _judge_anew(clock: ClockLike, at: dt.datetime) -> None:
    """Take back the breach and the levels that a longer target does not bear out (B5, B8); nothing else does."""
    promise, before = _promise_of(clock), _target_at(clock, None)
    if clock.breached_at is not None and clock.banked_us <= promise.target_us:
        broken = _target_at(clock, clock.breached_at)
        if broken is None or promise.target_us > broken:
            _withdraw(clock, at)
    if before is not None and promise.target_us > before and not _is_reached(clock, clock.reached_percent):
        _take_back(clock)


def _withdraw(clock: ClockLike, at: dt.datetime) -> None:
    clock.breached_at, clock.due_at = None, None
    clock.withdrawn_count += 1
    clock.withdrawn_at = at


def _take_back(clock: ClockLike) -> None:
    """Go back to the highest level that is still reached, and let those above be passed again."""
    below = [step for step in _promise_of(clock).thresholds if step < clock.reached_percent]
    clock.reached_percent = max((step for step in below if _is_reached(clock, step)), default=0)
    clock.revision += 1


def _target_at(clock: ClockLike, at: dt.datetime | None) -> int | None:
    """Return the target that was in force at `at`, None for lately; None where there was none."""
    entries = (
        entry
        for entry in reversed(clock.history)
        if entry["target_us"] and (at is None or dt.datetime.fromisoformat(entry["at"]) <= at)
    )
    return next((entry["target_us"] for entry in entries), None)


def _is_reached(clock: ClockLike, percent: int) -> bool:
    """Tell whether what is banked has reached `percent`; 100 is the breach itself, which is strict (B4)."""
    if percent == 0:
        return True
    if percent == BREACH:
        return clock.breached_at is not None
    return clock.banked_us * 100 >= percent * _promise_of(clock).target_us


def _plan(clock: ClockLike) -> None:
    """Find the next level and its instant."""
    promise = _promise_of(clock)
    step = next((step for step in promise.thresholds if step > clock.reached_percent), None)
    clock.next_step, clock.next_action_at = step, None
    if step is None or clock.running_since is None or clock.due_at is None:
        clock.next_step = None
    elif step == BREACH:
        clock.next_action_at = (clock.breached_at or clock.due_at) + TICK
    else:
        needed = -(-step * promise.target_us // 100) - clock.banked_us
        clock.next_action_at = promise.calendar.timetable.add(clock.running_since, max(0, needed))


def _fail(clock: ClockLike) -> None:
    """The calendar holds too little working time: the ticket goes on, the clock says so, health shows it (C12)."""
    clock.state, clock.running_since = ClockState.ERROR, None
    _forget_deadline(clock)
