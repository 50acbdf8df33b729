"""Tickets: list, open, read, change, and the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import ANYBODY, SIGNED_IN
from accounts.services import find_or_create_person
from common.errors import Invalid, Stale
from common.idempotency import idempotent
from common.pagination import single
from common.serializers import NOTHING, NothingSerializer
from common.views import FINGERPRINT, etag_of, fingerprint_of, has_current, not_modified, require_current
from tickets import services
from tickets.access import require_work
from tickets.api.base import TicketView, described, ticket_context
from tickets.filters import ORDERING, TicketFilters
from tickets.including import OF_LISTS, OF_ONE, included, names_in
from tickets.intake import open_guest_ticket
from tickets.models import Message, Ticket
from tickets.serializers.relations import MergeSerializer, SplitSerializer
from tickets.serializers.tickets import (
    SMOKE_EXAMPLE,
    TICKET_EXAMPLE,
    AssignedTicketSerializer,
    AssignSerializer,
    ChangeTicketSerializer,
    OpenedTicketSerializer,
    OpenTicketSerializer,
    TicketSerializer,
)
from tickets.services import tracking_url
from tickets.vocabulary import Channel

log = structlog.get_logger(__name__)


def include_parameter(names: Sequence[str]) -> OpenApiParameter:
    one = f"({'|'.join(names)})"
    words = f"Comma-separated: what to show of a ticket's surroundings in `included`: {', '.join(names)}."
    return OpenApiParameter("include", {"type": "string", "pattern": f"^{one}(,{one})*$"}, description=words)


FIELDS = tuple(name for name in TicketSerializer().get_fields() if name != "included")
FIELDS_PARAMETER = OpenApiParameter(
    "fields",
    {"type": "string", "pattern": "^[a-z_]+(,[a-z_]+)*$"},
    description="Comma-separated: answer with these fields alone, and with `included` where `include` asks for it.",
)
GUEST_EXAMPLE = {**TICKET_EXAMPLE, "organization": None, "tracking_url": "https://support.example/t/3q2-7w"}


class TicketViewSet(TicketView):
    """Requests for help."""

    serializer_class = TicketSerializer
    filterset_class = TicketFilters
    ordering_fields = ORDERING
    default_ordering = ("-created_at",)
    query_parameters = ("include", "fields")
    versioned_actions = ("retrieve", "partial_update")
    problems = {
        "partial_update": [409],
        **{verb: [409] for verb in ("solve", "reopen", "cancel", "close", "merge", "assign")},
    }

    def get_permissions(self) -> list[BasePermission]:
        return [permission() for permission in (ANYBODY if self.action == "create" else SIGNED_IN)]

    def context_for(self, rows: Any) -> dict[str, Any]:
        context = super().context_for(rows) | ticket_context(list(rows), is_staff=self.is_staff())
        text = single(self.request, "include") if self.request.method == "GET" else None
        if text is None:
            return context
        names = names_in(text, OF_ONE if self.action == "retrieve" else OF_LISTS, reader=self.person)
        with timezone.override(self.person.zone_name):
            return context | {"included": included(list(rows), names, context)}

    def _only_asked(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return of each answer what `fields` names, everything where it is not given."""
        text = single(self.request, "fields")
        if text is None:
            return rows
        names = {*names_in(text, FIELDS, reader=self.person, parameter="fields"), "included"}
        return [{name: value for name, value in row.items() if name in names} for row in rows]

    @extend_schema(parameters=[include_parameter(OF_LISTS), FIELDS_PARAMETER])
    def list(self, request: Request) -> Response:
        """List the tickets the caller may see.

        Customers see what they requested or follow, an organization's admin the organization's, the support team all.
        """
        answer = self.answer_page(described(Ticket.objects.visible_to(self.person)))
        answer.data["results"] = self._only_asked(answer.data["results"])
        return answer

    @extend_schema(
        request=OpenTicketSerializer,
        responses={201: OpenedTicketSerializer},
        examples=[
            OpenApiExample("A guest's request", SMOKE_EXAMPLE, request_only=True),
            OpenApiExample("To a guest", GUEST_EXAMPLE, response_only=True, status_codes=["201"]),
        ],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Open a ticket, as a guest or signed in."""
        fields = self.read_body(OpenTicketSerializer)
        name, email = fields.pop("customer_name", ""), fields.pop("customer_email", "")
        if not self.person.is_authenticated:
            ticket = open_guest_ticket(request, name=name, email=email, channel=Channel.API, **fields)
            return self._answer(ticket, 201, guest={"customer_name": name, "customer_email": ticket.requester.email})
        requester = self.person
        if email and self.is_staff():
            requester = find_or_create_person(email=email, name=name, by=self.person)
        ticket = services.open_ticket(requester=requester, by=self.person, channel=Channel.API, **fields)
        return self._answer(ticket, 201)

    @extend_schema(parameters=[include_parameter(OF_ONE), FIELDS_PARAMETER], responses=TicketSerializer)
    def retrieve(self, request: Request, ticket_id: str) -> Any:
        """Read a ticket."""
        answer = self._answer(self.ticket())
        (answer.data,) = self._only_asked([answer.data])
        tag = answer["ETag"].strip('"')
        return not_modified(tag) if has_current(request, tag) else answer

    @extend_schema(request=ChangeTicketSerializer, responses=TicketSerializer)
    def partial_update(self, request: Request, ticket_id: str) -> Response:
        """Change a ticket.

        With If-Match a change of a version that is no longer the present one answers 412 with the present state.
        """
        ticket = self.ticket()
        changes = self.read_body(ChangeTicketSerializer)
        reason = changes.pop("reason", "")
        is_checked = "HTTP_IF_MATCH" in request.META
        if not is_checked:
            log.info("change_without_version", ticket=ticket.pk)
        try:
            require_current(request, ticket.version, ignoring=FINGERPRINT)
            version = ticket.version if is_checked else None
            why = {"reason": reason} if reason else None
            changed = services.change_ticket(ticket, by=self.person, expected_version=version, why=why, **changes)
        except Stale as error:
            current = self._answer(ticket)
            raise Stale(error.message, data={"current": current.data}) from error
        return self._answer(changed)

    @extend_schema(request=NOTHING, responses=TicketSerializer)
    def solve(self, request: Request, ticket_id: str) -> Response:
        """Mark as solved; whoever may see the ticket may."""
        return self._do(services.solve_ticket)

    @extend_schema(request=NOTHING, responses=TicketSerializer)
    def reopen(self, request: Request, ticket_id: str) -> Response:
        """Open a solved ticket again."""
        return self._do(services.reopen_ticket)

    @extend_schema(request=NOTHING, responses=TicketSerializer)
    def cancel(self, request: Request, ticket_id: str) -> Response:
        """Withdraw the request; customers may while it is new, open or pending."""
        return self._do(services.cancel_ticket)

    @extend_schema(request=NOTHING, responses=TicketSerializer)
    def close(self, request: Request, ticket_id: str) -> Response:
        """Close for good. For the support team."""
        return self._do(services.close_ticket)

    @extend_schema(request=AssignSerializer, responses=AssignedTicketSerializer)
    def assign(self, request: Request, ticket_id: str) -> Response:
        """Let a rule choose the assignee. For the support team.

        A ticket that has one keeps it, and one for which nobody fits stays without; `assignment.reason` says why.
        """
        ticket = self.ticket()
        require_work(self.person, ticket)
        asked = self.read_body(AssignSerializer)
        assigned = services.assign_ticket(ticket, strategy=asked["strategy"], by=self.person)
        answer = self._answer(assigned.ticket)
        answer.data["assignment"] = {"is_new": assigned.is_new, "reason": assigned.reason}
        return answer

    @extend_schema(request=MergeSerializer, responses=TicketSerializer)
    def merge(self, request: Request, ticket_id: str) -> Response:
        """Close a ticket in favour of another one, which is answered. For the support team."""
        ticket = self.ticket()
        require_work(self.person, ticket)
        into = self.read_body(MergeSerializer)["into"]
        return self._answer(services.merge_tickets(ticket, into=into, by=self.person))

    @extend_schema(request=SplitSerializer, responses={201: TicketSerializer})
    @idempotent
    def split(self, request: Request, ticket_id: str) -> Response:
        """Open a ticket of its own from a customer's message. For the support team."""
        ticket = self.ticket()
        require_work(self.person, ticket)
        asked = self.read_body(SplitSerializer)
        message = Message.objects.filter(ticket=ticket, pk=asked["comment_id"]).first()
        if message is None:
            raise Invalid("There is no such comment on this ticket.", field="comment_id", code="unknown")
        return self._answer(services.split_message(message, subject=asked["subject"], by=self.person), 201)

    def _do(self, verb: Any) -> Response:
        ticket = self.ticket()
        self.read_body(NothingSerializer)
        return self._answer(verb(ticket, by=self.person))

    def _answer(self, ticket: Ticket, status: int = 200, guest: dict[str, str] | None = None) -> Response:
        """Answer the ticket as it is now. guest: what a guest said of themselves, who is told no more than that."""
        shown = described(Ticket.objects.filter(pk=ticket.pk)).get()
        data = self.represent(shown, TicketSerializer)
        headers = {"ETag": etag_of(_mark(data))}
        if guest is not None:
            link = tracking_url(ticket, ticket.requester)
            data = {**data, **guest, "organization": None, "tracking_url": link}
        if status == 201:
            headers["Location"] = self.request.build_absolute_uri(reverse("api:ticket", args=[shown.reference]))
        return Response(data, status=status, headers=headers)


def _mark(data: Any) -> str:
    """Return what names the answer's state: the ticket's version and, where something is promised, how that stands:
    promises break and move without a change of the ticket."""
    moving = [data["sla"]] if any(data["sla"].values()) else []
    moving += [data["included"]] if "included" in data else []
    shown = moving[0] if len(moving) == 1 else moving
    return f"{data['version']}-{fingerprint_of(shown)}" if moving else str(data["version"])
