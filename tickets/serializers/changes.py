"""The feed of changes over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tickets.serializers.tickets import TICKET_EXAMPLE, TicketSerializer

KINDS = ("CREATED", "CHANGED", "DELETED")
CHANGES_EXAMPLE = {
    "results": [
        {"sequence": 8123, "type": "CHANGED", "ticket_id": "ODG-1042", "deleted": False, "ticket": TICKET_EXAMPLE},
        {"sequence": 8124, "type": "DELETED", "ticket_id": "ODG-977", "deleted": True, "ticket": None},
    ],
    "next_after": 8124,
    "has_more": False,
}


class ChangeSerializer(serializers.Serializer[Any]):
    """A change. deleted: the caller may no longer see the ticket, or it is gone.   ticket: as it is now."""

    sequence = serializers.IntegerField()
    type = serializers.ChoiceField(choices=KINDS)
    ticket_id = serializers.CharField()
    deleted = serializers.BooleanField()
    ticket = serializers.SerializerMethodField()

    @extend_schema_field(TicketSerializer(allow_null=True))
    def get_ticket(self, change: dict[str, Any]) -> Any:
        return change["ticket"]


@extend_schema_serializer(examples=[OpenApiExample("Two changes", CHANGES_EXAMPLE, response_only=True)])
class ChangesSerializer(serializers.Serializer[Any]):
    """A page of changes. next_after: send it as `after` next time.   has_more: ask again at once."""

    results = ChangeSerializer(many=True)
    next_after = serializers.IntegerField()
    has_more = serializers.BooleanField()
