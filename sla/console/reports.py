"""Promises kept: what became of the clocks whose verdict fell in a period, as figures, as a chart, and as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from accounts.models import Tier
from common.console import require
from common.periods import ListedField, Period, PeriodForm
from common.time import now
from sla.console.figures import figures_by, line_of, stats_of, week_chart
from sla.models import ClosedMonth
from sla.reports import GROUPS, as_csv, compliance, corrections, month_bounds
from sla.vocabulary import Metric
from tickets.vocabulary import Priority

GROUP_WORDS = {
    "metric": "Promise",
    "tier": "Tier",
    "priority": "Priority",
    "policy": "Policy version",
    "team": "Team",
    "product_area": "Product area",
    "organization": "Organization",
    "day": "Day",
    "week": "Week",
    "month": "Month",
}
DEFAULTS = {"period": "30d", "group": "tier", "then": "metric"}
TIERS = list(reversed(Tier.choices))  # who is promised most comes first


@dataclass(frozen=True)
class Asked:
    """What a report is asked for. only: columns of Clock with the value they must have."""

    period: Period
    groups: tuple[str, ...]
    only: dict[str, Any] = field(default_factory=dict)

    @property
    def span(self) -> dict[str, dt.datetime]:
        """Return the instants of the period. A whole month is that of UTC, as it is closed, so that figures agree."""
        month = self.period.month
        since, until = month_bounds(month) if month else (self.period.since, self.period.until)
        return {"since": since, "until": until, "at": now()}


class ReportForm(PeriodForm):
    """The address of a report, which is a link to keep: whatever it does not say is the default."""

    periods = (
        ("7d", "Last 7 days"),
        ("30d", "Last 30 days"),
        ("90d", "Last 90 days"),
        ("this_month", "This month"),
        ("last_month", "Last month"),
    )
    group = ListedField(label="Group by", choices=[(name, GROUP_WORDS[name]) for name in GROUPS])
    then = ListedField(
        label="Then by",
        required=False,
        choices=[("", "Nothing more"), *((name, GROUP_WORDS[name]) for name in GROUPS)],
    )
    metric = ListedField(label="Promise", required=False, choices=[("", "All"), *Metric.choices])
    tier = ListedField(required=False, choices=[("", "All"), *Tier.choices])

    def __init__(self, query: Mapping[str, Any]) -> None:
        said = {name: query[name] for name in query if query[name] or name == "then"}
        super().__init__({**DEFAULTS, **said})

    def asked(self) -> Asked:
        """Return what a valid form asks for."""
        said = self.cleaned_data
        groups = tuple(dict.fromkeys(name for name in (said["group"], said["then"]) if name))
        return Asked(said["span"], groups, {name: said[name] for name in ("metric", "tier") if said[name]})


@require_safe
def reports_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show how promises were kept in a period, or hand it out as CSV. Shows the defaults where it was asked amiss."""
    require(request, "sla.view_clock")
    form = ReportForm(request.GET)
    asked = form.asked() if form.is_valid() else _asked_by_default()
    if request.GET.get("format") == "csv" and form.is_valid():
        return _file(asked)
    context = {
        **site_context,
        "title": "Promises kept",
        "form": form,
        "asked": asked,
        **_figures(asked),
        "csv_url": _address(request, format="csv"),
        "weeks_url": f"{_address(request, group='week', then='tier')}#table",
        "weeks_csv_url": _address(request, group="week", then="tier", format="csv"),
    }
    return TemplateResponse(request, "console/sla/reports.html", context)


def _asked_by_default() -> Asked:
    form = ReportForm({})
    form.is_valid()
    return form.asked()


def _file(asked: Asked) -> HttpResponse:
    period = asked.period
    report = compliance(**asked.span, group_by=asked.groups, **asked.only)
    response = HttpResponse(as_csv(report), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="promises-{period.first}-{period.last}.csv"'
    return response


def _figures(asked: Asked) -> dict[str, Any]:
    """Return what the page shows of the period, in two readings of its clocks: one for the table, one for the rest."""
    span = asked.span
    report = compliance(**span, group_by=asked.groups, **asked.only)
    weekly = compliance(**span, group_by=("week", "tier", "metric"), **asked.only)
    totals = report.totals
    return {
        "heads": [GROUP_WORDS[name] for name in asked.groups],
        "lines": [line_of(told, figures) for told, figures in report.rows],
        "totals": line_of({}, totals),
        "is_empty": not (totals.met + totals.breached + totals.pending),
        "stats": stats_of(totals, figures_by(weekly, "metric").get((Metric.FIRST_RESPONSE.label,))),
        "chart": week_chart(figures_by(weekly, "week", "tier"), [label for _, label in TIERS]),
        "closed": _closed_month(asked, span["at"]),
    }


def _closed_month(asked: Asked, at: dt.datetime) -> dict[str, Any] | None:
    """Return what changed in the period since it was closed, if it is a month that was. Shape: {"at", "rows"}."""
    month = asked.period.month
    taken = ClosedMonth.objects.filter(month=month).values_list("closed_at", flat=True).first() if month else None
    if month is None or taken is None:
        return None
    names = {"tier": dict(Tier.choices), "priority": dict(Priority.choices), "metric": dict(Metric.choices)}
    rows = [
        {**row, **{name: words.get(row[name], "none") for name, words in names.items()}}
        for row in corrections(month, at=at)
    ]
    return {"at": taken, "rows": rows}


def _address(request: HttpRequest, **changes: str) -> str:
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"
