"""What the API says of the work of agents."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from common.serializers import InstantField
from tickets.vocabulary import Priority

AGENT_EXAMPLE = {
    "agent_id": 3,
    "agent_name": "Agnes Moreau",
    "agent_email": "agnes@support.example",
    "availability": "AWAY",
    "away_until": "2026-02-12T08:00:00Z",
    "open_tickets": 4,
    "by_priority": {"P1_CRITICAL": 0, "P2_HIGH": 1, "P3_NORMAL": 3, "P4_LOW": 0},
    "resolved_today": 2,
    "avg_response_time_seconds": 1840,
}
COUNTS = {
    "type": "object",
    "properties": {priority: {"type": "integer"} for priority in Priority.values},
    "required": list(Priority.values),
}


class AgentWorkSerializer(serializers.Serializer[Any]):
    agent_id = serializers.IntegerField()
    agent_name = serializers.CharField()
    agent_email = serializers.CharField()
    availability = serializers.ChoiceField(choices=User.Availability.values)
    away_until = InstantField(allow_null=True)
    open_tickets = serializers.IntegerField(help_text="New, open and pending.")
    by_priority = serializers.SerializerMethodField()
    resolved_today = serializers.IntegerField(help_text="Solved since 0:00 UTC, and not opened again.")
    avg_response_time_seconds = serializers.IntegerField(
        allow_null=True, help_text="From opening to the first answer, of tickets opened in the last 30 days."
    )

    @extend_schema_field(COUNTS)
    def get_by_priority(self, row: dict[str, Any]) -> dict[str, int]:
        counts: dict[str, int] = row["by_priority"]
        return counts


@extend_schema_serializer(examples=[OpenApiExample("One agent", {"results": [AGENT_EXAMPLE]}, response_only=True)])
class WorkloadSerializer(serializers.Serializer[Any]):
    """Every agent at once, busiest first."""

    results = AgentWorkSerializer(many=True)
