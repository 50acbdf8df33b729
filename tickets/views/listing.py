"""My tickets: what waits for an answer of mine first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import ProductArea, User
from tickets.access import may_work
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import OPEN_STATUSES, Status

PER_PAGE = 25
COLLEAGUES_MOST = 300  # more than anybody chooses from; the search finds the others' tickets
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": ("Open", OPEN_STATUSES),
    "waiting": ("Waiting for you", (Status.PENDING,)),
    "solved": ("Solved", (Status.SOLVED, Status.CLOSED)),
    "all": ("All", tuple(Status.values)),
}
_SALT = "tickets.listing"


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the row with these values, or before it."""

    rank: int
    updated_at: dt.datetime
    pk: int
    is_before: bool

    @classmethod
    def read(cls, text: str) -> Place | None:
        try:
            rank, at, pk, is_before = signing.loads(text, salt=_SALT)
            return cls(rank, dt.datetime.fromisoformat(at), pk, is_before)
        except (signing.BadSignature, ValueError):
            return None

    @staticmethod
    def write(row: Any, *, is_before: bool) -> str:
        return signing.dumps([row.rank, row.updated_at.isoformat(), row.pk, is_before], salt=_SALT)

    def beyond(self) -> Q:
        """Return what holds for the rows beyond: by rank, then the latest change first."""
        up, down = ("lt", "gt") if self.is_before else ("gt", "lt")
        same = Q(rank=self.rank)
        return (
            Q(**{f"rank__{up}": self.rank})
            | same & Q(**{f"updated_at__{down}": self.updated_at})
            | same & Q(updated_at=self.updated_at) & Q(**{f"pk__{down}": self.pk})
        )


@require_GET
@never_cache
@login_required
def ticket_list(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    tab = request.GET.get("show", "open") if request.GET.get("show") in TABS else "open"
    found = _filtered(request, mine(user))
    by_status = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    rows, before, after = _page(found.filter(status__in=TABS[tab][1]), request.GET.get("at", ""))
    context = {
        "n_rows": len(rows),
        "parts": _parts(rows, tab),
        "tab": tab,
        "tabs": _tabs(request, tab, by_status),
        "total": _count(by_status, tab),
        "previous_url": _url(request, at=before) if before else "",
        "next_url": _url(request, at=after) if after else "",
        "areas": ProductArea.objects.filter(is_active=True),
        "colleagues": _colleagues(user),
        "is_filtered": any(request.GET.get(name) for name in ("q", "area", "person")),
    }
    return render(request, "tickets/list.html", context)


def mine(user: User) -> TicketQuerySet:
    """Return the tickets that concern `user` as a customer; an agent's work is in the console, not here."""
    visible = Ticket.objects.visible_to(user)
    if may_work(user):
        visible = visible.filter(Q(requester=user) | Q(pk__in=user.followed_tickets.values("ticket")))
    return visible


def _filtered(request: HttpRequest, tickets: TicketQuerySet) -> TicketQuerySet:
    """Narrow by what the address says. A value nobody offered finds nothing rather than failing."""
    if text := request.GET.get("q", "").strip().replace("\x00", ""):
        tickets = tickets.matching(text[:200], is_staff=False)
    if area := request.GET.get("area", "").replace("\x00", ""):
        tickets = tickets.filter(product_area__key=area[:50])
    if (person := request.GET.get("person", "")).isdecimal() and len(person) < 19:
        tickets = tickets.filter(requester=int(person))
    return tickets


def _page(tickets: TicketQuerySet, at: str) -> tuple[list[Ticket], str, str]:
    """Return one page, and where the ones before and after it begin: empty where there is none."""
    waiting_first = Case(When(status=Status.PENDING, then=Value(0)), default=Value(1), output_field=IntegerField())
    tickets = tickets.annotate(rank=waiting_first).for_list()
    place = Place.read(at) if at else None
    is_before = place is not None and place.is_before
    order = ("-rank", "updated_at", "pk") if is_before else ("rank", "-updated_at", "-pk")
    if place is not None:
        tickets = tickets.filter(place.beyond())
    rows = list(tickets.order_by(*order)[: PER_PAGE + 1])
    has_more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    if is_before:
        rows.reverse()
    has_before, has_after = (has_more, True) if is_before else (place is not None, has_more)
    before = Place.write(rows[0], is_before=True) if rows and has_before else ""
    after = Place.write(rows[-1], is_before=False) if rows and has_after else ""
    return rows, before, after


def _parts(rows: list[Any], tab: str) -> list[dict[str, Any]]:
    """Return the page in parts: what waits for the customer, then the rest. Shape: [{"title": words or "", "rows"}]."""
    titles = {
        "open": ("Waiting for your answer", "With the support team"),
        "all": ("Waiting for your answer", "Others"),
    }
    waiting = [row for row in rows if row.rank == 0]
    others = [row for row in rows if row.rank != 0]
    parts = zip(titles.get(tab, ("", "")), (waiting, others), strict=True)
    return [{"title": title, "rows": part} for title, part in parts if part]


def _tabs(request: HttpRequest, current: str, by_status: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "url": _url(request, show=tab, at=""),
            "label": label,
            "count": _count(by_status, tab),
            "current": tab == current,
        }
        for tab, (label, _statuses) in TABS.items()
    ]


def _count(by_status: dict[str, int], tab: str) -> int:
    return sum(by_status.get(status, 0) for status in TABS[tab][1])


def _url(request: HttpRequest, **changes: str) -> str:
    """Return the address of this list with some parameters changed; the others stay."""
    kept = {name: value for name in ("show", "q", "area", "person") if (value := request.GET.get(name, ""))}
    parameters = {name: value for name, value in {**kept, **changes}.items() if value}
    return f"{request.path}?{urlencode(parameters)}" if parameters else request.path


def _colleagues(user: User) -> list[User]:
    """Return whose tickets an organization's admin may choose from; nobody for everybody else."""
    if not (user.is_organization_admin and user.organization_id):
        return []
    people = User.objects.filter(organization=user.organization_id, requested_tickets__isnull=False).distinct()
    return list(people[:COLLEAGUES_MOST])
