"""How much every agent has in hand. For the support team."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from accounts.models import Team
from common.pagination import single
from common.problems import QueryInvalid
from common.time import now
from common.views import PortalViewSet
from tickets.access import require_work
from tickets.assignment.workload import workload
from tickets.serializers.agents import WorkloadSerializer
from tickets.serializers.tickets import ID_MOST, ID_SCHEMA


class WorkloadViewSet(PortalViewSet):
    """The work of the agents."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    list_actions = ()
    query_parameters = ("team",)

    @extend_schema(
        parameters=[OpenApiParameter("team", ID_SCHEMA, description="A team's id: only its members.")],
        responses=WorkloadSerializer,
    )
    def workload(self, request: Request) -> Response:
        """Read how much every agent has in hand, busiest first. For the support team."""
        require_work(self.person)
        return Response(WorkloadSerializer({"results": workload(at=now(), team=self._team())}).data)

    def _team(self) -> Team | None:
        text: Any = single(self.request, "team")
        if text is None:
            return None
        is_id = text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= ID_MOST
        team = Team.objects.filter(pk=int(text)).first() if is_id else None
        if team is None:
            raise QueryInvalid.at("team", "unknown", "There is no such team. Use a team's id.")
        return team
