"""What readers look for: searches as figures, as a chart, as lists to work through, and as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_safe

from common.console import require
from common.periods import Period, PeriodForm
from common.spreadsheets import csv_file
from common.time import now
from knowledgebase import reports
from knowledgebase.console.columns import column_chart
from knowledgebase.models import SearchDay
from knowledgebase.reports import Days, Sums

ASKED_SHOWN, NOTHING_SHOWN, READ_SHOWN, JUDGED_SHOWN, UNOPENED_SHOWN = 20, 20, 10, 10, 10
FILE_MOST = 10_000
DAYS_DRAWN_MOST = 45  # then by week
NO_DATA = "-"


class ReadersForm(PeriodForm):
    """The address of the page, which is a link to keep."""

    periods = (
        ("7d", "Last 7 days"),
        ("30d", "Last 30 days"),
        ("90d", "Last 90 days"),
        ("this_month", "This month"),
        ("last_month", "Last month"),
    )

    def __init__(self, query: Mapping[str, Any]) -> None:
        super().__init__({"period": "30d", **{name: query[name] for name in query if query[name]}})


@dataclass(frozen=True)
class Asked:
    """days: what the page is asked for.   texts: those of them of which texts are kept."""

    period: Period
    days: Days
    texts: Days

    @property
    def has_texts(self) -> bool:
        return self.texts.first <= self.texts.last


@require_safe
def readers_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show what readers look for, or hand out one of its tables as CSV. Shows the last 30 days where asked amiss."""
    require(request, "knowledgebase.view_article")
    form = ReadersForm(request.GET)
    default = ReadersForm({})
    asked = _asked(form if form.is_valid() else default)
    if request.GET.get("format") == "csv" and form.is_valid():
        return _file(asked, request.GET.get("table", ""))
    context = {
        **site_context,
        "title": "What readers look for",
        "form": form,
        "period": asked.period,
        "text_days": settings.PORTAL_SEARCH_TEXT_DAYS,
        "texts_since": asked.texts.first if asked.texts != asked.days else None,
        "may_write": request.user.has_perm("knowledgebase.add_article"),
        "may_read_comments": request.user.has_perm("knowledgebase.change_article"),
        "add_url": reverse("admin:knowledgebase_article_add"),
        "csv_url": _csv_url(request),
        **_searches(asked),
        "read": reports.most_read(asked.days, most=READ_SHOWN),
        "judged": reports.least_helpful(asked.days, most=JUDGED_SHOWN),
    }
    return TemplateResponse(request, "console/knowledgebase/readers.html", context)


def _asked(form: PeriodForm) -> Asked:
    form.is_valid()
    period: Period = form.cleaned_data["span"]
    kept = (now() - dt.timedelta(days=settings.PORTAL_SEARCH_TEXT_DAYS)).date()
    days = Days(period.first, period.last)
    return Asked(period, days, Days(max(period.first, kept), period.last))


def _searches(asked: Asked) -> dict[str, Any]:
    """Return what the page shows of searches."""
    by_day = reports.search_days(asked.days)
    sums = reports.sums_of(asked.texts, by_day)
    if not sums.searches:
        return {"sums": sums}
    places = _places(by_day)
    return {
        "sums": sums,
        "stats": _stats(sums, len(by_day)),
        "places": places,
        "is_by_week": len(by_day) > DAYS_DRAWN_MOST,
        "chart": column_chart([name for name, _, _ in places], [(full - empty, empty) for _, full, empty in places]),
        **(_lists(asked) if asked.has_texts else {}),
    }


def _lists(asked: Asked) -> dict[str, Any]:
    unopened = reports.never_opened(asked.texts)
    return {
        "has_texts": True,
        "asked": reports.most_asked(asked.texts, most=ASKED_SHOWN),
        "nothing": reports.nothing_found(asked.texts, most=NOTHING_SHOWN),
        "unopened": unopened[:UNOPENED_SHOWN],
        "unopened_count": unopened.count(),
    }


def _stats(sums: Sums, days: int) -> dict[str, str]:
    """Return the strip on top, in words. Shape: {"a_day", "nothing", "opened", "place"}."""
    return {
        "a_day": f"{sums.searches / days:.1f}".removesuffix(".0"),
        "nothing": _share(sums.nothing, sums.searches),
        "opened": _share(sums.opened, sums.offered),
        "place": NO_DATA if sums.place is None else f"{sums.place:.1f}",
    }


def _places(by_day: dict[dt.date, SearchDay]) -> list[tuple[str, int, int]]:
    """Return what stands beside each other in the chart: (its name, searches, those without a result)."""
    if len(by_day) <= DAYS_DRAWN_MOST:
        return [(format_date(day, "j M"), row.count, min(row.empty_count, row.count)) for day, row in by_day.items()]
    weeks: dict[dt.date, list[SearchDay]] = {}
    for day, row in by_day.items():
        weeks.setdefault(day - dt.timedelta(days=day.weekday()), []).append(row)
    return [
        (format_date(week, "j M"), sum(row.count for row in rows), sum(row.empty_count for row in rows))
        for week, rows in weeks.items()
    ]


def _share(part: int, whole: int) -> str:
    """Return a share in per cent; what is less than all is never told as 100, nor what is more than none as 0."""
    if not whole:
        return NO_DATA
    share = 100 * part / whole
    return f"{min(99, max(1, round(share))) if 0 < part < whole else round(share)}"


def _csv_url(request: HttpRequest) -> str:
    """Return the address of a table as a file, which its name is to be added to."""
    query = request.GET.copy()
    query.pop("table", None)
    query["format"] = "csv"
    return f"?{query.urlencode()}&table="


# --- files ------------------------------------------------------------------------------------------------------------

Rows = Iterable[Sequence[Any]]


def _day_rows(asked: Asked) -> Rows:
    for day, row in reports.search_days(asked.days).items():
        yield day.isoformat(), row.count, row.empty_count, row.offered_count, row.opened_count


def _text_rows(asked: Asked) -> Rows:
    for one in reports.most_asked(asked.texts, most=FILE_MOST):
        place = None if one.place is None else round(one.place, 2)
        yield one.text, one.searches, one.nothing, one.results, one.offered, one.opened, place


def _nothing_rows(asked: Asked) -> Rows:
    for one in reports.nothing_found(asked.texts, most=FILE_MOST):
        yield one.text, one.nothing, one.searches, "yes" if one.is_answered else "no"


def _read_rows(asked: Asked) -> Rows:
    for row in reports.most_read(asked.days, most=FILE_MOST):
        yield row["title"], row["readers"]


def _judged_rows(asked: Asked) -> Rows:
    for one in reports.least_helpful(asked.days, most=FILE_MOST):
        yield one.title, one.unhelpful, one.helpful, "; ".join(f"{words}: {count}" for words, count in one.reasons)


def _unopened_rows(asked: Asked) -> Rows:
    for article in reports.never_opened(asked.texts)[:FILE_MOST] if asked.has_texts else ():
        yield article.title, article.view_count


TABLES: dict[str, tuple[tuple[str, ...], Callable[[Asked], Rows]]] = {
    "days": (("day", "searches", "without_result", "offered", "opened"), _day_rows),
    "texts": (("text", "searches", "without_result", "results", "offered", "opened", "mean_place"), _text_rows),
    "nothing": (("text", "without_result", "searches", "finds_something_now"), _nothing_rows),
    "read": (("article", "readers"), _read_rows),
    "judged": (("article", "unhelpful", "helpful", "reasons"), _judged_rows),
    "unopened": (("article", "readers_ever"), _unopened_rows),
}


def _file(asked: Asked, table: str) -> HttpResponse:
    if table not in TABLES:
        raise Http404
    heads, rows = TABLES[table]
    return csv_file(f"readers-{table}-{asked.period.first}-{asked.period.last}.csv", heads, rows(asked))
