"""Rating a ticket, and how satisfied its requesters were."""

from __future__ import annotations

import datetime as dt

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from common.idempotency import idempotent
from common.pagination import single
from common.problems import QueryInvalid, name_codes
from common.time import now
from common.views import PortalViewSet
from tickets import services
from tickets.access import require_work
from tickets.api.base import TicketView
from tickets.models import Survey
from tickets.satisfaction.reports import satisfaction
from tickets.serializers.csat import CsatMetricsSerializer, RateSerializer, RatingSerializer

DAYS, DAYS_MOST = 30, 365
name_codes(
    already_rated="The ticket was rated before",
    not_ratable="Only a ticket that is solved or closed can be rated",
)


class CsatViewSet(TicketView):
    """How good the help was."""

    serializer_class = RatingSerializer

    @extend_schema(request=RateSerializer, responses={201: RatingSerializer})
    @idempotent
    def create(self, request: Request, ticket_id: str) -> Response:
        """Rate a solved or closed ticket, once. For whoever asked for help."""
        ticket = self.ticket()
        asked = self.read_body(RateSerializer)
        survey = services.rate_ticket(
            ticket, rating=asked["rating"], comment=asked["feedback"], by=self.person, via=Survey.Via.API
        )
        return Response(self.represent(survey), status=201)


class CsatMetricsViewSet(PortalViewSet):
    """How satisfied requesters were."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    list_actions = ()
    query_parameters = ("days",)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "days",
                {"type": "integer", "minimum": 1, "maximum": DAYS_MOST, "default": DAYS},
                description="How many days to count, up to now.",
            )
        ],
        responses=CsatMetricsSerializer,
    )
    def metrics(self, request: Request) -> Response:
        """Count the ratings of the last days. For the support team."""
        require_work(self.person)
        days, at = self._days(), now()
        until = at + dt.timedelta(microseconds=1)  # a period ends before its end, and this instant belongs to it
        figures = satisfaction(at - dt.timedelta(days=days), until)
        return Response(CsatMetricsSerializer(figures, context={"days": days}).data)

    def _days(self) -> int:
        text = single(self.request, "days")
        if text is None:
            return DAYS
        if not text.isascii() or not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= DAYS_MOST:
            raise QueryInvalid.at("days", "invalid", f"Use a whole number from 1 to {DAYS_MOST}.")
        return int(text)
