"""The tickets of the demonstration, told through the same services as real ones, at the times of their story."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import ProductArea, Team, User
from accounts.seeding import people_by_key
from common import context
from common.actors import SYSTEM
from common.time import now
from tickets import services
from tickets.models import Survey, Ticket
from tickets.vocabulary import Channel, MessageKind, Status

FILE = Path(__file__).parent / "seed" / "tickets.jsonl"
# What the solved tickets of the demonstration were rated, one after another: 0 stands for no answer.
RATINGS = (5, 4, 0, 5, 3, 4, 0, 5, 2, 4, 5, 0, 4, 1, 5, 4)
COMMENTS = {
    1: "Two days until somebody answered, and then I was asked for what I had already written.",
    2: "It works now, but nobody told me why it had stopped.",
    3: "In the end it was solved. The first answer did not fit my question.",
    5: "Quick, friendly, and the explanation was one I could pass on to my colleagues.",
}
RATED_AFTER = dt.timedelta(hours=30)
BACKFILL = context.Origin(request_id="seed_demo", is_backfill=True)


def seed_tickets() -> Iterator[Ticket | None]:
    """Make the demonstration's tickets one by one, yielding each; None for one that is there already."""
    people = people_by_key()
    areas = {area.key: area for area in ProductArea.objects.select_related("team")}
    at = now()
    with FILE.open(encoding="utf-8") as lines, context.origin(BACKFILL):
        for number, line in enumerate(lines, start=1):
            external_id = f"demo-{number}"
            if Ticket.objects.filter(external_id=external_id).exists():
                yield None
            else:
                yield _tell(json.loads(line), external_id, people, areas, at)


@transaction.atomic
def _tell(
    row: dict[str, Any], external_id: str, people: dict[str, User], areas: dict[str, ProductArea], at: dt.datetime
) -> Ticket:
    opened_at = at - dt.timedelta(hours=row["hours_ago"])
    requester = people[row["requester"]]
    first, *rest = row["messages"]
    ticket = services.open_ticket(
        subject=row["subject"],
        description=first["body"],
        requester=requester,
        by=requester,
        channel=Channel(row["channel"]),
        priority=row["priority"],
        product_area=areas[row["product_area"].upper()],
        environment=row["environment"],
        product_version=row["product_version"],
        tags=row["tags"],
        custom_fields={"severity": row["severity"]} if row["severity"] else {},
        external_id=external_id,
        at=opened_at,
    )
    _assign(ticket, row, people, opened_at + dt.timedelta(minutes=5))
    said_at = opened_at
    for message in rest:
        said_at = opened_at + dt.timedelta(hours=message["hours_after"])
        _say(ticket, message, people, said_at)
    _end(ticket, row["status"], people.get(row["assignee"] or "") or requester, said_at + dt.timedelta(minutes=2))
    _rate(ticket, int(external_id.rpartition("-")[2]), at)
    return ticket


def _assign(ticket: Ticket, row: dict[str, Any], people: dict[str, User], at: dt.datetime) -> None:
    changes: dict[str, Any] = {}
    if row["team"]:
        changes["team"] = Team.objects.get_or_create(name=row["team"].capitalize())[0]
    if row["assignee"]:
        changes["assignee"] = people[row["assignee"]]
    if changes:
        services.change_ticket(ticket, by=people.get(row["assignee"] or "", SYSTEM), at=at, **changes)


def _say(ticket: Ticket, message: dict[str, Any], people: dict[str, User], at: dt.datetime) -> None:
    who, body = people[message["by"]], message["body"]
    if message["kind"] == MessageKind.INTERNAL_NOTE:
        services.add_internal_note(ticket, body=body, by=who, at=at)
    elif message["kind"] == MessageKind.PUBLIC_REPLY:
        services.post_public_reply(ticket, body=body, by=who, at=at)
    else:
        if who != ticket.requester:
            services.add_follower(ticket, who, by=ticket.requester, at=at)
        services.post_customer_message(ticket, body=body, by=who, channel=Channel(ticket.channel), at=at)


def _end(ticket: Ticket, status: str, by: User, at: dt.datetime) -> None:
    ticket.refresh_from_db()
    if status == Status.CLOSED and ticket.status != Status.SOLVED:
        services.solve_ticket(ticket, by=by, at=at)
        at += dt.timedelta(days=7)
    if status == Status.CANCELLED:
        services.cancel_ticket(ticket, by=by, at=at)
    elif status not in (ticket.status, Status.NEW):
        services.change_ticket(ticket, by=SYSTEM, status=status, at=min(at, now()))


def _rate(ticket: Ticket, number: int, at: dt.datetime) -> None:
    """Let the requester of a ticket that has been solved for a while be asked, and most of them answer."""
    ticket.refresh_from_db()
    if ticket.solved_at is None or ticket.solved_at > at - 2 * RATED_AFTER:
        return
    asked_at = ticket.solved_at + dt.timedelta(hours=settings.PORTAL_SURVEY_DELAY_HOURS)
    rating = RATINGS[number % len(RATINGS)]
    if services.ask_for_rating(ticket, at=min(asked_at, at)) and rating:
        comment = COMMENTS.get(rating, "") if number % 3 else ""
        rated_at = min(asked_at + dt.timedelta(hours=6), at)
        requester, via = ticket.requester, Survey.Via.MAIL
        services.rate_ticket(ticket, rating=rating, comment=comment, by=requester, via=via, at=rated_at)
