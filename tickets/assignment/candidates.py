"""Reads what the rules of assignment need to know: who could be chosen, and what the ticket asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count

from accounts.models import Role, Team, User
from accounts.querysets import UserQuerySet
from tickets.assignment.rules import LOAD_STATUSES, Candidate, Need
from tickets.models import Ticket


def workers(team: Team | None) -> UserQuerySet:
    """Return who may be given tickets: the active members of `team` who may work; without a team all agents."""
    found = User.objects.staff().with_right("tickets.work_ticket")
    if team is None:
        return found.filter(groups__name=Role.AGENT)
    return found.filter(teams=team)


def open_by_priority(**narrowing: Any) -> dict[int, dict[str, int]]:
    """Return how many tickets each assignee has at hand, in one query that costs what is open, however much is closed.

    narrowing: as a filter of tickets takes it.   Shape: {assignee's id: {priority: count}}.
    """
    counted: dict[int, dict[str, int]] = {}
    rows = Ticket.objects.filter(assignee__isnull=False, status__in=LOAD_STATUSES, **narrowing).order_by()
    for agent, priority, count in rows.values_list("assignee", "priority").annotate(count=Count("pk")):
        counted.setdefault(agent, {})[priority] = count
    return counted


def candidates_for(ticket: Ticket, *, at: dt.datetime) -> list[Candidate]:
    """Return everybody who could be given `ticket`, away or not, in three queries."""
    people = list(workers(ticket.team).order_by("pk").prefetch_related("skills"))
    counts = open_by_priority(assignee__in=[person.pk for person in people])
    return [
        Candidate(
            id=person.pk,
            name=person.name,
            skills=frozenset(skill.key for skill in person.skills.all()),
            is_away=person.is_away_at(at),
            open_count=sum(counts.get(person.pk, {}).values()),
            of_priority=counts.get(person.pk, {}).get(ticket.priority, 0),
        )
        for person in people
    ]


def need_of(ticket: Ticket) -> Need:
    area = ticket.product_area
    return Need(
        priority=ticket.priority,
        skills=frozenset(area.skills.values_list("key", flat=True)) if area else frozenset(),
        area=area.name if area else "",
        team=ticket.team.name if ticket.team else "",
    )
