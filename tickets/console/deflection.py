"""Deflection: what came of the forms in which articles were offered, beside those in which none were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from common.console import change_url, require
from common.periods import Period, PeriodForm
from common.spreadsheets import csv_file
from common.time import now
from tickets.deflection.models import WAIT
from tickets.deflection.reports import ARTICLE_COLUMNS, COLUMNS, article_lines, days, sides, waiting_count
from tickets.deflection.sides import Side
from tickets.deflection.verdict import points, verdict_of

VIEW = "tickets.view_deflectionday"
ARTICLES_MOST = 50
NO_DATA = "-"
OFFERED, HELD_OUT = "Articles offered", "Held out"
# What a row of the table says, and which figure of both sides.
ROWS = (
    ("Forms begun", "begun"),
    ("An article fitted", "fitting"),
    ("Opened one", "opened"),
    ("Pressed “This solved it”", "solved"),
    ("Sent the form", "sent"),
    ("Left without sending", "left"),
    ("Came back with a ticket within 7 days", "returned"),
    ("No ticket", "spared"),
)
ONLY_OFFERED = ("opened", "solved")


class DeflectionForm(PeriodForm):
    """The address of the report; whatever it does not say is the default."""

    periods = (
        ("30d", "Last 30 days"),
        ("90d", "Last 90 days"),
        ("365d", "Last 365 days"),
        ("this_month", "This month"),
        ("last_month", "Last month"),
    )

    def __init__(self, query: Mapping[str, Any]) -> None:
        super().__init__({"period": "90d", **{name: query[name] for name in query if query[name]}})


@dataclass(frozen=True)
class Bar:
    """One side of the chart, in per cent of its width. low, high: between which the share lies."""

    name: str
    length: str
    low: str
    high: str
    words: str
    is_filled: bool


@require_safe
def deflection_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show both sides in a period, or hand out its days or its articles as CSV."""
    require(request, VIEW)
    form = DeflectionForm(request.GET)
    period = form.cleaned_data["span"] if form.is_valid() else _default_period()
    file = request.GET.get("format") if form.is_valid() else ""
    if file == "csv":
        return _days_file(period)
    if file == "articles":
        return _articles_file(period)
    context = {
        **site_context,
        "title": "Deflection",
        "form": form,
        "period": period,
        "percent": settings.PORTAL_SUGGESTIONS_HOLD_OUT_PERCENT,
        "waiting": waiting_count() if period.until > now() - WAIT else 0,
        **_figures(period),
        "csv_url": _address(request, "csv"),
        "articles_csv_url": _address(request, "articles"),
    }
    return TemplateResponse(request, "console/tickets/deflection.html", context)


def _figures(period: Period) -> dict[str, Any]:
    offered, held_out = sides(period.first, period.last)
    verdict = verdict_of(offered, held_out, percent=settings.PORTAL_SUGGESTIONS_HOLD_OUT_PERCENT)
    is_known = verdict.difference is not None
    return {
        "is_empty": not (offered.begun or held_out.begun),
        "verdict": verdict,
        "offered": offered,
        "held_out": held_out,
        "shares": [_percent(offered), _percent(held_out)],
        "difference": points(verdict.difference) if verdict.difference is not None else NO_DATA,
        "limits": " to ".join(points(limit) for limit in verdict.limits) if is_known else "",
        "bars": [_bar(OFFERED, offered, is_filled=True), _bar(HELD_OUT, held_out, is_filled=False)],
        "rows": [
            (words, getattr(offered, name), None if name in ONLY_OFFERED else getattr(held_out, name))
            for words, name in ROWS
        ],
        "lines": [(line, change_url(line.article)) for line in _lines(period)],
    }


def _lines(period: Period) -> Any:
    return article_lines(period.first, period.last, most=ARTICLES_MOST)


def _bar(name: str, side: Side, *, is_filled: bool) -> Bar | None:
    if side.share is None:
        return None
    low, high = side.limits
    words = f"{100 * side.share:.0f} of 100 without a ticket, between {100 * low:.0f} and {100 * high:.0f}"
    return Bar(name, _width(side.share), _width(low), _width(high), words, is_filled)


def _width(share: float) -> str:
    return f"{100 * share:.1f}%"


def _percent(side: Side) -> str:
    return NO_DATA if side.share is None else f"{100 * side.share:.1f}".removesuffix(".0")


def _default_period() -> Period:
    form = DeflectionForm({})
    form.is_valid()
    period: Period = form.cleaned_data["span"]
    return period


def _days_file(period: Period) -> HttpResponse:
    rows = [
        [row["day"], HELD_OUT if row["is_held_out"] else OFFERED, *(row[name] for name in COLUMNS)]
        for row in days(period.first, period.last)
    ]
    return csv_file(_file_name("deflection", period), ["day", "side", *COLUMNS], rows)


def _articles_file(period: Period) -> HttpResponse:
    rows = [
        [line.article.title, line.shown, line.opened, line.solved] for line in article_lines(period.first, period.last)
    ]
    return csv_file(_file_name("deflection-articles", period), ["article", *ARTICLE_COLUMNS], rows)


def _file_name(name: str, period: Period) -> str:
    first, last = (day.isoformat() for day in (period.first, period.last))
    return f"{name}-{first}-{last}.csv"


def _address(request: HttpRequest, file: str) -> str:
    query = request.GET.copy()
    query["format"] = file
    return f"?{query.urlencode()}"
