"""Tickets that belong together, and what is done to several."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.serializers import AliasedChoiceField, InstantField, RowField, StrictSerializer, TextField, WholeNumberField
from tickets.models import Ticket, TicketLink
from tickets.vocabulary import LinkKind, Status

LINK_EXAMPLE = {
    "link_id": 12,
    "kind": "FOLLOW_UP_OF",
    "direction": "OUT",
    "ticket_id": "ODG-977",
    "subject": "Lineage graph is empty",
    "status": "CLOSED",
    "created_at": "2026-02-08T03:00:00Z",
}


class TicketReferenceField(RowField):
    """Another ticket, by its reference; one that the caller may not see is one that does not exist."""

    default_error_messages = {"unknown": "There is no such ticket, or it is not yours to see."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def find(self, word: str) -> Ticket | None:
        return Ticket.objects.visible_to(self.context["request"].user).with_reference(word).first()


@extend_schema_serializer(examples=[OpenApiExample("A follow-up", LINK_EXAMPLE, response_only=True)])
class LinkSerializer(serializers.Serializer[TicketLink]):
    """A link. direction OUT: this ticket is `kind` the other; IN: the other is `kind` this one."""

    link_id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=LinkKind.values)
    direction = serializers.SerializerMethodField()
    ticket_id = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    created_at = InstantField()

    @extend_schema_field({"type": "string", "enum": ["OUT", "IN"]})
    def get_direction(self, link: TicketLink) -> str:
        return "OUT" if link.ticket_id == self.context["ticket"].pk else "IN"

    def get_ticket_id(self, link: TicketLink) -> str:
        return self._other(link).reference

    def get_subject(self, link: TicketLink) -> str:
        return self._other(link).subject

    @extend_schema_field({"type": "string", "enum": Status.values})
    def get_status(self, link: TicketLink) -> str:
        return self._other(link).status

    def _other(self, link: TicketLink) -> Ticket:
        return link.other if link.ticket_id == self.context["ticket"].pk else link.ticket


@extend_schema_serializer(
    examples=[OpenApiExample("A duplicate", {"kind": "DUPLICATE_OF", "ticket_id": "ODG-977"}, request_only=True)]
)
class WriteLinkSerializer(StrictSerializer):
    """What this ticket is to the other one."""

    kind = AliasedChoiceField(choices=LinkKind.values, required=False, default=LinkKind.RELATED)
    ticket_id = TicketReferenceField()


@extend_schema_serializer(examples=[OpenApiExample("Into an older one", {"into": "ODG-977"}, request_only=True)])
class MergeSerializer(StrictSerializer):
    """The ticket that survives."""

    into = TicketReferenceField()


@extend_schema_serializer(
    examples=[OpenApiExample("A second question", {"comment_id": 5012, "subject": "Export fails"}, request_only=True)]
)
class SplitSerializer(StrictSerializer):
    """The customer's message that becomes a ticket of its own."""

    comment_id = WholeNumberField(min_value=1, max_value=2**63 - 1)
    subject = TextField(min_length=3, max_length=200)
