"""Macros over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.serializers import StrictSerializer, TextField, WholeNumberField
from tickets.automation.actions import ACTIONS
from tickets.automation.wording import TEXT_MOST
from tickets.models import Macro
from tickets.vocabulary import Priority, Status

MACRO_EXAMPLE = {
    "macro_id": 3,
    "name": "Ask for the logs",
    "description": "Asks for version and logs, and waits for the answer.",
    "team": None,
    "actions": [{"action": "set_status", "value": "PENDING"}],
    "reply": "Hello {{ requester.first_name }}, which version do you run?",
    "is_reply_internal": False,
    "used_count": 12,
}
PREVIEW_EXAMPLE = {
    "macro_id": 3,
    "ticket_id": "ODG-1042",
    "version": 4,
    "changes": [{"label": "Status", "old": "Open", "new": "Pending", "text": "", "problem": ""}],
    "reply": "Hello Rita, which version do you run?",
    "is_reply_internal": False,
}
APPLIED_EXAMPLE = {
    "macro_id": 3,
    "ticket_id": "ODG-1042",
    "status": "PENDING",
    "priority": "P3_NORMAL",
    "version": 6,
}
TEAM = {
    "type": "object",
    "nullable": True,
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    "required": ["id", "name"],
}
STEPS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"action": {"type": "string", "enum": list(ACTIONS)}, "value": {}},
        "required": ["action", "value"],
    },
}


@extend_schema_serializer(examples=[OpenApiExample("A macro", MACRO_EXAMPLE, response_only=True)])
class MacroSerializer(serializers.Serializer[Macro]):
    """A macro. team: whose it is, null for all.   reply: its words, their variables in them."""

    macro_id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    description = serializers.CharField()
    team = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    reply = serializers.CharField()
    is_reply_internal = serializers.BooleanField()
    used_count = serializers.IntegerField()

    @extend_schema_field(TEAM)
    def get_team(self, macro: Macro) -> dict[str, Any] | None:
        return {"id": macro.team.pk, "name": macro.team.name} if macro.team else None

    @extend_schema_field(STEPS)
    def get_actions(self, macro: Macro) -> list[dict[str, Any]]:
        return macro.actions


class PlannedSerializer(serializers.Serializer[Any]):
    """One step. old, new: values in words.   text: what would be written.   problem: why it does nothing, or fails."""

    label = serializers.CharField()  # type: ignore[assignment]  # a member of the answer, not of the field
    old = serializers.CharField()
    new = serializers.CharField()
    text = serializers.CharField()
    problem = serializers.CharField()


@extend_schema_serializer(examples=[OpenApiExample("What it would do", PREVIEW_EXAMPLE, response_only=True)])
class PreviewSerializer(serializers.Serializer[Any]):
    """What a macro would do. version: of the ticket that was looked at; send it with `apply`."""

    macro_id = serializers.IntegerField(source="macro.pk")
    ticket_id = serializers.CharField(source="ticket.reference")
    version = serializers.IntegerField(source="ticket.version")
    changes = PlannedSerializer(many=True, source="preview.changes")
    reply = serializers.CharField(source="preview.reply")
    is_reply_internal = serializers.BooleanField(source="preview.is_reply_internal")


@extend_schema_serializer(
    examples=[
        OpenApiExample("With other words", {"reply": "Which version do you run?", "version": 4}, request_only=True)
    ]
)
class ApplyMacroSerializer(StrictSerializer):
    """reply: words in place of the macro's; empty for none.   version: refuse where the ticket is another one now."""

    reply = TextField(required=False, allow_blank=True, max_length=TEXT_MOST)
    version = WholeNumberField(required=False, min_value=1, max_value=2**31 - 1)


@extend_schema_serializer(examples=[OpenApiExample("Done", APPLIED_EXAMPLE, response_only=True)])
class AppliedSerializer(serializers.Serializer[Any]):
    """The ticket after it."""

    macro_id = serializers.IntegerField(source="macro.pk")
    ticket_id = serializers.CharField(source="ticket.reference")
    status = serializers.ChoiceField(choices=Status.values, source="ticket.status")
    priority = serializers.ChoiceField(choices=Priority.values, source="ticket.priority")
    version = serializers.IntegerField(source="ticket.version")
