"""The feed of changes: what happened to tickets since a client last asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.pagination import LIMIT_DEFAULT, LIMIT_MOST, whole_number
from common.problems import name_codes
from tickets.api.base import TicketView, described, ticket_context
from tickets.changes import Page, changes_after
from tickets.models import Ticket
from tickets.serializers.changes import ChangesSerializer
from tickets.serializers.tickets import ID_MOST, TicketSerializer

name_codes(changes_forgotten="The changes since then are no longer kept")
AFTER = {"type": "integer", "minimum": 0, "maximum": ID_MOST}
LIMIT = {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": LIMIT_DEFAULT}


class ChangesViewSet(TicketView):
    """Changes of tickets, in an order that misses none."""

    path_parameters: dict[str, Any] = {}
    list_actions = ()
    query_parameters = ("after", "limit")
    problems = {"changes": [410]}

    @extend_schema(
        parameters=[
            OpenApiParameter("after", AFTER, description="`next_after` of the last answer; none: where to begin."),
            OpenApiParameter("limit", LIMIT, description="How many changes a page holds."),
        ],
        responses=ChangesSerializer,
    )
    def changes(self, request: Request) -> Response:
        """Read what changed since the last time: tickets that are new, changed, or no longer the caller's to see.

        Ask once without `after` and list all tickets; from then on ask with the `next_after` of the last answer.
        """
        asked = "after" in request.query_params
        after = whole_number(request, "after", 0, 0, ID_MOST) if asked else None
        limit = whole_number(request, "limit", LIMIT_DEFAULT, 1, LIMIT_MOST)
        page = changes_after(after, reader=self.person, limit=limit)
        body = {"results": self._told(page), "next_after": page.next_after, "has_more": page.has_more}
        return Response(ChangesSerializer(body).data)

    def _told(self, page: Page) -> list[dict[str, Any]]:
        rows = list(described(Ticket.objects.filter(pk__in=page.visible)))
        context = self.get_serializer_context() | ticket_context(rows, is_staff=self.is_staff())
        tickets = {row.pk: TicketSerializer(row, context=context).data for row in rows}
        return [
            {
                "sequence": row.sequence,
                "type": _kind(is_there=row.ticket_id in tickets, is_creation=row.is_creation),
                "ticket_id": f"{settings.PORTAL_TICKET_PREFIX}-{row.ticket_id}",
                "deleted": row.ticket_id not in tickets,
                "ticket": tickets.get(row.ticket_id),
            }
            for row in page.rows
        ]


def _kind(*, is_there: bool, is_creation: bool) -> str:
    if not is_there:
        return "DELETED"
    return "CREATED" if is_creation else "CHANGED"
