"""What each agent has in hand, and what they did in a period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from tickets.models import Message
from tickets.reporting.counts import SOLVED_STATUSES
from tickets.reporting.lengths import Lengths, lengths_by
from tickets.reporting.shapes import Asked
from tickets.vocabulary import OPEN_STATUSES, MessageKind, Priority


@dataclass(frozen=True)
class AgentLine:
    """One person who may work tickets. open: theirs now, and of these the two upper priorities.

    solved: tickets that are theirs now and were solved in the period.
    median_response: seconds to the first answer of tickets that are theirs now and were answered in the period.
    """

    pk: int
    name: str
    is_away: bool
    away_until: dt.datetime | None
    open: int
    critical: int
    high: int
    solved: int
    replies: int
    median_response: int | None


def agents(asked: Asked) -> list[AgentLine]:
    """Return a line for each person who may work tickets, in four queries; whoever has most in hand first."""
    people = User.objects.staff().with_right("tickets.work_ticket").order_by("name", "pk")
    tickets, replies = _tickets(asked), _replies(asked)
    responses = lengths_by(asked, "first_response_at", "assignee_id")
    nothing, none = (0, 0, 0, 0), Lengths()
    lines = [
        AgentLine(
            person.pk,
            person.name,
            person.is_away_at(asked.at),
            person.away_until,
            *tickets.get(person.pk, nothing),
            replies=replies.get(person.pk, 0),
            median_response=responses.get(person.pk, none).median,
        )
        for person in people
    ]
    return sorted(lines, key=lambda line: -line.open)


def _tickets(asked: Asked) -> dict[int, tuple[int, int, int, int]]:
    """Return for each assignee what is open, critical, high, and what was solved."""
    is_open = Q(status__in=OPEN_STATUSES)
    solved = Q(status__in=SOLVED_STATUSES, solved_at__gte=asked.period.since, solved_at__lt=asked.period.until)
    counted = (
        asked.tickets.filter(is_open | solved, assignee__isnull=False)
        .values_list("assignee")
        .annotate(
            n_open=Count("pk", filter=is_open),
            n_critical=Count("pk", filter=is_open & Q(priority=Priority.P1_CRITICAL)),
            n_high=Count("pk", filter=is_open & Q(priority=Priority.P2_HIGH)),
            n_solved=Count("pk", filter=solved),
        )
    )
    return {agent: (n_open, critical, high, done) for agent, n_open, critical, high, done in counted}


def _replies(asked: Asked) -> dict[int, int]:
    """Return how many public replies each person wrote in the period, without what a machine wrote in their name."""
    written = Message.objects.filter(
        kind=MessageKind.PUBLIC_REPLY,
        is_automatic=False,
        created_at__gte=asked.period.since,
        created_at__lt=asked.period.until,
        author__isnull=False,
        ticket__in=asked.tickets,
    )
    return dict(written.order_by().values_list("author").annotate(n=Count("pk")))
