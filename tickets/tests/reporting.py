"""What the tests of reports share: a Monday at noon, and tickets that have a past."""

from __future__ import annotations

import datetime as dt

from common.periods import named_period
from common.time import now
from tickets import services
from tickets.models import Survey, Ticket
from tickets.reporting.shapes import Asked
from tickets.vocabulary import Channel

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)  # Monday
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def opened(requester, *, days: float = 1, **more) -> Ticket:
    """Open a ticket so many days ago."""
    facts = {"subject": "Lineage is empty", "description": "Since the upgrade.", "channel": Channel.WEB, **more}
    return services.open_ticket(requester=requester, by=requester, at=NOON - days * DAY, **facts)


def answered(requester, agent, *, days: float = 1, after: float = 1, **more) -> Ticket:
    """Open a ticket so many days ago that is the agent's and was answered so many hours after that."""
    ticket = opened(requester, days=days, **more)
    services.change_ticket(ticket, by=agent, assignee=agent, at=ticket.created_at)
    services.post_public_reply(ticket, body="Please reindex.", by=agent, at=ticket.created_at + after * HOUR)
    ticket.refresh_from_db()
    return ticket


def solved(requester, agent, *, days: float = 1, after: float = 2, **more) -> Ticket:
    ticket = answered(requester, agent, days=days, after=after / 2, **more)
    return services.solve_ticket(ticket, by=agent, at=ticket.created_at + after * HOUR)


def rated(ticket, rating: int, *, days: float = 0, comment: str = "") -> Survey:
    at = NOON - days * DAY
    return services.rate_ticket(
        ticket, rating=rating, comment=comment, by=ticket.requester, via=Survey.Via.PORTAL, at=at
    )


def asked(reader, name: str = "7d") -> Asked:
    return Asked(reader, named_period(name), now())
