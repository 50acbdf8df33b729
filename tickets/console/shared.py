"""What many console pages need and seldom changes: the numbers of the side bar, and what a ticket may be set to.

Both are fetched with one look into the cache and may be SECONDS old; a save is always checked by the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.http import HttpRequest

from accounts.models import ProductArea, Team, User
from tickets.models import CustomField, Ticket

SECONDS = 30
CHOICES_KEY = "console:choices"

Pairs = list[tuple[int, str]]


@dataclass(frozen=True)
class Choices:
    agents: Pairs
    teams: Pairs
    areas: Pairs
    fields: list[CustomField]


def open_counts(request: HttpRequest) -> dict[str, int]:
    """Return how many open tickets there are. Shape: {"open", "unassigned", "mine", "pending"}."""
    counts: dict[str, int] = _shared(request)[_counts_key(request)]
    return counts


def choices(request: HttpRequest) -> Choices:
    found: Choices = _shared(request)[CHOICES_KEY]
    return found


def forget_choices() -> None:
    """Make the next page read the choices anew."""
    cache.delete(CHOICES_KEY)


def _shared(request: HttpRequest) -> dict[str, Any]:
    known: dict[str, Any] | None = getattr(request, "console_shared", None)
    if known is None:
        counts_key = _counts_key(request)
        known = cache.get_many([CHOICES_KEY, counts_key])
        if CHOICES_KEY not in known:
            known[CHOICES_KEY] = _read_choices()
            cache.set(CHOICES_KEY, known[CHOICES_KEY], SECONDS)
        if counts_key not in known:
            known[counts_key] = _count(request.user.pk)
            cache.set(counts_key, known[counts_key], SECONDS)
        request.console_shared = known  # type: ignore[attr-defined]
    return known


def _counts_key(request: HttpRequest) -> str:
    return f"console:counts:{request.user.pk}"


def _read_choices() -> Choices:
    return Choices(
        agents=list(User.objects.staff().order_by("name").values_list("pk", "name")),
        teams=list(Team.objects.values_list("pk", "name")),
        areas=list(ProductArea.objects.filter(is_active=True).values_list("pk", "name")),
        fields=list(CustomField.objects.filter(is_active=True)),
    )


def _count(user_id: int | None) -> dict[str, int]:
    return Ticket.objects.open().aggregate(
        open=Count("pk"),
        unassigned=Count("pk", filter=Q(assignee=None)),
        mine=Count("pk", filter=Q(assignee=user_id)),
        pending=Count("pk", filter=Q(status=Ticket.Status.PENDING)),
    )
