"""What pages show of a ticket's promises: the API's `sla`, the customer's sentence, and the panel of the console."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Tier, User
from common.time import now
from sla import library
from sla.models import Clock, StepRun
from sla.rules.clocks import elapsed_us, is_breached_at, is_open
from sla.rules.explanation import WORDS, Stretch, deadline_of, stretches, unfold
from sla.rules.hours import is_always
from sla.rules.promises import Case, Policy, Promise, terms_for
from sla.rules.timetable import Reason, Timetable
from sla.vocabulary import ClockState, Metric, PauseReason, StepState
from sla.words import DAY, due_words, duration_words, short_due_words, target_words
from tickets.models import Ticket
from tickets.rules import within_tier
from tickets.vocabulary import Priority

DUE_NAMES = {
    Metric.FIRST_RESPONSE: "first_response_due_at",
    Metric.NEXT_RESPONSE: "next_response_due_at",
    Metric.RESOLUTION: "resolution_due_at",
}
RESPONSES = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
WAITING_SENTENCES = {
    PauseReason.WAITING: "We are waiting for your answer. The clock waits for you.",
    PauseReason.HELD: "The ticket is on hold. The clock waits until work on it goes on.",
    PauseReason.MAINTENANCE: "Maintenance is going on. The clock waits until it ends.",
}
NOT_COUNTED = {
    Reason.WAITING: "while we waited for you",
    Reason.HELD: "on hold",
    Reason.MAINTENANCE: "of maintenance",
}
LINES_MOST = 8  # a longer explanation is folded
CIRCUMFERENCE = 37.7  # of the ring that components draw: 2 pi 6


def clocks_of(tickets: Sequence[Ticket]) -> dict[int, list[Clock]]:
    """Return the clocks of each ticket, oldest cycle first, in one query."""
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).order_by("metric", "cycle"):
        found[clock.ticket_id].append(clock)
    return found


# --- the API ----------------------------------------------------------------------------------------------------------


def api_objects(tickets: Sequence[Ticket]) -> dict[int, dict[str, Any]]:
    """Return the `sla` member of each ticket (docs/api.md)."""
    at, found = now(), clocks_of(tickets)
    return {pk: _api_object(clocks, at) for pk, clocks in found.items()}


def _api_object(clocks: Iterable[Clock], at: dt.datetime) -> dict[str, Any]:
    shown: dict[str, Any] = dict.fromkeys(DUE_NAMES.values())
    clocks = list(clocks)
    for clock in clocks:
        if clock.metric in DUE_NAMES and (clock.metric != Metric.NEXT_RESPONSE or is_open(clock)):
            shown[DUE_NAMES[Metric(clock.metric)]] = clock.due_at
    shown["breached"] = any(is_breached_at(clock, at) for clock in clocks)
    shown["paused"] = any(clock.state == ClockState.PAUSED for clock in clocks)
    return shown


# --- the customer -----------------------------------------------------------------------------------------------------


def promises(tickets: Sequence[Ticket]) -> dict[int, dict[str, Any]]:
    """Return who answers by when, for each open ticket, in one sentence to its customer."""
    at, found = now(), clocks_of(tickets)
    said = {ticket.pk: promise_of(ticket, found.get(ticket.pk, []), at) for ticket in tickets}
    return {pk: promise for pk, promise in said.items() if promise}


def promise_of(ticket: Ticket, clocks: Sequence[Clock], at: dt.datetime) -> dict[str, Any] | None:
    """Return the sentence to the ticket's customer as components/promise.html takes it; None once it is solved."""
    if not ticket.is_open:
        return None
    opened = {clock.metric: clock for clock in clocks if is_open(clock) and clock.promise is not None}
    response = next((opened[metric] for metric in RESPONSES if metric in opened), None)
    clock = response or opened.get(Metric.RESOLUTION) or opened.get(Metric.PERIODIC_UPDATE)
    if clock is None:
        words = "We answer as soon as we can. No time is promised for this ticket."
        return {"text": words, "why": "", "tone": "grey", "glyph": "clock"}
    return {"text": _sentence(clock, at), "why": _why(clock, at), "tone": _tone(clock, at), "glyph": ""}


def _sentence(clock: Clock, at: dt.datetime) -> SafeString | str:
    if clock.state == ClockState.PAUSED and not is_breached_at(clock, at):
        return WAITING_SENTENCES[PauseReason(clock.history[-1]["why"])]
    if clock.due_at is None:
        return "We are working on it."
    deed = "have this solved" if clock.metric == Metric.RESOLUTION else "answer"
    due = due_words(clock.due_at)
    if is_breached_at(clock, at):
        promised = "a solution" if clock.metric == Metric.RESOLUTION else "an answer"
        return format_html("We are late: we promised {} by <strong>{}</strong>, your time.", promised, due)
    return format_html("We will {} by <strong>{}</strong>, your time.", deed, due)


def _tone(clock: Clock, at: dt.datetime) -> str:
    if is_breached_at(clock, at):
        return "red"
    return "grey" if clock.state == ClockState.PAUSED else ""


def _why(clock: Clock, at: dt.datetime) -> str:
    """Tell how the time is worked out: target, calendar, and what was not counted for another reason than the hours."""
    promise = clock.promise
    if promise is None:
        return ""
    promised = "a solution" if clock.metric == Metric.RESOLUTION else "an answer"
    words = f"Your plan promises {promised} within {target_words(promise.target_us)}, {_counted_in(promise.calendar)}."
    lines = stretches(unfold(clock, at, timetable))
    for reason, told in NOT_COUNTED.items():
        spent = sum(line.microseconds for line in lines if line.words == WORDS[reason])
        if spent:
            words += f" {duration_words(spent)} {told} are not counted."
    return words


def _counted_in(calendar: library.Calendar) -> str:
    hours = calendar.timetable.hours
    if is_always(hours):
        return "day and night"
    return f"counted in our {calendar.name} ({hours.zone_name.replace('_', ' ')} time)"


def expectations(people: Sequence[User]) -> dict[int, list[tuple[str, str]]]:
    """Return how soon a new ticket of each person is first answered, by priority, as the policies in force have it."""
    policies = library.policies_at(now())
    return {person.pk: list(_expectations(person, policies)) for person in people}


def _expectations(person: User, policies: Sequence[Policy]) -> Iterator[tuple[str, str]]:
    """Yield each priority with its target, and in what they are counted once for all where that is the same."""
    promised = dict(_first_responses(person, policies))
    counted = dict.fromkeys(_counted_in(promise.calendar) for promise in promised.values())
    for priority, promise in promised.items():
        words = f"within {target_words(promise.target_us)}"
        yield priority.label, words if len(counted) == 1 else f"{words}, {_counted_in(promise.calendar)}"
    if len(counted) == 1:
        (words,) = counted
        yield "Hours", words[:1].upper() + words[1:]


def _first_responses(person: User, policies: Sequence[Policy]) -> Iterator[tuple[Priority, Promise]]:
    organization = person.organization
    for priority in Priority:
        if within_tier(priority, organization.tier if organization else Tier.COMMUNITY) != priority:
            continue  # nobody of this tier is given it
        case = Case(priority, organization.tier if organization else "", person.organization_id)
        promise = terms_for(policies, case).get(Metric.FIRST_RESPONSE)
        if promise is not None:
            yield priority, promise


# --- the console ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """A clock as the console's panel draws it.

    look: fine, warning, breached, paused or none.   arc: length of the ring's arc.
    """

    name: str
    look: str
    left: str
    used: str
    due: str
    percent: float
    arc: float
    title: str
    lines: list[Line]
    rule: str


@dataclass(frozen=True)
class Line:
    """A line of a face's explanation. length: in words, of what counted, or of what did not."""

    start: dt.datetime
    end: dt.datetime
    is_counted: bool
    words: str
    length: str


@dataclass(frozen=True)
class Ended:
    """A clock that is over, in a line. look: met, breached or cancelled."""

    look: str
    words: str


def panels(tickets: Sequence[Ticket]) -> dict[int, dict[str, Any]]:
    """Return the panel of each ticket's clocks and escalations for its console page."""
    at, found = now(), clocks_of(tickets)
    runs: dict[int, list[StepRun]] = defaultdict(list)
    shown = StepRun.objects.filter(ticket__in=[ticket.pk for ticket in tickets])
    for run in shown.select_related("step", "event").order_by("-pk"):
        runs[run.ticket_id].append(run)
    names = library.names_of(clock.policy_version_id for clocks in found.values() for clock in clocks if is_open(clock))
    return {
        ticket.pk: {
            "faces": [
                face_of(clock, at, names.get(clock.policy_version_id or 0, ""))
                for clock in found[ticket.pk]
                if is_open(clock)
            ],
            "ended": [_ended(clock) for clock in found[ticket.pk] if not is_open(clock)],
            "runs": [(run, _run_look(run)) for run in runs[ticket.pk]],
        }
        for ticket in tickets
    }


def face_of(clock: Clock, at: dt.datetime, version: str) -> Face:
    """Return what the panel draws of an open clock. version: of its policy, in words."""
    promise = clock.promise
    name = clock.get_metric_display() + (f" {clock.cycle}" if clock.cycle > 1 else "")
    if promise is None:
        rule = "No policy promises anything for this ticket as it is now."
        return Face(name, "none", clock.get_state_display(), "", "", 0, 0, "", [], rule)
    used, is_day_and_night = elapsed_us(clock, at), is_always(promise.calendar.timetable.hours)

    def length(microseconds: int) -> str:
        return duration_words(microseconds, is_around_the_clock=is_day_and_night)

    percent, target = used * 100 / promise.target_us, length(promise.target_us)
    row = f"{version}, {clock.get_priority_row_display()}"
    return Face(
        name=name,
        look=_look(clock, percent, min(promise.thresholds), at),
        left=_left(clock, promise.target_us - used, at, is_day_and_night),
        used=f"{length(used)} of {target} used",
        due=f"due {short_due_words(clock.due_at)}" if clock.due_at else "",
        percent=min(100.0, round(percent, 1)),
        arc=round(min(percent, 100) * CIRCUMFERENCE / 100, 1),
        title=f"Why {_day_words(clock.due_at)}" if clock.due_at else "What counted so far",
        lines=lines_of(clock, at, is_day_and_night),
        rule=f"{row}: {target}. Calendar: {promise.calendar.name}.",
    )


def times_left(tickets: Sequence[Ticket]) -> dict[int, dict[str, Any]]:
    """Return how long the nearest promise of each ticket has left, as a row of the queue shows it."""
    at, found = now(), clocks_of(tickets)
    nearest = {pk: _nearest(clocks, at) for pk, clocks in found.items()}
    return {
        pk: _time_left(clock, clock.promise, at)
        for pk, clock in nearest.items()
        if clock is not None and clock.promise is not None
    }


def _nearest(clocks: Iterable[Clock], at: dt.datetime) -> Clock | None:
    """Return the clock that runs out first; where none runs, one that is paused."""
    counted = [clock for clock in clocks if is_open(clock) and clock.promise is not None]
    running = [clock for clock in counted if clock.due_at is not None and clock.state == ClockState.RUNNING]
    late = [clock for clock in counted if clock.due_at is not None and is_breached_at(clock, at)]
    first = min(running or late, key=lambda clock: clock.due_at or at, default=None)
    return first or next(iter(counted), None)


def _time_left(clock: Clock, promise: Promise, at: dt.datetime) -> dict[str, Any]:
    used, is_day_and_night = elapsed_us(clock, at), is_always(promise.calendar.timetable.hours)
    percent = used * 100 / promise.target_us
    look = _look(clock, percent, min(promise.thresholds), at)
    left = _left(clock, promise.target_us - used, at, is_day_and_night).removesuffix(" left")
    return {
        "look": look,
        "arc": round(min(percent, 100) * CIRCUMFERENCE / 100, 1),
        "words": "Paused" if look == "paused" else left,
        "name": _pause_words(clock) if look == "paused" else clock.get_metric_display(),
    }


def _pause_words(clock: Clock) -> str:
    if clock.state == ClockState.ERROR:
        return "No working time"
    return {
        PauseReason.WAITING: "Customer’s turn",
        PauseReason.HELD: "On hold",
        PauseReason.MAINTENANCE: "Maintenance",
    }[PauseReason(clock.history[-1]["why"])]


def lines_of(clock: Clock, at: dt.datetime, is_day_and_night: bool) -> list[Line]:
    """Return the clock's explanation; where it is long, working days in a row are one line, without their nights."""

    def line(part: Stretch) -> Line:
        length = duration_words(part.microseconds, is_around_the_clock=is_day_and_night)
        return Line(part.start, part.end, part.is_counted, part.words, length)

    found = stretches(unfold(clock, deadline_of(clock, at), timetable))
    if len(found) <= LINES_MOST:
        return [line(part) for part in found]
    lines: list[Line] = []
    for is_run, grouped in groupby(found, key=_is_working_days):
        parts = list(grouped)
        counted = [place for place, part in enumerate(parts) if part.is_counted]
        if not is_run or len(counted) < 2:
            lines += map(line, parts)
            continue
        first, last = counted[0], counted[-1]
        length = duration_words(sum(parts[place].microseconds for place in counted))
        folded = Line(parts[first].start, parts[last].end, True, "counted, nights not", length)
        lines += [*map(line, parts[:first]), folded, *map(line, parts[last + 1 :])]
    return lines


def _is_working_days(part: Stretch) -> bool:
    return part.is_counted or part.words == WORDS[Reason.NIGHT]


def _look(clock: Clock, percent: float, warning: int, at: dt.datetime) -> str:
    if is_breached_at(clock, at):
        return "breached"
    if clock.state != ClockState.RUNNING:
        return "paused"
    return "warning" if percent >= warning else "fine"


def _left(clock: Clock, left_us: int, at: dt.datetime, is_day_and_night: bool) -> str:
    """Tell the working time that is left; beyond a day, the day it is due."""
    if is_breached_at(clock, at):
        return f"{duration_words(left_us, is_around_the_clock=is_day_and_night)} over"
    if clock.state == ClockState.ERROR:
        return "No working time"
    if clock.state != ClockState.RUNNING or clock.due_at is None:
        return f"Waits, {duration_words(left_us, is_around_the_clock=is_day_and_night)} left"
    if clock.due_at - at > dt.timedelta(microseconds=DAY):
        return short_due_words(clock.due_at)
    return f"{duration_words(left_us, is_around_the_clock=is_day_and_night)} left"


def _day_words(instant: dt.datetime) -> str:
    return due_words(instant).replace(" at ", " ")


def _ended(clock: Clock) -> Ended:
    name = clock.get_metric_display() + (f" {clock.cycle}" if clock.cycle > 1 else "")
    if clock.state == ClockState.CANCELLED and clock.breached_at is None:
        return Ended("cancelled", f"{name} was called off")
    used = duration_words(clock.banked_us)
    of = f" of {duration_words(clock.target_us)}" if clock.target_us else ""
    if clock.breached_at is not None:
        return Ended("breached", f"{name} was late, after {used}{of}")
    solved = ", solved without an answer" if clock.metric in RESPONSES and clock.stopped_by == "RESOLUTION" else ""
    return Ended("met", f"{name} after {used}{of}{solved}")


def _run_look(run: StepRun) -> tuple[str, str]:
    return {
        StepState.DUE: ("blue", "clock"),
        StepState.DONE: ("green", "circle-check"),
        StepState.NOT_DELIVERED: ("amber", "triangle-alert"),
        StepState.SUPPRESSED: ("grey", "ban"),
    }[StepState(run.state)]


def timetable(version_id: int) -> Timetable:
    """Return the timetable of a calendar's version, as explanations ask for it."""
    return library.calendar(version_id).timetable
