"""Whom an escalation step tells, by which way, and what is noted of it. Runs in the monitor's own transaction.

Every action has a ladder: the first rung on which somebody can be reached is taken, and why the rungs before it
led to nobody is noted and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from accounts.models import Team, User
from common import context
from common.journal import Event
from integrations import registry
from integrations.services import queue_delivery
from integrations.slack import channels as slack_channels
from sla import library
from sla.models import StepRun
from sla.rules.clocks import elapsed_us
from sla.services import note_outcome
from sla.vocabulary import Action, StepState
from tickets.assignment.standing_in import stand_in_for
from tickets.models import Ticket

log = structlog.get_logger(__name__)

ROLES = {
    "manager": "the manager",
    "director": "the director",
    "vp_engineering": "the VP of engineering",
    "on_call": "whoever is on call",
    "leadership": "the leadership",
}


@dataclass(frozen=True)
class Reached:
    """Somebody to write to: people, or an address that stands for a role or a channel. deed: how a note tells it."""

    deed: str
    kind: str = "email"
    people: tuple[User, ...] = ()
    address: str = ""
    role: str = ""


Rung = Callable[[StepRun], Reached | str]  # words say why nobody is there


def escalate(event: Event) -> None:
    """Write the deliveries of a step that came due, and note on its run whom it reached and whom it could not."""
    run = _run(event)
    if run.state != StepState.DUE:
        return
    if context.current().is_backfill:
        note_outcome(run, StepState.SUPPRESSED, "It lies in the past: nobody is told of it now.")
        return
    reached, reasons = _climb(rung(run) for rung in LADDERS[run.step.action])
    why_not = " ".join(reasons)
    if reached is None:
        note_outcome(run, StepState.NOT_DELIVERED, f"{why_not} Nobody was told.")
        return
    _queue(reached, "sla_escalation", event, {**_facts(run), "reason": why_not})
    if reasons:
        note_outcome(run, StepState.NOT_DELIVERED, f"{why_not} {reached.deed} instead.")
    else:
        note_outcome(run, StepState.DONE, f"{reached.deed}.")


def tell_of_storm(event: Event) -> None:
    """Write the one notice that stands for those of every deadline in the storm, pages among them."""
    if context.current().is_backfill:
        return
    reached, reasons = _climb(_by_role(role) for role in ("leadership", "manager"))
    if reached is None:
        log.warning("storm_has_no_reader", storm=event.subject_id)
    else:
        _queue(reached, "sla_storm", event, {"reason": " ".join(reasons)})


def _run(event: Event) -> StepRun:
    """Return the run with its clock. Its step is read once for all, its ticket is at hand: many come due at once."""
    run = StepRun.objects.select_related("event__clock").get(pk=event.data["run"])
    run.step = library.step(run.step_id)
    if isinstance(event.subject, Ticket):
        run.ticket = event.subject
    return run


def _climb(tries: Iterable[Reached | str]) -> tuple[Reached | None, list[str]]:
    """Return the first who is reached, and why those before could not be."""
    reasons: list[str] = []
    for tried in tries:
        if isinstance(tried, Reached):
            return tried, reasons
        reasons.append(tried)
    return None, reasons


def _queue(reached: Reached, template: str, event: Event, payload: dict[str, Any]) -> None:
    if reached.address:
        payload["role"] = reached.role
        queue_delivery(
            kind=reached.kind,
            template=template,
            destination=reached.address,
            event=event,
            payload=payload,
            stream=f"ticket:{event.subject_id}" if reached.kind == "slack" else "",
        )
    for person in reached.people:
        queue_delivery(
            kind=reached.kind,
            template=template,
            destination=person.email,
            event=event,
            recipient=person,
            payload=payload,
        )


def _facts(run: StepRun) -> dict[str, Any]:
    """Return how the clock stood when the level was seen: by the time it is read, the clock may have moved on."""
    clock = run.event.clock
    promise = clock.promise
    return {
        "priority": clock.priority_row,
        "calendar": promise.calendar.name if promise else "",
        "target_us": clock.target_us,
        "used_us": elapsed_us(clock, run.event.recorded_at),
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "is_breached": clock.breached_at is not None,
    }


# --- rungs ------------------------------------------------------------------------------------------------------------


def _assignee(run: StepRun) -> Reached | str:
    assignee = run.ticket.assignee
    if assignee is None:
        return "Nobody is assigned."
    if not User.objects.staff().filter(pk=assignee.pk).exists():
        return f"{assignee.name}, who is assigned, is not active."
    at = run.event.recorded_at
    if assignee.is_away_at(at):
        stand_in = stand_in_for(assignee, at=at)
        if stand_in is None:
            return f"{assignee.name}, who is assigned, is away and nobody stands in."
        return Reached(f"Mailed to {stand_in.name}, who stands in for {assignee.name}", people=(stand_in,))
    return Reached(f"Mailed to {assignee.name}", people=(assignee,))


def _ticket_team(run: StepRun) -> Reached | str:
    return _members(run.ticket.team)


def _step_team(run: StepRun) -> Reached | str:
    return _members(run.step.team or run.ticket.team)


def _members(team: Team | None) -> Reached | str:
    if team is None:
        return "No team has the ticket."
    people = tuple(User.objects.staff().filter(teams=team).order_by("pk"))
    return Reached(f"Mailed to team {team}", people=people) if people else f"Team {team} has no active members."


def role_address(role: str) -> str:
    """Return the address that the settings name for a role of ROLES; "" where they name none."""
    return settings.PORTAL_ROLE_ADDRESSES.get(role, "").strip()


def _by_role(role: str) -> Reached | str:
    address = role_address(role)
    if not address:
        return f"No address is set for {ROLES[role]}."
    return Reached(f"Mailed to {address}", address=address, role=role)


def _role(role: str) -> Rung:
    return lambda run: _by_role(role)


def _channel(name: str, label: str) -> Rung:
    """Return the rung of another kind of integration. The settings say where in it escalations go."""

    def rung(run: StepRun) -> Reached | str:
        kind = registry.kind(name)
        if kind is None or not kind.is_on():
            return f"{label} is not connected."
        address = getattr(settings, "PORTAL_ESCALATION_CHANNELS", {}).get(name, "")
        if not address or not slack_channels.is_chosen(address):
            return f"No channel is set for {kind.label}."
        return Reached(f"Sent to {kind.label}", kind=name, address=address)

    return rung


LADDERS: dict[str, tuple[Rung, ...]] = {
    Action.NOTIFY_ASSIGNEE: (_assignee, _ticket_team, _role("manager")),
    Action.NOTIFY_TEAM: (_step_team, _role("manager")),
    Action.NOTIFY_MANAGER: (_role("manager"),),
    Action.ESCALATE_TO_DIRECTOR: (_role("director"), _role("manager")),
    Action.ESCALATE_TO_VP_ENGINEERING: (_role("vp_engineering"), _role("manager")),
    Action.POST_TO_SLACK: (_channel("slack", "Slack"), _role("manager")),
    Action.PAGE_ON_CALL: (_channel("pagerduty", "Paging"), _role("on_call"), _role("manager")),
}
