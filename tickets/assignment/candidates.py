"""Reads what the rules of assignment need to know: who could be chosen, and what the ticket asks for."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q

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


def candidates_for(ticket: Ticket, *, at: dt.datetime) -> list[Candidate]:
    """Return everybody who could be given `ticket`, away or not, in two queries."""
    at_hand = Q(assigned_tickets__status__in=LOAD_STATUSES)
    people = workers(ticket.team).annotate(
        open_count=Count("assigned_tickets", filter=at_hand),
        of_priority=Count("assigned_tickets", filter=at_hand & Q(assigned_tickets__priority=ticket.priority)),
    )
    return [
        Candidate(
            id=person.pk,
            name=person.name,
            skills=frozenset(skill.key for skill in person.skills.all()),
            is_away=person.is_away_at(at),
            open_count=person.open_count,
            of_priority=person.of_priority,
        )
        for person in people.order_by("pk").prefetch_related("skills")
    ]


def need_of(ticket: Ticket) -> Need:
    area = ticket.product_area
    return Need(
        priority=ticket.priority,
        skills=frozenset(area.skills.values_list("key", flat=True)) if area else frozenset(),
        area=area.name if area else "",
        team=ticket.team.name if ticket.team else "",
    )
