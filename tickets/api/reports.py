"""The support team's numbers, the same as on the dashboard. For the support team."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from common.errors import NotAllowed, NotFound
from common.pagination import single
from common.periods import Period
from common.problems import QueryInvalid
from common.time import now
from common.views import PortalViewSet
from tickets.access import require_work
from tickets.reporting.asking import DEFAULT, PERIODS, AskedForm
from tickets.reporting.catalogue import REPORTS, read_report
from tickets.reporting.shapes import Asked, Report
from tickets.serializers.reports import ReportNamesSerializer, ReportRowsSerializer

DAY = {"type": "string", "format": "date"}


class ReportViewSet(PortalViewSet):
    """Numbers of the support team's work."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    list_actions = ()
    path_parameters = {
        "name": {"schema": {"type": "string", "enum": list(REPORTS)}, "description": "One of those that are listed."}
    }

    def allowed_parameters(self) -> set[str]:
        return {"period", "from", "to"} if self.action == "retrieve" else set()

    @extend_schema(responses=ReportNamesSerializer)
    def names(self, request: Request) -> Response:
        """List the reports that the caller may read. For the support team."""
        require_work(self.person)
        told = [report for report in REPORTS.values() if self.person.has_perm(report.permission)]
        return Response(ReportNamesSerializer({"results": told}).data)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "period",
                {"type": "string", "enum": [name for name, _ in PERIODS], "default": DEFAULT},
                description="Days up to today, or a month, in the caller's time zone.",
            ),
            OpenApiParameter("from", DAY, description="The first day, in place of `period`; with `to`."),
            OpenApiParameter("to", DAY, description="The last day, which belongs to it."),
        ],
        responses=ReportRowsSerializer,
    )
    def retrieve(self, request: Request, name: str) -> Response:
        """Read a report over a period. For the support team."""
        require_work(self.person)
        report = self._report(name)
        with timezone.override(self.person.zone_name):
            period = self._period()
            rows = read_report(report, Asked(self.person, period, now()))
            told: dict[str, Any] = {
                "name": report.name,
                "title": report.title,
                "about": report.about,
                "first": period.first,
                "last": period.last,
                "time_zone": self.person.zone_name,
                "columns": report.columns,
                "rows": rows,
            }
            return Response(ReportRowsSerializer(told).data)

    def _report(self, name: str) -> Report:
        report = REPORTS.get(name)
        if report is None:
            raise NotFound("There is no such report.")
        if not self.person.has_perm(report.permission):
            raise NotAllowed("You may not read this report.")
        return report

    def _period(self) -> Period:
        said = {name: single(self.request, name) for name in ("period", "from", "to")}
        if said["period"] is not None and (said["from"] is not None or said["to"] is not None):
            raise QueryInvalid.at("period", "invalid", "Use either a period or two days.")
        form = AskedForm(said)
        if not form.is_valid():
            found = [(name, str(error)) for name, errors in form.errors.items() for error in errors]
            raise QueryInvalid([{"field": name, "code": "invalid", "detail": words} for name, words in found])
        return form.span
