"""Messages, files and the timeline, as their reader may see them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common import journal
from common.models import Event
from common.serializers import FlagField, InstantField, StrictSerializer, TextField
from tickets.downloads import TOKEN_LIFE, signed_download_token
from tickets.models import Attachment, Message
from tickets.serializers.tickets import PersonSerializer
from tickets.vocabulary import Channel

ATTACHMENT_EXAMPLE = {
    "attachment_id": "5f0c8c1e-2f8e-4a53-9d43-1d5b2a3b7c11",
    "comment_id": None,
    "name": "graph.png",
    "content_type": "image/png",
    "size": 48211,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "is_internal": False,
    "created_at": "2026-02-08T03:05:00Z",
    "url": "https://support.example/api/v1/attachments/NWYwYzhj:1w7...:sig",
    "url_expires_in_seconds": 600,
}
COMMENT_EXAMPLE = {
    "comment_id": 5012,
    "ticket_id": "ODG-1042",
    "body": "We look into it.",
    "body_html": "<p>We look into it.</p>\n",
    "is_internal": False,
    "author": {"id": 3, "name": "Agnes Moreau"},
    "author_is_support": True,
    "channel": "API",
    "created_at": "2026-02-08T03:40:00Z",
    "attachments": [],
}
EVENT_EXAMPLE = {
    "event_id": "0c6ce6b6-0a25-4bb7-a8f6-2df8d0f2a6f0",
    "kind": "ticket.status_changed",
    "label": "changed the status",
    "occurred_at": "2026-02-08T03:40:00Z",
    "actor": {"kind": "person", "id": 3, "name": "Agnes Moreau"},
    "channel": "API",
    "data": {"status": {"from": "NEW", "to": "OPEN"}},
}
# What customers read of an event's data: what changed for them, and nothing of how the team works.
PUBLIC_DATA = frozenset({"status", "priority"})


@extend_schema_serializer(examples=[OpenApiExample("A file", ATTACHMENT_EXAMPLE, response_only=True)])
class AttachmentSerializer(serializers.Serializer[Attachment]):
    """A file. `url` needs no credentials and works for a few minutes; ask again for a fresh one."""

    attachment_id = serializers.UUIDField(source="uid")
    comment_id = serializers.IntegerField(source="message_id", allow_null=True)
    name = serializers.CharField()
    content_type = serializers.CharField(help_text="By content, not by name.")
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    is_internal = serializers.BooleanField()
    created_at = InstantField()
    url = serializers.SerializerMethodField()
    url_expires_in_seconds = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, attachment: Attachment) -> str:
        path = reverse("api:attachment-download", args=[signed_download_token(attachment)])
        url: str = self.context["request"].build_absolute_uri(path)
        return url

    def get_url_expires_in_seconds(self, attachment: Attachment) -> int:
        return int(TOKEN_LIFE.total_seconds())


@extend_schema_serializer(examples=[OpenApiExample("A public reply", COMMENT_EXAMPLE, response_only=True)])
class CommentSerializer(serializers.Serializer[Message]):
    """One entry of the conversation."""

    comment_id = serializers.IntegerField(source="pk")
    ticket_id = serializers.CharField(source="ticket.reference")
    body = serializers.CharField(help_text="Markdown, as it was written.")
    body_html = serializers.CharField(help_text="Sanitized HTML.")
    is_internal = serializers.BooleanField()
    author = PersonSerializer(allow_null=True)
    author_is_support = serializers.SerializerMethodField()
    channel = serializers.ChoiceField(choices=Channel.values)
    created_at = InstantField()
    attachments = AttachmentSerializer(many=True, source="shown_attachments")

    def get_author_is_support(self, message: Message) -> bool:
        return message.kind != Message.Kind.CUSTOMER_MESSAGE


@extend_schema_serializer(
    examples=[
        OpenApiExample("A reply", {"body": "We look into it."}, request_only=True),
        OpenApiExample("An internal note", {"body": "Same as ODG-977.", "is_internal": True}, request_only=True),
    ]
)
class WriteCommentSerializer(StrictSerializer):
    """A reply; the author is whoever asks. Only the support team may write internal notes."""

    body = TextField(max_length=10_000, help_text="Markdown.")
    is_internal = FlagField(required=False, default=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A file", {"file": "(the file)", "is_internal": False}, request_only=True, media_type="multipart/form-data"
        )
    ]
)
class AttachSerializer(StrictSerializer):
    """A form with one file of at most 10 MB. Programs and web pages are refused, whatever they are called."""

    file = serializers.FileField(allow_empty_file=True, max_length=255)
    is_internal = serializers.BooleanField(required=False, default=False)


class ActorSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Event.ActorKind.values)
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


@extend_schema_serializer(examples=[OpenApiExample("A change of status", EVENT_EXAMPLE, response_only=True)])
class EventSerializer(serializers.Serializer[Event]):
    """Something that happened. `request_id` and `ip_address` are for the support team only."""

    event_id = serializers.UUIDField(source="uid")
    kind = serializers.CharField()
    label = serializers.SerializerMethodField(help_text="What a timeline says.")  # type: ignore[assignment]
    occurred_at = InstantField()
    actor = serializers.SerializerMethodField()
    channel = serializers.CharField()
    data = serializers.SerializerMethodField()  # type: ignore[assignment]
    request_id = serializers.CharField(required=False)
    ip_address = serializers.CharField(required=False, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()
        if "is_staff" in self.context and not self.context["is_staff"]:
            del fields["request_id"], fields["ip_address"]
        return fields

    def get_label(self, event: Event) -> str:
        kind = journal.kinds().get(event.kind)
        return kind.label if kind else event.kind

    @extend_schema_field(ActorSerializer)
    def get_actor(self, event: Event) -> dict[str, Any]:
        return {"kind": event.actor_kind, "id": event.actor_id, "name": event.actor_label}

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_data(self, event: Event) -> dict[str, Any]:
        if self.context["is_staff"]:
            return dict(event.data)
        return {name: value for name, value in event.data.items() if name in PUBLIC_DATA}
