"""What a rule would do, found out without doing it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from common.actors import Rule
from tickets.automation import actions
from tickets.automation.conditions import Tree, Verdict, evaluate, fields_used
from tickets.automation.doing import Doing, Planned
from tickets.automation.facts import facts_of, narrowed, readable, spans
from tickets.automation.fields import OF_EVENTS
from tickets.models.tickets import Ticket

SHOWN_MOST, LOOKED_AT_MOST = 20, 2000


@dataclass(frozen=True)
class Matches:
    """count: how many tickets the conditions hold for; where is_more, at least so many.   tickets: the first."""

    count: int
    tickets: list[Ticket]
    is_more: bool


@dataclass(frozen=True)
class Trial:
    """What one rule makes of one ticket."""

    ticket: Ticket
    verdict: Verdict
    steps: list[Planned]


def matches(tree: Tree, *, at: dt.datetime) -> Matches:
    """Return the tickets for which a checked tree holds now; what it asks of an event is left out.

    Of those that SQL cannot rule out, LOOKED_AT_MOST are looked at, the newest first.
    """
    tree = without_event(tree)
    rows = readable(Ticket.objects.filter(narrowed(tree, at=at)), fields_used(tree)).order_by("-pk")
    looked = list(rows[: LOOKED_AT_MOST + 1])
    held = [row for row in looked[:LOOKED_AT_MOST] if evaluate(tree, facts_of(row, at=at), spans=spans()).holds]
    return Matches(len(held), held[:SHOWN_MOST], len(looked) > LOOKED_AT_MOST)


def without_event(tree: Tree) -> Tree:
    """Return the tree without the conditions on the event, which no ticket has by itself."""
    join = "all" if "all" in tree else "any"
    parts: list[Any] = []
    for part in tree[join]:
        if "field" not in part:
            inner = without_event(part)
            parts += [inner] if next(iter(inner.values())) else []
        elif part["field"] not in OF_EVENTS:
            parts.append(part)
    return {join: parts} if parts else {"all": []}


def attempt(name: str, tree: Tree, steps: list[dict[str, Any]], ticket: Ticket, *, at: dt.datetime) -> Trial:
    """Judge one ticket and tell the plan. Nothing is written, nothing is sent."""
    row = readable(Ticket.objects.filter(pk=ticket.pk), fields_used(tree)).get()
    verdict = evaluate(tree, facts_of(row, at=at), spans=spans())
    return Trial(ticket, verdict, actions.plan(steps, row, Doing(Rule(name), at=at)))
