"""Escalation steps: each comes due once, and what became of it is written down.

Steps that tell somebody are taken up by the channels, in the same transaction. Steps that change the ticket are
rows that a task works off under the ticket's lock, never in the monitor's transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import structlog
from django.db import transaction

from common import journal, queue
from common.actors import SYSTEM, Rule
from common.errors import Conflict, PortalError
from common.time import now
from sla import events
from sla.models import ClockEvent, EscalationStep, StepRun
from sla.services.storms import Weather
from sla.vocabulary import COUNTING_STATES, TICKET_ACTIONS, Action, StepState
from tickets.models import Ticket
from tickets.services import change_ticket
from tickets.vocabulary import Priority

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=2)
BATCH = 20


def runs_of(
    event: ClockEvent, steps: Iterable[EscalationStep], *, ticket: Ticket, is_told: bool, weather: Weather
) -> Iterator[StepRun]:
    """Yield, unsaved, a run of each step. Notices are kept back in a storm, and where a higher level is told of."""
    for step in steps:
        is_notice = step.action not in TICKET_ACTIONS
        run = StepRun(event=event, step=step, ticket=ticket)
        if is_notice and not is_told:
            run.state, run.note = StepState.SUPPRESSED, "A higher level was reached at the same time."
        elif is_notice and weather.storm is not None:
            run.state, run.storm = StepState.SUPPRESSED, weather.storm
            run.note = "Many deadlines passed at once: one notice tells them all."
        yield run


def due_steps(runs: Sequence[StepRun]) -> None:
    """Store the runs, and let the channels and the worker know of those that are due."""
    StepRun.objects.bulk_create(runs, batch_size=500)
    for run in runs:
        if run.state != StepState.DUE:
            continue
        if run.step.action in TICKET_ACTIONS:
            _wake_worker()
        else:
            data = {"run": run.pk, "action": run.step.action, "what": _words(run)}
            journal.record(events.STEP_DUE, subject=run.ticket, by=SYSTEM, data=data)


def note_outcome(run: StepRun, state: StepState, note: str = "") -> None:
    """Write down what became of a step that was taken up, in the transaction at hand."""
    run.state, run.note, run.done_at = state, note[:300], now()
    run.save(update_fields=["state", "note", "done_at"])


def take_steps(*, most: int = 200) -> int:
    """Do to their tickets what due steps ask for, and return how many were taken."""
    taken = 0
    while taken < most:
        due = StepRun.objects.filter(state=StepState.DUE, step__action__in=TICKET_ACTIONS, due_at__lte=now())
        runs = queue.claim(due.order_by("due_at"), lease=LEASE, size=BATCH)
        if not runs:
            break
        for run in runs:
            try:
                _take(run.pk)
            except Exception:  # a fault in one must not keep the others back; its lease ends, and it is tried again
                log.exception("sla_step_failed", run=run.pk)
        taken += len(runs)
    return taken


@transaction.atomic
def _take(run_id: int) -> None:
    run = (
        StepRun.objects.select_for_update(of=("self",))
        .select_related("event__clock", "step__team", "step__person", "ticket")
        .get(pk=run_id)
    )
    if run.state != StepState.DUE:
        return
    if run.event.clock.state not in COUNTING_STATES or run.event.clock.revision != run.event.revision:
        note_outcome(run, StepState.SUPPRESSED, "It was answered, solved or given more time before this was done.")
        return
    try:
        with transaction.atomic():
            words = _act(run)
        note_outcome(run, StepState.DONE, words)
    except PortalError as refusal:
        note_outcome(run, StepState.NOT_DELIVERED, refusal.message)
    data = {"run": run.pk, "action": run.step.action, "state": run.state, "what": run.note or _words(run)}
    journal.record(events.STEP_TAKEN, subject=run.ticket, by=SYSTEM, data=data)


def _act(run: StepRun) -> str:
    """Change the ticket as the step says, and tell in words what was done."""
    by = Rule("escalation")
    if run.step.action == Action.RAISE_PRIORITY:
        higher = _one_higher(run.ticket.priority)
        if higher is None:
            return "It has the highest priority already."
        change_ticket(run.ticket, by=by, priority=higher)
        return f"Priority raised to {Priority(higher).label}."
    changes: dict[str, Any] = {}
    if run.step.team is not None:
        changes["team"] = run.step.team
    if run.step.person is not None:
        changes["assignee"] = run.step.person
    if not changes:
        raise Conflict("The team or person of the step is gone.")
    change_ticket(run.ticket, by=by, **changes)
    return f"Handed to {' and '.join(str(one) for one in changes.values())}."


def _one_higher(priority: str) -> str | None:
    order = list(Priority.values)
    place = order.index(priority)
    return order[place - 1] if place else None


def _words(run: StepRun) -> str:
    return f"{run.step.get_action_display()}, at {run.event.threshold} % of {run.step.get_metric_display().lower()}"


def _wake_worker() -> None:
    from sla.tasks import take_steps as task

    queue.nudge("sla-steps", task.delay)
