"""The way through a queue: a ticket that was opened from one knows which come before and after it.

Its address says which queue (`queue`, as the queue's own address asks) and where in it the ticket stood when it was
listed (`at`). So the next one is still the next after an answer has taken the ticket out of the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import User
from common.console import change_url, changelist_url
from common.keyset import BadCursor, OtherOrder, cursor_at, rows_beside
from tickets.access import may_see
from tickets.console.asked import Asked
from tickets.console.shared import habits
from tickets.models import Habits, Ticket
from tickets.services import present_elsewhere

QUEUE_CHARACTERS_MOST = 1500  # of what is asked: addresses much longer are cut off on their way


@dataclass(frozen=True)
class Trail:
    """queue: what was asked of the queue, as its address says it. at: the cursor of the ticket in it."""

    queue: str
    at: str

    @classmethod
    def read(cls, query: QueryDict) -> Trail | None:
        """Return where the page was opened from; None where it was opened by itself."""
        queue, at = query.get("queue"), query.get("at", "")
        return None if queue is None or len(queue) > QUEUE_CHARACTERS_MOST else cls(queue.removeprefix("?"), at)

    @property
    def query(self) -> str:
        """What the address of a ticket's page says of it, to be put behind "?"."""
        return urlencode({"queue": self.queue, "at": self.at})

    @property
    def queue_url(self) -> str:
        return f"{changelist_url(Ticket)}?{self.queue}"

    def asked(self, reader: User) -> Asked:
        return Asked.read(QueryDict(self.queue), reader)

    def beside(
        self, ticket: Ticket, reader: User, *, is_before: bool = False, is_free: bool = False
    ) -> tuple[Ticket, Trail] | None:
        """Return the ticket before or after this one, and the trail that goes on from it; None at an end.

        is_free: pass over those that a colleague has open.
        """
        tickets = self.asked(reader).tickets(reader)
        wanted = tickets.exclude(pk=ticket.pk)
        if is_free:
            wanted = wanted.exclude(pk__in=present_elsewhere(reader))
        try:
            rows = rows_beside(wanted, self.at, 1, is_before=is_before)
        except (BadCursor, OtherOrder):  # the order changed since: begin where the ticket stands now
            rows = rows_beside(wanted, cursor_at(tickets, ticket), 1, is_before=is_before)
        return (rows[0], Trail(self.queue, cursor_at(tickets, rows[0]))) if rows else None


def ticket_url(ticket: Ticket, trail: Trail | None) -> str:
    """Return the address of the ticket's page, on its way through a queue where there is one."""
    return f"{change_url(ticket)}?{trail.query}" if trail else change_url(ticket)


def url_after(ticket: Ticket, trail: Trail | None, reader: User) -> str:
    """Return where one stays: the ticket's page, or the queue where it went to a team that `reader` does not see."""
    if may_see(reader, ticket):
        return ticket_url(ticket, trail)
    return trail.queue_url if trail else changelist_url(Ticket)


def with_addresses(tickets: list[Any], asked: Asked, reader: User) -> None:
    """Give each row of a queue its `address`, from which the way goes on."""
    queue, order = asked.address().removeprefix("?"), asked.tickets(reader)
    for ticket in tickets:
        ticket.address = ticket_url(ticket, Trail(queue, cursor_at(order, ticket)))


def onward_from(ticket: Ticket, trail: Trail | None, request: HttpRequest) -> str | None:
    """Return where the agent goes on after the ticket, as they chose it; None where they stay."""
    reader: User = request.user  # type: ignore[assignment]
    then = habits(request).then
    if trail is None or then == Habits.Then.STAY:
        return changelist_url(Ticket) if then == Habits.Then.QUEUE else None
    found = trail.beside(ticket, reader, is_free=True) if then == Habits.Then.NEXT else None
    if found is None and then == Habits.Then.NEXT:
        messages.info(request, "That was the last ticket here.")
    return ticket_url(*found) if found else trail.queue_url


def go_beside(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the ticket before or after one; at the end of the queue, back to it."""
    reader: User = request.user  # type: ignore[assignment]
    ticket = get_object_or_404(Ticket.objects.visible_to(reader), pk=pk)
    trail = Trail.read(request.GET) or Trail("", "")
    is_before = request.GET.get("way") == "previous"
    found = trail.beside(ticket, reader, is_before=is_before)
    if found is None:
        messages.info(request, "That was the first ticket here." if is_before else "That was the last ticket here.")
        return HttpResponseRedirect(trail.queue_url)
    return HttpResponseRedirect(ticket_url(*found))
