"""Macros: which there are, what one would do to a ticket, and doing it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from common.errors import NotFound
from common.views import PortalViewSet
from tickets import services
from tickets.access import require_work
from tickets.api.base import TicketView
from tickets.models import Macro
from tickets.serializers.macros import (
    AppliedSerializer,
    ApplyMacroSerializer,
    MacroSerializer,
    PreviewSerializer,
)
from tickets.vocabulary import Channel


class MacroViewSet(PortalViewSet):
    """Sets of changes and words that agents apply by hand."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    serializer_class = MacroSerializer
    ordering_fields = {"position": "position", "name": "name", "used_count": "used_count"}
    default_ordering = ("position",)

    def list(self, request: Request) -> Response:
        """List the macros that the caller may apply: those of everybody and of their teams. For the support team."""
        require_work(self.person)
        return self.answer_page(Macro.objects.usable_by(self.person).select_related("team"))


class TicketMacroViewSet(TicketView):
    """A macro on a ticket."""

    problems = {"apply": [409, 412], "preview": [409]}

    @extend_schema(responses=PreviewSerializer)
    def preview(self, request: Request, ticket_id: str, macro_id: int) -> Response:
        """Tell what a macro would change, old and new, and its words for this ticket; nothing is done."""
        ticket = self.ticket()
        macro = self._macro(macro_id)
        seen = services.preview_macro(macro, ticket, by=self.person)
        return Response(PreviewSerializer({"macro": macro, "ticket": ticket, "preview": seen}).data)

    @extend_schema(request=ApplyMacroSerializer, responses=AppliedSerializer)
    def apply(self, request: Request, ticket_id: str, macro_id: int) -> Response:
        """Apply a macro: its words and all its changes, or, where one is refused, nothing."""
        ticket = self.ticket()
        macro = self._macro(macro_id)
        asked: dict[str, Any] = self.read_body(ApplyMacroSerializer)
        done = services.apply_macro(
            macro,
            ticket,
            by=self.person,
            reply=asked.get("reply"),
            expected_version=asked.get("version"),
            channel=Channel.API,
        )
        return Response(AppliedSerializer({"macro": macro, "ticket": done}).data)

    def _macro(self, pk: int) -> Macro:
        require_work(self.person)
        macro = Macro.objects.usable_by(self.person).filter(pk=pk).first()
        if macro is None:
            raise NotFound("There is no such macro, or it is not yours to use.")
        return macro
