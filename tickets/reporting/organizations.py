"""One organization in numbers: for its page in the console, and for the monthly report that it is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Organization, User
from common.periods import Period, dates_period
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.reporting.counts import SOLVED_STATUSES
from tickets.reporting.lengths import Lengths, lengths
from tickets.reporting.promises import kept_percent
from tickets.reporting.shapes import Asked
from tickets.satisfaction.reports import Figures, satisfaction
from tickets.slots import Kept, KeptAsked, promises_kept
from tickets.vocabulary import OPEN_STATUSES, SPAM

MONTHS = 6
PEOPLE_MOST, TICKETS_MOST, REPORTED_MOST = 30, 10, 500


@dataclass(frozen=True)
class OrganizationAsked(Asked):
    """The same of one organization's tickets, without spam, which is nobody's question."""

    organization: Organization

    @property
    def tickets(self) -> TicketQuerySet:
        return super().tickets.filter(organization=self.organization).exclude(tags__name=SPAM)


@dataclass(frozen=True)
class KeptMonth:
    first: dt.date
    met: int
    broken: int

    @property
    def rate(self) -> float | None:
        return kept_percent(self.met, self.broken)


@dataclass(frozen=True)
class Use:
    """How much of what is included was used. share: in per cent, 100 at most; None without a limit."""

    used: Decimal | int
    included: Decimal | int | None

    @property
    def share(self) -> int | None:
        return min(100, int(100 * self.used / self.included)) if self.included else None

    @property
    def is_over(self) -> bool:
        return self.included is not None and self.used > self.included


@dataclass(frozen=True)
class MonthlyReport:
    """What an organization is told of one month: nothing internal is in it."""

    period: Period
    created: int
    solved: int
    open_count: int
    response: Lengths
    resolution: Lengths
    met: int
    broken: int
    ratings: Figures
    tickets: Sequence[Ticket]

    @property
    def rate(self) -> float | None:
        return kept_percent(self.met, self.broken)


def month_of(first: dt.date) -> Period:
    """Return the whole month that begins on `first`."""
    return dates_period(first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1))


def hours_used(organization: Organization) -> Use:
    return Use(organization.support_hours_used, organization.support_hours_included)


def tickets_this_month(organization: Organization, at: dt.datetime) -> Use:
    """Return how many tickets were opened in the present month of UTC, by which the quota counts."""
    month = at.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    opened = Ticket.objects.filter(organization=organization, created_at__gte=month).count()
    return Use(opened, organization.max_tickets_per_month)


def people_of(organization: Organization) -> list[User]:
    """Return who is active there, each with `open_count` and `ticket_count`; whoever asks most comes first."""
    people = organization.people.filter(is_active=True).annotate(
        ticket_count=Count("requested_tickets"),
        open_count=Count("requested_tickets", filter=Q(requested_tickets__status__in=OPEN_STATUSES)),
    )
    return list(people.order_by("-open_count", "-ticket_count", "name")[:PEOPLE_MOST])


def kept_months(organization: Organization, at: dt.datetime) -> list[KeptMonth]:
    """Return how promises were kept in each of the last months, the present one last; those without a verdict, too."""
    first = timezone.localdate(at).replace(day=1)
    months = [first]
    while len(months) < MONTHS:
        months.append((months[-1] - dt.timedelta(days=1)).replace(day=1))
    since, until = month_of(months[-1]).since, month_of(first).until
    rows = promises_kept(KeptAsked(since, until, organization.pk))
    return [KeptMonth(month, *_sums(rows, month_of(month))) for month in reversed(months)]


def monthly_report(asked: OrganizationAsked) -> MonthlyReport:
    """Return the month `asked.period`. Tickets in it are those opened or solved then, and those that were open."""
    period = asked.period
    created = Q(created_at__gte=period.since, created_at__lt=period.until)
    solved = Q(solved_at__gte=period.since, solved_at__lt=period.until, status__in=SOLVED_STATUSES)
    was_open = Q(created_at__lt=period.until)
    for end in ("solved_at", "closed_at"):
        was_open &= Q(**{end: None}) | Q(**{f"{end}__gte": period.until})
    counts = asked.tickets.aggregate(
        created=Count("pk", filter=created), solved=Count("pk", filter=solved), still=Count("pk", filter=was_open)
    )
    rows = asked.tickets.filter(created | solved | was_open).select_related("requester", "product_area")
    kept = promises_kept(KeptAsked(period.since, period.until, asked.organization.pk))
    met, broken = _sums(kept, period)
    return MonthlyReport(
        period=period,
        created=counts["created"],
        solved=counts["solved"],
        open_count=counts["still"],
        response=lengths(asked, "first_response_at")[0],
        resolution=lengths(asked, "solved_at")[0],
        met=met,
        broken=broken,
        ratings=satisfaction(period.since, period.until, organization=asked.organization.pk),
        tickets=list(rows.order_by("created_at", "pk")[:REPORTED_MOST]),
    )


def _sums(kept: Sequence[Kept], period: Period) -> tuple[int, int]:
    rows = [row for row in kept if period.first <= row.day <= period.last]
    return sum(row.met for row in rows), sum(row.broken for row in rows)
