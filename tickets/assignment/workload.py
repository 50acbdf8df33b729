"""How much every agent has in hand, in as many queries however many agents and tickets there are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F

from accounts.models import Team, User
from tickets.assignment.candidates import open_by_priority
from tickets.models import Ticket
from tickets.vocabulary import Priority, Status

RESPONSE_DAYS = 30


def workload(*, at: dt.datetime, team: Team | None = None) -> list[dict[str, Any]]:
    """Return the work of all who may be given tickets, busiest first. team: its members only.

    Shape: [{agent_id, agent_name, agent_email, availability, away_until, open_tickets, by_priority: {priority: count},
    resolved_today, avg_response_time_seconds: whole seconds or None}]. Counted are those whose ticket it is now.
    """
    people = User.objects.staff().with_right("tickets.work_ticket")
    if team is not None:
        people = people.filter(teams=team)
    open_counts, resolved, responses = open_by_priority(), _resolved_since(_day_of(at)), _responses(at)
    rows = [
        {
            "agent_id": person.pk,
            "agent_name": person.name,
            "agent_email": person.email,
            "availability": (User.Availability.AWAY if person.is_away_at(at) else User.Availability.AVAILABLE).value,
            "away_until": person.away_until if person.is_away_at(at) else None,
            "open_tickets": sum(open_counts.get(person.pk, {}).values()),
            "by_priority": dict.fromkeys(Priority.values, 0) | open_counts.get(person.pk, {}),
            "resolved_today": resolved.get(person.pk, 0),
            "avg_response_time_seconds": responses.get(person.pk),
        }
        for person in people
    ]
    return sorted(rows, key=lambda row: (-row["open_tickets"], row["agent_name"], row["agent_id"]))


def _resolved_since(day: dt.datetime) -> dict[int, int]:
    # What was solved since then was changed since then, and by that there is an index.
    rows = _assigned().filter(updated_at__gte=day, solved_at__gte=day, status__in=(Status.SOLVED, Status.CLOSED))
    return dict(rows.values_list("assignee").annotate(n=Count("pk")))


def _responses(at: dt.datetime) -> dict[int, int]:
    rows = _assigned().filter(
        created_at__gte=at - dt.timedelta(days=RESPONSE_DAYS), created_at__lte=at, first_response_at__isnull=False
    )
    wait = ExpressionWrapper(F("first_response_at") - F("created_at"), output_field=DurationField())
    return {agent: round(mean.total_seconds()) for agent, mean in rows.values_list("assignee").annotate(mean=Avg(wait))}


def _assigned() -> Any:
    return Ticket.objects.filter(assignee__isnull=False).order_by()


def _day_of(at: dt.datetime) -> dt.datetime:
    """Return the beginning of the UTC day."""
    return at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
