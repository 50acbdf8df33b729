"""Links between tickets."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import NotFound
from common.idempotency import idempotent
from tickets import services
from tickets.access import require_work
from tickets.api.base import TicketView
from tickets.filters import MomentFilters
from tickets.models import Ticket, TicketLink
from tickets.serializers.relations import LinkSerializer, WriteLinkSerializer
from tickets.vocabulary import LinkKind


class LinkViewSet(TicketView):
    """What a ticket is to others, and others to it."""

    serializer_class = LinkSerializer
    filterset_class = MomentFilters
    default_ordering = ("created_at",)

    def list(self, request: Request, ticket_id: str) -> Response:
        """List the links to tickets that the caller may see."""
        self.subject = self.ticket()
        return self.answer_page(self._links())

    @extend_schema(request=WriteLinkSerializer, responses={201: LinkSerializer})
    @idempotent
    def create(self, request: Request, ticket_id: str) -> Response:
        """Link the ticket to another one. For the support team. Twice is harmless."""
        self.subject = self.ticket()
        require_work(self.person, self.subject)
        asked = self.read_body(WriteLinkSerializer)
        kind, other = LinkKind(asked["kind"]), asked["ticket_id"]
        link = services.link_tickets(self.subject, kind=kind, other=other, by=self.person)
        return Response(self.represent(link), status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, ticket_id: str, link_id: int) -> Response:
        """Remove a link. For the support team."""
        self.subject = self.ticket()
        link = self._links().filter(pk=link_id).first()
        if link is None:
            raise NotFound("There is no such link.")
        services.unlink_tickets(link, by=self.person)
        return Response(status=204)

    def context_for(self, rows: Any) -> dict[str, Any]:
        return super().context_for(rows) | {"ticket": self.subject}

    def _links(self) -> Any:
        visible = Ticket.objects.visible_to(self.person).values("pk")
        both = Q(ticket=self.subject, other__in=visible) | Q(other=self.subject, ticket__in=visible)
        return TicketLink.objects.filter(both).select_related("ticket", "other")
