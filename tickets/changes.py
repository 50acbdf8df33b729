"""Reading the feed of changes: what of it a reader may know."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from accounts.models import User
from common.errors import PortalError
from tickets.access import sees_every
from tickets.models import ChangeFeed, Ticket, TicketChange
from tickets.services.changes import number_changes


class ChangesForgotten(PortalError):
    """The reader stopped so long ago that changes since then are no longer kept."""

    code = "changes_forgotten"
    http_status = 410


@dataclass(frozen=True)
class Page:
    """rows: changes in their order.   visible: numbers of those of their tickets that the reader sees.

    next_after: where to go on.   has_more: whether there is more at once.
    """

    rows: list[TicketChange] = field(default_factory=list)
    visible: frozenset[int] = frozenset()
    next_after: int = 0
    has_more: bool = False


def changes_after(after: int | None, *, reader: User, limit: int) -> Page:
    """Return up to `limit` changes after the sequence `after` that concern `reader`; None: only where the feed stands.

    Raises: ChangesForgotten, also for a sequence that this feed has never given.
    """
    number_changes()
    feed = ChangeFeed.objects.filter(pk=1).first() or ChangeFeed(pk=1)
    if after is None:
        return Page(next_after=feed.head)
    if not feed.floor <= after <= feed.head:
        raise ChangesForgotten(
            "The changes since then are no longer kept, or were never made here. Start over: ask without `after`, "
            "list all tickets, and follow the changes from there.",
            data={"oldest_after": feed.floor},
        )
    # Up to the head that was read: what is numbered meanwhile comes with the next page.
    found = _concerning(reader).filter(sequence__gt=after, sequence__lte=feed.head).order_by("sequence")
    rows = list(found[: limit + 1])
    has_more, rows = len(rows) > limit, rows[:limit]
    seen = Ticket.objects.visible_to(reader).filter(pk__in=[row.ticket_id for row in rows])
    last = rows[-1].sequence if has_more else feed.head
    return Page(rows, frozenset(seen.values_list("pk", flat=True)), last or 0, has_more)


def _concerning(reader: User) -> QuerySet[TicketChange]:
    """Return the changes of tickets that `reader` sees, and those by which they may have lost sight of one."""
    if sees_every(reader):
        return TicketChange.objects.all()
    visible = Ticket.objects.visible_to(reader).values("pk")
    theirs = Q(ticket_id__in=visible) | Q(lost_person=reader.pk)
    if reader.has_perm("tickets.view_ticket"):
        teams = reader.teams.through.objects.filter(user=reader.pk).values("team")
        theirs |= Q(lost_team__in=teams) | Q(lost_team=TicketChange.NO_TEAM)
    return TicketChange.objects.filter(theirs)
