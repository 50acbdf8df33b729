"""What many console pages need and seldom changes: the side bar's numbers, what a ticket may be set to, one's habits.

All are fetched with one look into the cache and may be SECONDS old; a save is always checked by the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.models import ProductArea, Team, User
from tickets.finding import condition
from tickets.models import CustomField, Habits, RequestForm, SavedView, StatusLabel, Ticket

SECONDS = 30
CHOICES_KEY = "console:choices"

Pairs = list[tuple[int, str]]


@dataclass(frozen=True)
class Choices:
    agents: Pairs
    teams: Pairs
    areas: Pairs
    fields: list[CustomField]
    labels: list[StatusLabel]
    forms: Pairs


@dataclass(frozen=True)
class Entry:
    """A view in the side bar, and how many tickets are in it."""

    pk: int
    name: str
    glyph: str
    count: int


def entries(request: HttpRequest) -> list[Entry]:
    """Return the views that the person may open, in the order of the side bar."""
    found: list[Entry] = _shared(request)[_entries_key(request)]
    return found


def choices(request: HttpRequest) -> Choices:
    found: Choices = _shared(request)[CHOICES_KEY]
    return found


def habits(request: HttpRequest) -> Habits:
    found: Habits = _shared(request)[_habits_key(request)]
    return found


def forget_habits(request: HttpRequest) -> None:
    """Make the person's next page read their habits anew."""
    cache.delete(_habits_key(request))


def forget_choices() -> None:
    """Make the next page read the choices anew."""
    cache.delete(CHOICES_KEY)


def forget_views(request: HttpRequest) -> None:
    """Make the person's next page read the views anew."""
    cache.delete(_entries_key(request))


def _shared(request: HttpRequest) -> dict[str, Any]:
    known: dict[str, Any] | None = getattr(request, "console_shared", None)
    if known is None:
        entries_key, habits_key = _entries_key(request), _habits_key(request)
        known = cache.get_many([CHOICES_KEY, entries_key, habits_key])
        if CHOICES_KEY not in known:
            known[CHOICES_KEY] = _read_choices()
            cache.set(CHOICES_KEY, known[CHOICES_KEY], SECONDS)
        if entries_key not in known:
            known[entries_key] = _read_entries(request.user)
            cache.set(entries_key, known[entries_key], SECONDS)
        if habits_key not in known:
            known[habits_key] = Habits.objects.filter(person=request.user.pk).first() or Habits()
            cache.set(habits_key, known[habits_key], SECONDS)
        request.console_shared = known  # type: ignore[attr-defined]
    return known


def _entries_key(request: HttpRequest) -> str:
    return f"console:views:{request.user.pk}"


def _habits_key(request: HttpRequest) -> str:
    return f"console:habits:{request.user.pk}"


def _read_choices() -> Choices:
    return Choices(
        agents=[(one.pk, f"{one.name}, away" if one.is_away else one.name) for one in _agents()],
        teams=list(Team.objects.values_list("pk", "name")),
        areas=list(ProductArea.objects.filter(is_active=True).values_list("pk", "name")),
        fields=list(CustomField.objects.filter(is_active=True)),
        forms=list(RequestForm.objects.values_list("pk", "name")),
        labels=list(StatusLabel.objects.filter(is_active=True)),
    )


def _agents() -> QuerySet[User]:
    return User.objects.staff().only("name", "availability", "away_until").order_by("name")


def _read_entries(user: Any) -> list[Entry]:
    views = list(SavedView.objects.visible_to(user)) if user.pk else []
    counts = count_views(views, user)
    return [Entry(view.pk, view.name, view.glyph, counts[view.pk]) for view in views]


def count_views(views: Sequence[SavedView], user: Any) -> dict[int, int]:
    """Return how many tickets are in each view, in one query that looks at no ticket that is in none of them."""
    if not views:
        return {}
    asked = {f"view_{view.pk}": condition(view.filters, user) for view in views}
    rows = Ticket.objects.visible_to(user).filter(reduce(or_, asked.values()))
    counted = rows.aggregate(**{name: Count("pk", filter=found) for name, found in asked.items()})
    return {view.pk: counted[f"view_{view.pk}"] for view in views}
