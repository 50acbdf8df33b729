"""The console's first page: how the support team stands, over a period that the address names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from common.console import changelist_url, require
from common.time import now
from tickets.console import charts
from tickets.models import Ticket
from tickets.reporting.asking import PERIODS, AskedForm, usual_period
from tickets.reporting.catalogue import REPORTS, agent_rows, kept_rows, open_rows, rating_rows, response_rows
from tickets.reporting.lengths import Lengths
from tickets.reporting.overview import Overview, kept_overview
from tickets.reporting.promises import by_week, kept_percent, within
from tickets.reporting.shapes import Asked, Report, Row
from tickets.reporting.words import (
    Change,
    better_or_worse,
    cell_words,
    faster_or_slower,
    length_parts,
    length_words,
    more_or_fewer,
)
from tickets.satisfaction.vocabulary import FACES
from tickets.vocabulary import Priority

VIEW = "tickets.view_ticket"
AGENTS_SHOWN = 8
LINKS = (
    ("Promises kept, in detail", "admin:sla_reports", "sla.view_clock"),
    ("What readers look for", "admin:knowledgebase_readers", "knowledgebase.view_article"),
    ("Deflection", "admin:tickets_deflection", "tickets.view_deflectionday"),
    ("Each rating", "admin:tickets_ratings", "tickets.work_ticket"),
    ("Weekly report", "admin:tickets_weekly", "tickets.view_ticket"),
)


@dataclass(frozen=True)
class Stat:
    """One figure of the strip. parts: [(number, its unit in small)]."""

    title: str
    parts: Sequence[tuple[str, str]]
    change: Change


@dataclass(frozen=True)
class Drawing:
    """A chart or list with the table behind it. heads, lines: of the table, each in words and
    with whether it is a number.   bars: (name, count, length)."""

    name: str
    title: str
    csv_url: str
    heads: Sequence[tuple[str, bool]]
    lines: Sequence[Sequence[tuple[str, bool]]]
    chart: charts.Chart | None = None
    note: str = ""
    bars: Sequence[tuple[str, int, str]] = field(default_factory=tuple)


@require_safe
def dashboard_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show the numbers of a period; the last 30 days where it is asked amiss."""
    require(request, VIEW)
    user: User = request.user  # type: ignore[assignment]
    form = AskedForm(request.GET)
    period = form.span if form.is_valid() else usual_period()
    asked = Asked(user, period, now())
    seen = kept_overview(asked)
    query = {name: value for name, value in form.data.items() if value} if form.is_valid() else {}
    context = {
        **site_context,
        "title": "Dashboard",
        "form": form,
        "period": period,
        "periods": [
            {"url": f"?period={name}", "label": words, "is_here": form.data["period"] == name}
            for name, words in PERIODS
        ],
        "stats": stats(seen, asked, may_see_promises=user.has_perm("sla.view_clock")),
        "drawings": drawings(seen, asked, query, may_see_promises=user.has_perm("sla.view_clock")),
        "agents": [(one, length_words(one.median_response)) for one in seen.agents[:AGENTS_SHOWN]],
        "agents_count": len(seen.agents),
        "oldest": [(one, Priority(one.priority).label, length_words(one.waiting_seconds)) for one in seen.oldest],
        "oldest_url": f"{changelist_url(Ticket)}?status=NEW&status=OPEN&sort=oldest",
        "links": [(title, reverse(name)) for title, name, permission in LINKS if user.has_perm(permission)],
    }
    return TemplateResponse(request, "console/dashboard/page.html", context)


def stats(seen: Overview, asked: Asked, *, may_see_promises: bool) -> list[Stat]:
    """Return the strip on top."""
    response, resolution, ratings = seen.response, seen.resolution, seen.ratings
    rating = ratings[0].average_rating
    rated = f"{ratings[0].total_responses:,} rating{'' if ratings[0].total_responses == 1 else 's'}"
    change = better_or_worse(rating, ratings[1].average_rating)
    return [
        Stat("Open now", [(f"{seen.open.count:,}", "")], more_or_fewer(seen.created, seen.solved)),
        *([_promises(seen, asked)] if may_see_promises else []),
        Stat("First response, median", length_parts(response[0].median), _compared(response, "median")),
        Stat("9 in 10 solved within", length_parts(resolution[0].nine_of_ten), _compared(resolution, "nine_of_ten")),
        Stat(
            "Customer rating",
            [(f"{rating:.1f}", "of 5")] if rating is not None else [],
            Change(f"{rated}, {change.words[:1].lower()}{change.words[1:]}", change.tone, change.glyph),
        ),
    ]


def drawings(seen: Overview, asked: Asked, query: dict[str, Any], *, may_see_promises: bool) -> dict[str, Drawing]:
    """Return what is drawn, by name with underscores."""
    distribution = seen.ratings[0].distribution
    words = {rating: face.word for rating, face in FACES.items()}
    rated = charts.rating_chart(distribution, words) if any(distribution.values()) else None
    found = [
        _drawing("created-and-solved", seen.days, query, chart=charts.flow_chart(seen.days)),
        _drawing("open-by-priority", open_rows(seen.open), query, chart=charts.open_chart(seen.open.by_priority)),
        _drawing("agents", agent_rows(seen.agents), query),
        _drawing("product-areas", seen.areas, query, bars=_bars(seen.areas)),
        _drawing("backlog-age", seen.open.by_age, query, chart=charts.age_chart(seen.open.by_age)),
        _drawing("satisfaction", rating_rows(distribution), query, chart=rated),
        _drawing("response-times", response_rows(seen.response, seen.resolution), query),
    ]
    if may_see_promises:
        kept, target = within(seen.kept, asked.period), settings.PORTAL_COMPLIANCE_GOOD_PERCENT
        chart = charts.kept_chart(by_week(kept), target=target)
        found.append(_drawing("promises-kept", kept_rows(kept), query, chart=chart))
    return {one.name.replace("-", "_"): one for one in found}


def _drawing(name: str, rows: Sequence[Row], query: dict[str, Any], **more: Any) -> Drawing:
    report = REPORTS[name]
    address = reverse("admin:tickets_report_file", args=[name])
    return Drawing(
        name=name,
        title=report.title,
        csv_url=f"{address}?{urlencode(query)}" if query else address,
        heads=[(column.label, column.unit != "text") for column in report.columns],
        lines=table_lines(report, rows),
        note=report.about,
        **more,
    )


def table_lines(report: Report, rows: Sequence[Row]) -> list[list[tuple[str, bool]]]:
    """Return the rows as words, each with whether it is a number."""
    return [
        [(cell_words(value, column), column.unit != "text") for value, column in zip(row, report.columns, strict=True)]
        for row in rows
    ]


def _promises(seen: Overview, asked: Asked) -> Stat:
    here = kept_percent(*seen.promises(asked.period))
    before = kept_percent(*seen.promises(asked.period.before))
    parts = [(f"{here:.1f}".removesuffix(".0"), "%")] if here is not None else []
    return Stat("Promises kept", parts, better_or_worse(here, before, " points"))


def _compared(pair: tuple[Lengths, Lengths], measure: str) -> Change:
    here, before = (getattr(one, measure) for one in pair)
    return faster_or_slower(here, before)


def _bars(areas: Sequence[tuple[str, int]]) -> list[tuple[str, int, str]]:
    """Return each area with its count, and the length of its bar; the longest fills the width."""
    most = max((count for _, count in areas), default=1)
    return [(name, count, f"{100 * count / most:.1f}%") for name, count in areas]
