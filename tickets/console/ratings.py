"""Each rating of a period with its comment, and how they add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from common.console import require
from common.keyset import BadCursor, OtherOrder, Page, page_of
from common.periods import ListedField, Period, PeriodForm
from tickets.models import Survey, Ticket
from tickets.satisfaction.reports import satisfaction
from tickets.satisfaction.vocabulary import FACES

ROWS = 50


class RatingsForm(PeriodForm):
    """The address of the page; whatever it does not say is the default."""

    periods = (
        ("7d", "Last 7 days"),
        ("30d", "Last 30 days"),
        ("90d", "Last 90 days"),
        ("365d", "Last 365 days"),
        ("this_month", "This month"),
        ("last_month", "Last month"),
    )
    rating = ListedField(
        required=False,
        choices=[("", "All"), *((str(face.rating), f"{face.rating} {face.word}") for face in FACES.values())],
    )
    said = ListedField(label="Comment", required=False, choices=[("", "With or without"), ("yes", "With a comment")])

    def __init__(self, query: Mapping[str, Any]) -> None:
        super().__init__({"period": "30d", **{name: query[name] for name in query if query[name]}})


@require_safe
def ratings_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show the ratings of a period, the newest first; those of the last 30 days where it is asked amiss."""
    require(request, "tickets.work_ticket")
    user: User = request.user  # type: ignore[assignment]
    form, usual = RatingsForm(request.GET), RatingsForm({})
    shown = form if form.is_valid() else usual
    shown.is_valid()
    period: Period = shown.cleaned_data["span"]
    page = _page(_ratings(user, period, shown.cleaned_data), request.GET.get("cursor"))
    figures = satisfaction(period.since, period.until)
    dates = {"period": "dates", "from": period.first.isoformat(), "to": period.last.isoformat()}
    context = {
        **site_context,
        "title": "Ratings",
        "form": form,
        "period": period,
        "figures": figures,
        "rows": page.rows,
        "previous_url": _address(request, page.previous),
        "next_url": _address(request, page.next),
        "csv_url": f"{reverse('admin:tickets_report_file', args=['ratings'])}?{urlencode(dates)}",
    }
    return TemplateResponse(request, "console/ratings.html", context)


def _ratings(user: User, period: Period, said: Mapping[str, Any]) -> QuerySet[Survey]:
    rows = Survey.objects.rated().filter(rated_at__gte=period.since, rated_at__lt=period.until)
    if not user.has_perm("tickets.view_ticket"):
        rows = rows.filter(ticket__in=Ticket.objects.visible_to(user))
    if said["rating"]:
        rows = rows.filter(rating=int(said["rating"]))
    if said["said"]:
        rows = rows.exclude(comment="")
    return rows.select_related("ticket__requester", "ticket__organization", "assignee").order_by("-rated_at", "-pk")


def _page(rows: QuerySet[Survey], cursor: str | None) -> Page:
    try:
        return page_of(rows, cursor, ROWS)
    except (BadCursor, OtherOrder):  # an address that was cut off begins anew
        return page_of(rows, None, ROWS)


def _address(request: HttpRequest, cursor: str) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"?{query.urlencode()}" if cursor else ""
