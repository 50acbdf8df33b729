"""What the API says of webhooks, and what it takes."""

from __future__ import annotations

import json
import re
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.serializers import FlagField, InstantField, StrictSerializer, TextField, WholeNumberField
from integrations.models import Attempt, Delivery
from integrations.webhooks.catalogue import BY_NAME, EVENT_TYPES, PING
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.services import OVERLAP_HOURS, OVERLAP_HOURS_MOST
from tickets.vocabulary import Priority

STATUSES = ["200", "202"]
STATES = Delivery.State.values
EVENT_NAMES = list(BY_NAME)
AT = "2026-02-08T03:00:00Z"
SECRET_EXAMPLE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's own example
FILTERS_EXAMPLE = {"priorities": ["P1_CRITICAL"], "organizations": [7], "product_areas": [], "tags": []}
WRITE_EXAMPLE = {
    "name": "Chat bridge",
    "url": "https://bridge.example/hooks/support",
    "event_types": ["ticket.created", "ticket.solved"],
    "filters": FILTERS_EXAMPLE,
}
EXAMPLE = {
    "id": 7,
    **WRITE_EXAMPLE,
    "is_active": True,
    "disabled_reason": "",
    "owner": {"id": 3, "name": "Ada Okafor"},
    "last_success_at": AT,
    "failing_since": None,
    "previous_secret_until": None,
    "created_at": AT,
    "updated_at": AT,
}
DELIVERY_EXAMPLE = {
    "id": 1881,
    "webhook_id": "evt_0f2a8c1e2f8e4a539d431d5b2a3b7c11",
    "event_type": "ticket.created",
    "state": "DELIVERED",
    "request": {"type": "ticket.created", "timestamp": AT, "data": EVENT_TYPES[0].example},
    "created_at": AT,
    "next_attempt_at": None,
    "delivered_at": AT,
    "last_error": "",
    "attempts": [
        {"started_at": AT, "is_success": True, "status": 204, "answer": "204 No Content", "milliseconds": 87},
    ],
}


class FiltersSerializer(StrictSerializer):
    """A list that is missing or empty narrows nothing."""

    priorities = serializers.ListField(child=serializers.ChoiceField(choices=Priority.values), required=False)
    organizations = serializers.ListField(
        child=WholeNumberField(min_value=1, max_value=2**63 - 1), required=False, max_length=100
    )
    product_areas = serializers.ListField(child=TextField(max_length=50), required=False, max_length=100)
    tags = serializers.ListField(child=TextField(max_length=50), required=False, max_length=100)


@extend_schema_serializer(examples=[OpenApiExample("A webhook to be", WRITE_EXAMPLE, request_only=True)])
class WriteWebhookSerializer(StrictSerializer):
    name = TextField(max_length=80)
    url = TextField(max_length=500)
    event_types = serializers.ListField(child=serializers.ChoiceField(choices=EVENT_NAMES), min_length=1, max_length=50)
    filters = FiltersSerializer(required=False)
    is_active = FlagField(required=False)


@extend_schema_serializer(examples=[OpenApiExample("Switch it off", {"is_active": False}, request_only=True)])
class ChangeWebhookSerializer(StrictSerializer):
    name = TextField(max_length=80, required=False)
    url = TextField(max_length=500, required=False)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENT_NAMES), min_length=1, max_length=50, required=False
    )
    filters = FiltersSerializer(required=False)
    is_active = FlagField(required=False)


class OwnerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


@extend_schema_serializer(examples=[OpenApiExample("A webhook", EXAMPLE, response_only=True)])
class WebhookSerializer(serializers.Serializer[WebhookSubscription]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    event_types = serializers.ListField(child=serializers.ChoiceField(choices=EVENT_NAMES))
    filters = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    owner = OwnerSerializer(allow_null=True)
    last_success_at = InstantField(allow_null=True)
    failing_since = InstantField(allow_null=True)
    previous_secret_until = InstantField(allow_null=True)
    created_at = InstantField()
    updated_at = InstantField()

    @extend_schema_field(FiltersSerializer)
    def get_filters(self, subscription: WebhookSubscription) -> dict[str, Any]:
        return {name: subscription.filters.get(name, []) for name in FILTERS_EXAMPLE}


@extend_schema_serializer(
    examples=[OpenApiExample("A new webhook", {**EXAMPLE, "secret": SECRET_EXAMPLE}, response_only=True)]
)
class NewWebhookSerializer(WebhookSerializer):
    """A webhook and its secret, which is told by this answer only."""

    secret = serializers.CharField()


class AttemptSerializer(serializers.Serializer[Attempt]):
    """One try. status: of HTTP; null where there was no answer."""

    started_at = InstantField()
    is_success = serializers.BooleanField()
    status = serializers.SerializerMethodField()
    answer = serializers.CharField()
    milliseconds = serializers.IntegerField()

    @extend_schema_field({"type": ["integer", "null"]})
    def get_status(self, attempt: Attempt) -> int | None:
        found = re.match(r"([1-5][0-9]{2})(?=[ :]|$)", attempt.answer)
        return int(found[1]) if found else None


@extend_schema_serializer(
    examples=[OpenApiExample("A delivery", DELIVERY_EXAMPLE, response_only=True, status_codes=STATUSES)]
)
class DeliverySerializer(serializers.Serializer[Delivery]):
    """What a webhook is told. webhook_id: the receiver's key against doubles, the same on every try."""

    id = serializers.IntegerField()
    webhook_id = serializers.CharField(source="payload.webhook_id")
    event_type = serializers.ChoiceField(source="template", choices=[*EVENT_NAMES, PING])
    state = serializers.ChoiceField(choices=STATES)
    request = serializers.SerializerMethodField()
    created_at = InstantField()
    next_attempt_at = serializers.SerializerMethodField()
    delivered_at = InstantField(allow_null=True)
    last_error = serializers.CharField()
    attempts = AttemptSerializer(many=True)

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_request(self, delivery: Delivery) -> Any:
        return json.loads(delivery.payload["body"])

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_next_attempt_at(self, delivery: Delivery) -> Any:
        is_waiting = delivery.state == Delivery.State.PENDING
        return InstantField().to_representation(delivery.due_at) if is_waiting else None


@extend_schema_serializer(examples=[OpenApiExample("Two days", {"overlap_hours": 48}, request_only=True)])
class RotateSecretSerializer(StrictSerializer):
    """overlap_hours: how long the old secret signs as well."""

    overlap_hours = WholeNumberField(min_value=0, max_value=OVERLAP_HOURS_MOST, required=False, default=OVERLAP_HOURS)


RANGE_EXAMPLE = {"from": AT, "to": "2026-02-08T09:00:00Z", "state": "DEAD"}


@extend_schema_serializer(examples=[OpenApiExample("What died in a night", RANGE_EXAMPLE, request_only=True)])
class RangeSerializer(StrictSerializer):
    """A span, by when the events were queued. state: of what is to be sent again; whatever is finished unless said."""

    def get_fields(self) -> dict[str, Any]:
        finished = [state for state in STATES if state != Delivery.State.PENDING]
        return {
            "from": InstantField(),
            "to": InstantField(),
            "state": serializers.ChoiceField(choices=finished, required=False),
        }


@extend_schema_serializer(examples=[OpenApiExample("Queued", {"count": 12}, response_only=True, status_codes=STATUSES)])
class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="How many deliveries are on the way again.")
