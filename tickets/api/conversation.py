"""What is said on a ticket, the files on it, and what happened to it."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common import journal
from common.idempotency import idempotent
from common.parsers import MultiPartParser
from common.views import PortalView
from tickets import services
from tickets.access import may_work
from tickets.api.base import TicketView
from tickets.downloads import file_response, read_download_token
from tickets.filters import EventFilters, MomentFilters
from tickets.models import Attachment, Message, Ticket
from tickets.querysets import MessageQuerySet
from tickets.serializers.conversation import (
    AttachmentSerializer,
    AttachSerializer,
    CommentSerializer,
    EventSerializer,
    WriteCommentSerializer,
)
from tickets.vocabulary import Channel


class CommentViewSet(TicketView):
    """The conversation, oldest first; the description is its head."""

    serializer_class = CommentSerializer
    filterset_class = MomentFilters
    default_ordering = ("created_at",)
    problems = {"create": [409]}

    def list(self, request: Request, ticket_id: str) -> Response:
        """List what the caller may read of the conversation."""
        return self.answer_page(self._shown(Message.objects.filter(ticket=self.ticket())))

    @extend_schema(request=WriteCommentSerializer, responses={201: CommentSerializer})
    @idempotent
    def create(self, request: Request, ticket_id: str) -> Response:
        """Write a reply, or an internal note.

        A customer's reply opens a solved ticket again; on a closed one it opens a follow-up, whose `ticket_id`
        the answer names.
        """
        ticket = self.ticket()
        asked = self.read_body(WriteCommentSerializer)
        message = self._write(ticket, asked["body"], is_internal=asked["is_internal"])
        shown = self._shown(Message.objects.filter(pk=message.pk)).get()
        return Response(self.represent(shown), status=201)

    def _write(self, ticket: Ticket, body: str, *, is_internal: bool) -> Message:
        if is_internal:
            return services.add_internal_note(ticket, body=body, by=self.person, channel=Channel.API)
        if self.is_staff() and (ticket.requester_id != self.person.pk or may_work(self.person, ticket)):
            return services.post_public_reply(ticket, body=body, by=self.person, channel=Channel.API)
        return services.post_customer_message(ticket, body=body, by=self.person, channel=Channel.API)

    def _shown(self, messages: MessageQuerySet) -> MessageQuerySet:
        """Return what the caller may read of `messages`, each with the files they may have."""
        files = Prefetch("attachments", Attachment.objects.visible_to(self.person), to_attr="shown_attachments")
        return messages.visible_to(self.person).select_related("author", "ticket").prefetch_related(files)


class AttachmentViewSet(TicketView):
    """Files on a ticket, those of its messages included."""

    serializer_class = AttachmentSerializer
    filterset_class = MomentFilters
    default_ordering = ("created_at",)

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.request is None or self.request.method == "POST" else super().get_parsers()

    def list(self, request: Request, ticket_id: str) -> Response:
        """List the files the caller may have."""
        files = Attachment.objects.visible_to(self.person).filter(ticket=self.ticket())
        return self.answer_page(files)

    @extend_schema(request={"multipart/form-data": AttachSerializer}, responses={201: AttachmentSerializer})
    @idempotent
    def create(self, request: Request, ticket_id: str) -> Response:
        """Attach a file. Only the support team may attach internal ones."""
        ticket = self.ticket()
        asked = self.read_body(AttachSerializer)
        file = services.attach_file(ticket, asked["file"], by=self.person, is_internal=asked["is_internal"])
        return Response(self.represent(file), status=201)


class DownloadView(PortalView):
    """The content of a file, by an address that a list of attachments gave and that works for a few minutes."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The file.")})
    def get(self, request: Request, token: str) -> FileResponse:
        """Download a file by its signed address, which needs no credentials."""
        return file_response(read_download_token(token))


class EventViewSet(TicketView):
    """The audit trail, oldest first."""

    serializer_class = EventSerializer
    filterset_class = EventFilters
    default_ordering = ("pk",)

    def list(self, request: Request, ticket_id: str) -> Response:
        """List what happened. Customers see what concerns them: answers and changes of status and priority."""
        events = journal.timeline(self.ticket())
        if not self.is_staff():
            events = events.filter(kind__in=[name for name, kind in journal.kinds().items() if kind.is_public])
        return self.answer_page(events)
