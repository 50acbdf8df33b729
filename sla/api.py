"""Promises over HTTP: those of a ticket for whoever sees it, policies and figures for the support team."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from accounts.models import Tier
from common.errors import NotAllowed
from common.filters import Since
from common.pagination import single
from common.problems import QueryInvalid
from common.time import now
from common.views import PortalViewSet
from sla.models import PolicyVersion, SlaPolicy
from sla.reports import GROUPS, compliance
from sla.serializers import ComplianceSerializer, MetricsSerializer, PolicySerializer, TicketSlaSerializer
from sla.showing import clocks_of
from sla.telling import compliance_of, ticket_sla
from sla.vocabulary import Metric
from tickets.api.base import TicketView
from tickets.vocabulary import Priority

DAYS = 30
FIRST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)  # nothing was promised before
GROUPS_MOST = 3
MOMENT = Since()
INSTANT = {"type": "string", "format": "date-time"}
NARROWING = {"metric": Metric.values, "tier": Tier.values, "priority": Priority.values}


def require_staff(person: Any) -> None:
    """Raise NotAllowed unless `person` may look into the clocks of tickets."""
    if not person.has_perm("sla.view_clock"):
        raise NotAllowed("Only the support team can look at this.")


class TicketSlaViewSet(TicketView):
    """What is promised for a ticket."""

    @extend_schema(responses=TicketSlaSerializer)
    def retrieve(self, request: Request, ticket_id: str) -> Response:
        """Read the clocks of a ticket, with the intervals that counted and those that did not."""
        ticket = self.ticket()
        with timezone.override(self.person.zone_name):
            told = ticket_sla(ticket, clocks_of([ticket])[ticket.pk], now(), is_staff=self.is_staff())
            return Response(TicketSlaSerializer(told).data)


class ComplianceViewSet(TicketView):
    """How the promises of a ticket stand."""

    @extend_schema(responses=ComplianceSerializer)
    def retrieve(self, request: Request, ticket_id: str) -> Response:
        """Read how the promises of a ticket stand. For the support team."""
        ticket = self.ticket()
        require_staff(self.person)
        return Response(ComplianceSerializer(compliance_of(ticket, clocks_of([ticket])[ticket.pk], now())).data)


class PolicyViewSet(PortalViewSet):
    """What is promised to whom."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    serializer_class = PolicySerializer
    ordering_fields = {"position": "position", "name": "name"}
    default_ordering = ("position",)

    def list(self, request: Request) -> Response:
        """List the policies, each with its version in force. For the support team."""
        require_staff(self.person)
        return self.answer_page(SlaPolicy.objects.all())

    def paginate_queryset(self, queryset: Any) -> Any:
        """Give each policy of the page its version in force, in one query for all of them."""
        rows = super().paginate_queryset(queryset) or []
        found = PolicyVersion.objects.published().filter(policy__in=rows, effective_from__lte=now())
        found = found.prefetch_related("targets__calendar", "steps__team", "steps__person")
        versions = {version.policy_id: version for version in found.order_by("effective_from", "number")}
        for row in rows:
            row.version = versions.get(row.pk)
        return rows


class MetricsViewSet(PortalViewSet):
    """How promises were kept."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    list_actions = ()
    query_parameters = ("from", "to", "group_by", *NARROWING)

    @extend_schema(
        parameters=[
            OpenApiParameter("from", INSTANT, description="Verdicts from this instant on; 30 days ago unless said."),
            OpenApiParameter("to", INSTANT, description="Verdicts before this instant; now unless said."),
            OpenApiParameter(
                "group_by",
                {"type": "array", "items": {"type": "string", "enum": list(GROUPS)}, "maxItems": GROUPS_MOST},
                description="Repeat it to group by several.",
                explode=True,
            ),
            *(OpenApiParameter(name, {"type": "string", "enum": list(words)}) for name, words in NARROWING.items()),
        ],
        responses=MetricsSerializer,
    )
    def metrics(self, request: Request) -> Response:
        """Count what became of clocks whose verdict fell in a period. For the support team."""
        require_staff(self.person)
        at = now()
        until = self._instant("to") or at
        since = self._instant("from") or max(until, FIRST) - dt.timedelta(days=DAYS)
        if since >= until:
            raise QueryInvalid.at("from", "invalid", "The period ends before it begins.")
        report = compliance(since=since, until=until, at=at, group_by=self._groups(), **self._narrowing())
        rows = [{**figures.as_dict(), "group": told} for told, figures in report.rows]
        told = {"since": since, "until": until, "group_by": report.group_by, "totals": report.totals.as_dict()}
        return Response(MetricsSerializer({**told, "results": rows}).data)

    def _instant(self, name: str) -> dt.datetime | None:
        text = single(self.request, name)
        try:
            return None if text is None else MOMENT.read(text)
        except ValidationError as error:
            raise QueryInvalid.at(name, "invalid", " ".join(error.messages)) from error

    def _groups(self) -> tuple[str, ...]:
        wanted = list(dict.fromkeys(self.request.query_params.getlist("group_by")))
        if len(wanted) > GROUPS_MOST or set(wanted) - set(GROUPS):
            raise QueryInvalid.at("group_by", "invalid_choice", f"Use up to {GROUPS_MOST} of {', '.join(GROUPS)}.")
        return tuple(wanted)

    def _narrowing(self) -> dict[str, str]:
        found = {}
        for name, words in NARROWING.items():
            text = single(self.request, name)
            if text is not None:
                if text.upper() not in words:
                    raise QueryInvalid.at(name, "invalid_choice", f"Use one of {', '.join(words)}.")
                found[name] = text.upper()
        return found
