"""Giving a ticket to an agent by rule, and the new tickets that wait for it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import transaction

from accounts.models import Strategy, Team, User
from common import journal
from common.actors import SYSTEM, Actor, Rule
from common.errors import Conflict, Invalid
from common.time import now
from tickets import events
from tickets.access import require_sight, require_work
from tickets.assignment.candidates import candidates_for, need_of
from tickets.assignment.models import AssignmentTurn, AssignmentWish
from tickets.assignment.rules import choose
from tickets.models import Ticket
from tickets.services.changing import change_ticket
from tickets.services.locking import lock

log = structlog.get_logger(__name__)

RULES = {
    Strategy.SKILL_BASED: Rule("assignment by skills"),
    Strategy.ROUND_ROBIN: Rule("assignment in turn"),
    Strategy.LOAD_BALANCED: Rule("assignment by load"),
}


class Assigned(NamedTuple):
    """ticket: as it is now. reason: why it has its assignee, or none. is_new: this gave it to them."""

    ticket: Ticket
    reason: str
    is_new: bool


@transaction.atomic
def assign_ticket(
    ticket: Ticket, *, strategy: str = Strategy.SKILL_BASED, by: Actor, at: dt.datetime | None = None
) -> Assigned:
    """Give `ticket` to the agent whom `strategy` chooses, and open it where it is new.

    It stays as it is where it has an assignee already and where nobody fits. The journal names the rule as who did
    it, and by whom it was asked. Raises: Invalid for an unknown strategy, Conflict for a ticket that is not open.
    """
    if strategy not in RULES:
        raise Invalid(f"There is no strategy {strategy}. Use one of {', '.join(Strategy.values)}.", field="strategy")
    require_work(by)
    ticket, at = lock(ticket), at or now()
    require_sight(by, ticket)
    require_work(by, ticket)
    if ticket.assignee is not None:
        return Assigned(ticket, f"{ticket.reference} is {ticket.assignee}'s already.", is_new=False)
    if not ticket.is_open:
        state = ticket.get_status_display().lower()
        raise Conflict(f"{ticket.reference} is {state}; only open tickets are given to somebody.")
    turn = _turn_of(ticket.team)
    choice = choose(strategy, candidates_for(ticket, at=at), need_of(ticket), last_turn=turn.agent_id)
    if choice.agent is None:
        return Assigned(ticket, choice.reason, is_new=False)
    agent = User.objects.get(pk=choice.agent.id)
    if choice.is_turn:
        turn.agent, turn.taken_at = agent, at
        turn.save(update_fields=["agent", "taken_at"])
    asked_by = by.get_full_name() if isinstance(by, User) else ""
    why = {"reason": choice.reason, **({"asked_by": asked_by} if asked_by else {})}
    ticket = change_ticket(ticket, by=RULES[Strategy(strategy)], at=at, why=why, assignee=agent)
    return Assigned(ticket, choice.reason, is_new=True)


def _turn_of(team: Team | None) -> AssignmentTurn:
    """Return whose turn was last, locked: of all who choose in one group at a time, each sees what the last one did."""
    scope = f"team-{team.pk}" if team else AssignmentTurn.EVERYBODY
    AssignmentTurn.objects.get_or_create(scope=scope, defaults={"team": team})
    return AssignmentTurn.objects.select_for_update().get(scope=scope)


def _strategy_for_new(ticket: Ticket) -> str:
    strategy: str = ticket.team.strategy if ticket.team else settings.PORTAL_ASSIGNMENT_STRATEGY
    return strategy


@transaction.atomic
def want_assignment(ticket: Ticket) -> bool:
    """Note that the new `ticket` is to be given to somebody, and tell whether it is: by its team's strategy or, where
    it has no team, by the portal's. Opening it does not wait for whoever is choosing."""
    strategy = _strategy_for_new(ticket)
    if not strategy or ticket.assignee_id is not None:
        return False
    return AssignmentWish.objects.get_or_create(ticket=ticket, defaults={"strategy": strategy})[1]


def assign_wanted(*, at: dt.datetime | None = None, most: int = 200) -> int:
    """Give up to `most` new tickets to somebody, oldest first, and return how many found one.

    Two at once do no harm: whoever comes second to a ticket finds it done. One that fails waits for the next time and
    does not keep the others from theirs; its error is raised in the end.
    """
    found, failure = 0, None
    for wish in list(AssignmentWish.objects.order_by("wanted_at", "ticket_id")[:most]):
        try:
            found += _fulfil(wish.ticket_id, at=at or now())
        except Conflict as refusal:  # solved or closed meanwhile
            log.info("assignment_not_needed", ticket=wish.ticket_id, code=refusal.code)
            wish.delete()
        except Exception as error:
            log.exception("assignment_failed", ticket=wish.ticket_id)
            failure = error
    if failure is not None:
        raise failure
    return found


@transaction.atomic
def _fulfil(ticket_id: int, *, at: dt.datetime) -> bool:
    ticket = lock(Ticket(pk=ticket_id))
    wish = AssignmentWish.objects.filter(pk=ticket_id).first()
    if wish is None:  # another worker was faster
        return False
    assigned = assign_ticket(ticket, strategy=wish.strategy, by=SYSTEM, at=at)
    wish.delete()
    if assigned.ticket.assignee_id is None:
        journal.record(
            events.NOT_ASSIGNED,
            subject=assigned.ticket,
            by=RULES[Strategy(wish.strategy)],
            at=at,
            data={"reason": assigned.reason},
        )
    return assigned.is_new
