"""Saved views: keeping them, and the tickets in one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import NotFound
from common.idempotency import idempotent
from tickets import finding, services
from tickets.access import may_keep, require_work
from tickets.api.base import TicketView, described, ticket_context
from tickets.models import SavedView, Ticket
from tickets.serializers.tickets import TicketSerializer
from tickets.serializers.views import ChangeViewSerializer, ViewSerializer, WriteViewSerializer


class SavedViewView(TicketView):
    """A view of saved views. For the support team."""

    path_parameters: dict[str, Any] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            require_work(self.person)

    def visible(self) -> Any:
        return SavedView.objects.visible_to(self.person).select_related("team")

    def view(self) -> SavedView:
        found: SavedView | None = self.visible().filter(pk=self.kwargs["view_id"]).first()
        if found is None:
            raise NotFound("There is no such view, or it is not yours to see.")
        return found


class SavedViewViewSet(SavedViewView):
    """Views of the queue: filters, an order and columns under a name."""

    serializer_class = ViewSerializer
    ordering_fields = {"position": "position", "name": "name", "created_at": "created_at"}
    default_ordering = ("position",)

    def context_for(self, rows: Any) -> dict[str, Any]:
        changeable = {row.pk for row in rows if may_keep(self.person, row)}
        return super().context_for(rows) | {"changeable": changeable}

    def list(self, request: Request) -> Response:
        """List the views that the caller may open: everybody's, their teams' and their own. For the support team."""
        return self.answer_page(self.visible())

    @extend_schema(request=WriteViewSerializer, responses={201: ViewSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Keep a view: one's own, a team's, or everybody's."""
        asked = self.read_body(WriteViewSerializer)
        return Response(self.represent(services.save_view(by=self.person, **asked)), status=201)

    @extend_schema(responses=ViewSerializer)
    def retrieve(self, request: Request, view_id: int) -> Response:
        """Read a view."""
        return Response(self.represent(self.view()))

    @extend_schema(request=ChangeViewSerializer, responses=ViewSerializer)
    def partial_update(self, request: Request, view_id: int) -> Response:
        """Change name, filters, order or columns of a view."""
        view = self.view()
        asked = self.read_body(ChangeViewSerializer)
        changed = services.change_view(view, by=self.person, **asked) if asked else view
        return Response(self.represent(changed))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, view_id: int) -> Response:
        """Remove a view. Its tickets stay as they are."""
        services.delete_view(self.view(), by=self.person)
        return Response(status=204)


class ViewTicketsViewSet(SavedViewView):
    """The tickets in a view."""

    serializer_class = TicketSerializer

    def context_for(self, rows: Any) -> dict[str, Any]:
        return super().context_for(rows) | ticket_context(list(rows), is_staff=self.is_staff())

    def list(self, request: Request, view_id: int) -> Response:
        """List the tickets of a view that the caller may see, in its order."""
        view = self.view()
        sort = view.sort or finding.usual_sort(view.filters)
        found = Ticket.objects.visible_to(self.person).filter(finding.condition(view.filters, self.person))
        return self.answer_page(described(found).order_by(*finding.SORTS[sort].terms))
