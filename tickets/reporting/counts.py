"""How many: what is open, what came and was solved each day, what it was about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, Q, Value, When
from django.db.models.functions import TruncDate

from tickets.reporting.shapes import Asked
from tickets.vocabulary import OPEN_STATUSES, Priority, Status

SOLVED_STATUSES = (Status.SOLVED, Status.CLOSED)
UNANSWERED_MOST = 200
AREAS_MOST = 50
NO_AREA = "No product area"
# Up to how many days old, and what that is called; the last is without end.
AGES = ((1, "Under 1 day"), (3, "1 to 3 days"), (7, "3 to 7 days"), (30, "7 to 30 days"), (None, "Over 30 days"))


@dataclass(frozen=True)
class OpenTickets:
    """What is open: how many of each priority and status, and of each age, in the order of AGES."""

    by_priority: dict[str, dict[str, int]]
    by_age: list[tuple[str, int]]

    @property
    def count(self) -> int:
        return sum(count for _, count in self.by_age)


@dataclass(frozen=True)
class Waiting:
    """A ticket that nobody has answered. assignee: a name, or empty."""

    pk: int
    reference: str
    subject: str
    priority: str
    status: str
    assignee: str
    created_at: dt.datetime
    waiting_seconds: int


def open_tickets(asked: Asked) -> OpenTickets:
    """Return what is open now, in one query."""
    counted = asked.tickets.open().annotate(age=_age(asked.at))
    by_priority: dict[str, dict[str, int]] = {priority: dict.fromkeys(OPEN_STATUSES, 0) for priority in Priority.values}
    by_age = dict.fromkeys((words for _, words in AGES), 0)
    for priority, status, age, count in counted.values_list("priority", "status", "age").annotate(n=Count("pk")):
        by_priority[priority][status] += count
        by_age[age] += count
    return OpenTickets(by_priority, list(by_age.items()))


def per_day(asked: Asked) -> list[tuple[dt.date, int, int]]:
    """Return for each day of the period, in the present zone, how many tickets were opened and how many solved.

    What was solved and opened again is not solved.
    """
    rows = _by_day(asked, "created_at").union(_by_day(asked, "solved_at", status__in=SOLVED_STATUSES), all=True)
    found = {(column, day): count for day, column, count in rows}
    days = (asked.period.last - asked.period.first).days + 1
    spanned = (asked.period.first + dt.timedelta(days=n) for n in range(days))
    return [(day, found.get(("created_at", day), 0), found.get(("solved_at", day), 0)) for day in spanned]


def came_and_went(asked: Asked) -> tuple[int, int]:
    """Return how many tickets were opened in the period, and how many were solved."""
    since, until = asked.period.since, asked.period.until
    created = Q(created_at__gte=since, created_at__lt=until)
    solved = Q(solved_at__gte=since, solved_at__lt=until, status__in=SOLVED_STATUSES)
    counts = asked.tickets.filter(created | solved).aggregate(
        created=Count("pk", filter=created), solved=Count("pk", filter=solved)
    )
    return counts["created"], counts["solved"]


def product_areas(asked: Asked, *, most: int = AREAS_MOST) -> list[tuple[str, int]]:
    """Return what the tickets opened in the period are about, the busiest first."""
    since, until = asked.period.since, asked.period.until
    rows = asked.tickets.filter(created_at__gte=since, created_at__lt=until).values_list("product_area__name")
    ranked = rows.annotate(n=Count("pk")).order_by("-n", "product_area__name")[:most]
    return [(name or NO_AREA, count) for name, count in ranked]


def oldest_unanswered(asked: Asked, *, most: int = UNANSWERED_MOST) -> list[Waiting]:
    """Return the open tickets that nobody has answered yet, the longest waiting first."""
    rows = asked.tickets.filter(status__in=(Status.NEW, Status.OPEN), first_response_at=None)
    rows = rows.select_related("assignee").order_by("created_at", "pk")
    return [
        Waiting(
            one.pk,
            one.reference,
            one.subject,
            one.priority,
            one.status,
            one.assignee.name if one.assignee else "",
            one.created_at,
            max(0, round((asked.at - one.created_at).total_seconds())),
        )
        for one in rows[:most]
    ]


def _by_day(asked: Asked, column: str, **only: Any) -> Any:
    """Return (day, `column`, how many) for each day of the period into which `column` of a ticket fell."""
    span = {f"{column}__gte": asked.period.since, f"{column}__lt": asked.period.until}
    rows = asked.tickets.filter(**span, **only).annotate(day=TruncDate(column), what=Value(column))
    return rows.values_list("day", "what").annotate(n=Count("pk"))


def _age(at: dt.datetime) -> Case:
    """Return the bucket a ticket's age is in."""
    cases = [
        When(created_at__gt=at - dt.timedelta(days=days), then=Value(words)) for days, words in AGES if days is not None
    ]
    return Case(*cases, default=Value(AGES[-1][1]), output_field=CharField())
