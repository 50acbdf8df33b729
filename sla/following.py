"""What the journal says of a ticket, told to its book. Live tickets and replays read the same words here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from accounts.events import ORGANIZATION_CHANGED
from sla import events as ours
from sla.rules.book import Book, Opening
from sla.rules.promises import Case, Terms
from tickets import events

TermsOf = Callable[[], Terms]

FOLLOWED = (
    events.OPENED,
    *events.STATUS_KINDS,
    events.CUSTOMER_MESSAGE_POSTED,
    events.PUBLIC_REPLY_POSTED,
    events.PRIORITY_CHANGED,
    events.TEAM_CHANGED,
    events.FIELDS_CHANGED,
    events.MERGED,
    ours.MAINTENANCE_BEGAN,
    ours.MAINTENANCE_ENDED,
)
_STATUS = frozenset(kind.name for kind in events.STATUS_KINDS)
_CASE = frozenset(
    kind.name for kind in (events.PRIORITY_CHANGED, events.TEAM_CHANGED, events.FIELDS_CHANGED, ORGANIZATION_CHANGED)
)
MATCHED_FIELDS = frozenset({"product_area", "tags"})


class Entry(Protocol):
    """An event of the journal, or a row with the same names."""

    kind: str
    occurred_at: dt.datetime
    actor_id: int | None
    data: dict[str, Any]


def take_in(book: Book, entry: Entry, *, requester: int, terms_of: TermsOf) -> None:
    """Let what `entry` says happen to the book.

    terms_of: asked where it matters what is promised for the ticket after the event.
    """
    kind, at, data = entry.kind, entry.occurred_at, entry.data
    if kind == events.OPENED.name:
        book.opened(at, terms_of(), Opening(data.get("opening", Opening.CUSTOMER)))
    elif kind in _STATUS:
        book.status_changed(at, data["status"]["to"], terms_of())
    elif kind == events.CUSTOMER_MESSAGE_POSTED.name:
        if not data.get("is_automatic"):
            speak = book.answered if data.get("is_agents") else book.customer_spoke
            speak(at, terms_of())
    elif kind == events.PUBLIC_REPLY_POSTED.name:
        # An agent who asks for help themselves is a customer there, any other is not (M8).
        if not data.get("is_automatic"):
            speak = book.customer_spoke if entry.actor_id == requester else book.answered
            speak(at, terms_of())
    elif kind == events.MERGED.name:
        book.withdrawn(at)
    elif kind in (ours.MAINTENANCE_BEGAN.name, ours.MAINTENANCE_ENDED.name):
        book.maintenance_changed(at, is_on=kind == ours.MAINTENANCE_BEGAN.name)
    elif concerns_terms(entry):
        book.terms_changed(at, terms_of())


def concerns_terms(entry: Entry) -> bool:
    """Tell whether another policy or another of its rows may hold after `entry`."""
    if entry.kind == events.FIELDS_CHANGED.name:
        return bool(MATCHED_FIELDS & set(entry.data["changes"]))
    if entry.kind == ORGANIZATION_CHANGED.name:
        return "tier" in entry.data["changes"]
    return entry.kind in _CASE


def opening_case(data: dict[str, Any]) -> Case:
    """Return what policies look at in a ticket as it was opened, from the data of ticket.opened."""
    return Case(
        priority=data["priority"],
        tier=data.get("tier") or "",
        organization=data.get("organization"),
        product_area=data.get("product_area") or "",
        team=data.get("team"),
        tags=frozenset(data.get("tags") or ()),
    )


def changed_case(case: Case, entry: Entry) -> Case:
    """Return `case` as it is after `entry`."""
    if entry.kind == events.PRIORITY_CHANGED.name:
        return replace(case, priority=entry.data["priority"]["to"])
    if entry.kind == events.TEAM_CHANGED.name:
        return replace(case, team=entry.data["team"]["to"])
    changes = entry.data.get("changes", {})
    if entry.kind == ORGANIZATION_CHANGED.name:
        return replace(case, tier=changes["tier"]["to"]) if "tier" in changes else case
    if entry.kind == events.FIELDS_CHANGED.name:
        if "product_area" in changes:
            case = replace(case, product_area=changes["product_area"]["to"] or "")
        if "tags" in changes:
            case = replace(case, tags=frozenset(changes["tags"]["to"]))
    return case
