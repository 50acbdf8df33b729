"""All that the dashboard and the weekly mail tell, read together and kept for a minute for each reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone

from common.periods import Period
from tickets.reporting.agents import AgentLine, agents
from tickets.reporting.counts import (
    OpenTickets,
    Waiting,
    came_and_went,
    oldest_unanswered,
    open_tickets,
    per_day,
    product_areas,
)
from tickets.reporting.lengths import Lengths, lengths
from tickets.reporting.promises import within
from tickets.reporting.shapes import Asked
from tickets.satisfaction.reports import Figures, satisfaction_in
from tickets.slots import Kept, KeptAsked, promises_kept

SECONDS = 60
OLDEST_SHOWN, AREAS_SHOWN = 6, 8


@dataclass(frozen=True)
class Overview:
    """Pairs are of the period, and of the one before. days: (day, created, solved).

    kept: promises by day and tier, from the beginning of the period before.
    """

    open: OpenTickets
    days: list[tuple[dt.date, int, int]]
    response: tuple[Lengths, Lengths]
    resolution: tuple[Lengths, Lengths]
    ratings: tuple[Figures, Figures]
    kept: list[Kept]
    agents: list[AgentLine]
    areas: list[tuple[str, int]]
    oldest: list[Waiting]

    @property
    def created(self) -> int:
        return sum(created for _, created, _ in self.days)

    @property
    def solved(self) -> int:
        return sum(solved for _, _, solved in self.days)

    def promises(self, period: Period) -> tuple[int, int]:
        """Return how many promises were kept on the days of `period`, and how many broken."""
        rows = within(self.kept, period)
        return sum(row.met for row in rows), sum(row.broken for row in rows)


def read_overview(asked: Asked) -> Overview:
    """Return the numbers as they are now, in a dozen queries however many tickets there are."""
    period, before = asked.period, asked.period.before
    ratings, rated_before = satisfaction_in([(period.since, period.until), (before.since, before.until)])
    return Overview(
        open=open_tickets(asked),
        days=per_day(asked),
        response=lengths(asked, "first_response_at"),
        resolution=lengths(asked, "solved_at"),
        ratings=(ratings, rated_before),
        kept=promises_kept(KeptAsked(before.since, period.until)),
        agents=agents(asked),
        areas=product_areas(asked, most=AREAS_SHOWN),
        oldest=oldest_unanswered(asked, most=OLDEST_SHOWN),
    )


def kept_overview(asked: Asked) -> Overview:
    """Return the numbers as they were at most SECONDS ago."""
    period = asked.period
    zone = timezone.get_current_timezone_name()
    key = f"reporting:{asked.reader.pk}:{period.first}:{period.last}:{zone.replace(' ', '')}"
    found: Overview | None = cache.get(key)
    if found is None:
        found = read_overview(asked)
        cache.set(key, found, SECONDS)
    return found


def flow_before(asked: Asked) -> tuple[int, int]:
    """Return how many tickets were opened and how many solved in the period before."""
    return came_and_went(Asked(asked.reader, asked.period.before, asked.at))
