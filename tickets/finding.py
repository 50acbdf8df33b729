"""What a view of the queue asks for: filters by name, each with its values, as the queue's address has them.

A value that means nothing finds nothing, so a link that was mistyped never shows more than was asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from common.time import now
from tickets.models import Follower, Ticket
from tickets.vocabulary import OPEN_STATUSES

if TYPE_CHECKING:
    from accounts.models import User

Filters = Mapping[str, Sequence[str]]
NOTHING = Q(pk__in=())
SOON = dt.timedelta(hours=4)


@dataclass(frozen=True)
class Sort:
    label: str
    terms: tuple[str, ...]


SORTS = {
    "urgency": Sort("Time left", ("next_due_at", "priority", "pk")),
    "priority": Sort("Priority", ("priority", "next_due_at", "pk")),
    "updated": Sort("Latest activity", ("-updated_at", "-pk")),
    "quiet": Sort("Longest without activity", ("updated_at", "pk")),
    "newest": Sort("Newest", ("-pk",)),
    "oldest": Sort("Oldest", ("pk",)),
}
DEFAULT_SORT = "urgency"


def usual_sort(filters: Filters) -> str:
    """Return the order where none is asked for: what is over has no time left to be sorted by."""
    return DEFAULT_SORT if set(filters.get("status", ())) <= {"open", *OPEN_STATUSES} else "newest"


def condition(filters: Filters, reader: User) -> Q:
    """Return what holds for the tickets that `filters` ask for.

    Where they name no status, it is an open one; where they do not ask for tickets that are put aside, it is not.
    """
    found = Q() if filters.get("status") else Q(status__in=OPEN_STATUSES)
    found &= Q() if filters.get("snoozed") else Q(snoozed_until__isnull=True)
    for name, values in filters.items():
        if values and name in READERS:
            found &= READERS[name](values, reader)
    return found


def _one_of(column: str) -> Callable[[Sequence[str], User], Q]:
    return lambda values, reader: Q(**{f"{column}__in": values})


def _ids(column: str) -> Callable[[Sequence[str], User], Q]:
    """Return a filter by rows' numbers; "none" and "nobody" are no row, "me" and "mine" are the reader's."""

    def read(values: Sequence[str], reader: User) -> Q:
        found = NOTHING
        for value in values:
            if value in ("none", "nobody"):
                found |= Q(**{f"{column}__isnull": True})
            elif value == "me":
                found |= Q(**{column: reader.pk})
            elif value == "mine":
                found |= Q(**{f"{column}__in": reader.teams.values("pk")})
            elif value.isascii() and value.isdecimal() and len(value) < 19:
                found |= Q(**{column: int(value)})
        return found

    return read


def _status(values: Sequence[str], reader: User) -> Q:
    if "all" in values:
        return Q()
    return Q(status__in=[*values, *(OPEN_STATUSES if "open" in values else ())])


def _tags(values: Sequence[str], reader: User) -> Q:
    """By a subquery: a join would show, and count, a ticket with two of the tags twice."""
    names = [name for value in values if (name := "-".join(value.lower().split()))]
    return Q(pk__in=Ticket.tags.through.objects.filter(tag__name__in=names).values("ticket")) if names else Q()


def _due(values: Sequence[str], reader: User) -> Q:
    at = now()
    ends = {"overdue": at, "soon": at + SOON, "today": _start_of(timezone.localdate(at) + dt.timedelta(days=1))}
    found = NOTHING
    for value in values:
        if value in ends:
            found |= Q(next_due_at__lt=ends[value])
        elif value == "none":
            found |= Q(next_due_at__isnull=True)
    return found


def _since(column: str) -> Callable[[Sequence[str], User], Q]:
    def read(values: Sequence[str], reader: User) -> Q:
        day = day_of(values[-1])
        return Q(**{f"{column}__gte": _start_of(day)}) if day else NOTHING

    return read


def _until(column: str) -> Callable[[Sequence[str], User], Q]:
    def read(values: Sequence[str], reader: User) -> Q:
        day = day_of(values[-1])
        return Q(**{f"{column}__lt": _start_of(day + dt.timedelta(days=1))}) if day else NOTHING

    return read


def _days_ago(column: str, side: str) -> Callable[[Sequence[str], User], Q]:
    """Return a filter by whole days: solved in the last 7, quiet for 3."""

    def read(values: Sequence[str], reader: User) -> Q:
        value = values[-1]
        if not (value.isascii() and value.isdecimal() and len(value) < 5):
            return NOTHING
        return Q(**{f"{column}__{side}": now() - dt.timedelta(days=int(value))})

    return read


def _followed(values: Sequence[str], reader: User) -> Q:
    return Q(pk__in=Follower.objects.filter(person=reader.pk).values("ticket")) if "me" in values else NOTHING


def _snoozed(values: Sequence[str], reader: User) -> Q:
    return Q() if "any" in values else Q(snoozed_until__isnull=False) if "yes" in values else NOTHING


READERS: dict[str, Callable[[Sequence[str], User], Q]] = {
    "status": _status,
    "assignee": _ids("assignee"),
    "label": _ids("label"),
    "form": _ids("request_form"),
    "priority": _one_of("priority"),
    "team": _ids("team"),
    "due": _due,
    "area": _ids("product_area"),
    "tier": _one_of("organization__tier"),
    "channel": _one_of("channel"),
    "tag": _tags,
    "followed": _followed,
    "snoozed": _snoozed,
    "quiet": _days_ago("updated_at", "lt"),
    "solved": _days_ago("solved_at", "gte"),
    "since": _since("created_at"),
    "until": _until("created_at"),
    "requester": _ids("requester"),
    "organization": _ids("organization"),
}


def day_of(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _start_of(day: dt.date) -> dt.datetime:
    """Return the instant at which `day` begins where the reader is."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
