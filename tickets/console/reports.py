"""Each report as a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from common.console import require
from common.spreadsheets import csv_file
from common.time import now
from tickets.reporting.asking import AskedForm
from tickets.reporting.catalogue import REPORTS, read_report
from tickets.reporting.shapes import Asked
from tickets.reporting.words import plain


@require_safe
def report_file(request: HttpRequest, name: str, site_context: dict[str, Any]) -> HttpResponse:
    """Hand out a report as CSV. A period that is none is answered 400 and why, never with another period's numbers."""
    user: User = request.user  # type: ignore[assignment]
    report = REPORTS.get(name)
    if report is None:
        raise Http404
    require(request, report.permission)
    form = AskedForm(request.GET)
    if not form.is_valid():
        reasons = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return HttpResponse(reasons, status=400, content_type="text/plain; charset=utf-8")
    period = form.span
    rows = read_report(report, Asked(user, period, now()))
    file_name = f"{name}-{period.first}-{period.last}.csv"
    return csv_file(file_name, [column.name for column in report.columns], [plain(row) for row in rows])
