"""Running a past ticket through policies again: the same book and the same words as live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from sla.following import Entry, changed_case, concerns_terms, opening_case, take_in
from sla.library import PoliciesAt
from sla.rules import clocks
from sla.rules.book import Book, Conversation
from sla.rules.clocks import Clock
from sla.rules.promises import Case, terms_for
from tickets.events import OPENED


@dataclass
class Replayed:
    """A ticket as it would stand. case: what policies looked at, at the end."""

    case: Case
    opened_at: dt.datetime
    clocks: list[Clock] = field(default_factory=list)


def replay(entries: Iterable[Entry], policies_at: PoliciesAt, *, until: dt.datetime) -> Replayed | None:
    """Return how the ticket's clocks would stand at `until`; None where its journal does not begin with its opening.

    entries: the journal of one ticket, oldest first, with the tier changes of its organization in their places.
    policies_at: the policies in force at an instant, in their order.
    """
    told = iter(entries)
    first = next(told, None)
    if first is None or first.kind != OPENED.name:
        return None
    ticket = Replayed(opening_case(first.data), first.occurred_at)
    conversation = Conversation(opened_at=first.occurred_at, changed_at=first.occurred_at)
    book = Book(conversation, [], lambda metric, at: Clock(metric, _next_cycle(ticket.clocks, metric), at))
    book.clocks = ticket.clocks  # type: ignore[assignment]  # one list: the book adds to it
    for entry in (first, *told):
        if entry is not first and concerns_terms(entry):
            ticket.case = changed_case(ticket.case, entry)
        at = entry.occurred_at
        take_in(
            book,
            entry,
            requester=first.data["requester"],
            terms_of=lambda at=at: terms_for(  # type: ignore[misc]
                policies_at(max(at, conversation.changed_at)), ticket.case
            ),
        )
    for clock in ticket.clocks:
        clocks.advance(clock, until)
    return ticket


def _next_cycle(existing: Iterable[Clock], metric: str) -> int:
    return 1 + sum(clock.metric == metric for clock in existing)
