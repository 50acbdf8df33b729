"""The feed of changes: noting them, numbering them, forgetting old ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max

from common import retention
from common.journal import Event
from tickets import events
from tickets.models import ChangeFeed, TicketChange

CHANGES_KEPT = dt.timedelta(days=30)
ROWS = 1000  # numbered in one transaction
TICKET = "tickets.ticket"
# What happens about a ticket and leaves it as it was.
SILENT = frozenset({events.VIEWED_BY_LINK.name, events.LINK_RESENT.name, events.LINK_REVOKED.name})


def note_change(event: Event) -> None:
    """Write that the ticket of `event` changed, in the transaction at hand."""
    if event.subject_type == TICKET and event.kind not in SILENT:
        TicketChange.objects.create(
            ticket_id=event.subject_id,
            is_creation=event.kind == events.OPENED.name,
            **_lost(event),
        )


def number_changes() -> None:
    """Give every committed change its place in the feed. What is committed later comes after all of them."""
    while TicketChange.objects.filter(sequence=None).exists():
        if not _number_some():
            return


@transaction.atomic
def _number_some() -> int:
    """Number up to ROWS changes under the lock of the feed; of several plain ones of a ticket one is kept."""
    ChangeFeed.objects.get_or_create(pk=1)
    feed = ChangeFeed.objects.select_for_update().get(pk=1)
    rows = list(TicketChange.objects.filter(sequence=None).order_by("pk")[:ROWS])
    last = {row.ticket_id: row for row in rows}
    created = {row.ticket_id for row in rows if row.is_creation}
    kept = [row for row in rows if row is last[row.ticket_id] or row.has_losers]
    for number, row in enumerate(kept, feed.head + 1):
        row.sequence = number
        row.is_creation = row.ticket_id in created
    keys = {row.pk for row in kept}
    TicketChange.objects.filter(pk__in=[row.pk for row in rows if row.pk not in keys]).delete()
    TicketChange.objects.bulk_update(kept, ["sequence", "is_creation"], batch_size=200)
    feed.head += len(kept)
    feed.save(update_fields=["head"])
    return len(rows)


def purge_changes(at: dt.datetime) -> int:
    """Forget old changes, and remember up to where. They are numbered first, so that nobody passes one unaware."""
    number_changes()
    with transaction.atomic():
        feed = ChangeFeed.objects.select_for_update().filter(pk=1).first()
        if feed is None:
            return 0
        old = TicketChange.objects.filter(recorded_at__lt=at - CHANGES_KEPT, sequence__isnull=False)
        feed.floor = max(feed.floor, old.aggregate(last=Max("sequence"))["last"] or 0)
        feed.save(update_fields=["floor"])
    return retention.delete_in_batches(TicketChange.objects.filter(sequence__lte=feed.floor))


def _lost(event: Event) -> dict[str, Any]:
    """Return who may no longer see the ticket: the former assignee or follower, or those of the former team."""
    if event.kind == events.ASSIGNED.name:
        return {"lost_person": event.data["assignee"]["from"]}
    if event.kind == events.TEAM_CHANGED.name:
        return {"lost_team": event.data["team"]["from"] or TicketChange.NO_TEAM}
    if event.kind == events.FOLLOWER_REMOVED.name:
        return {"lost_person": event.data["person"]}
    return {}


retention.register("changes of tickets", purge_changes)
