"""How the integrations are, over HTTP, for whoever watches them."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from common.errors import NotAllowed
from common.views import PortalViewSet
from integrations import health

EXAMPLE = {
    "integrations": [
        {
            "name": "email",
            "label": "Email",
            "is_on": True,
            "why": "Mail goes out through SendGrid.",
            "waiting": 3,
            "oldest_waiting_at": "2026-02-08T03:00:00Z",
            "dead": 0,
            "last_success_at": "2026-02-08T02:59:41Z",
            "last_error_at": "2026-02-08T03:00:02Z",
            "last_error": "The mail service answered 503.",
            "circuits": [
                {
                    "key": "email",
                    "state": "open",
                    "until": "2026-02-08T03:00:32Z",
                    "reason": "The mail service answered 503.",
                }
            ],
        }
    ],
    "inboxes": [
        {
            "name": "email",
            "label": "Email",
            "waiting": 0,
            "held": 1,
            "failed": 0,
            "last_at": "2026-02-08T02:41:10Z",
        }
    ],
}


class CircuitSerializer(serializers.Serializer[health.CircuitHealth]):
    key = serializers.CharField()
    state = serializers.ChoiceField(["closed", "paused", "open"], help_text="open: it rests after too many failures.")
    until = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class IntegrationSerializer(serializers.Serializer[health.Health]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_on = serializers.BooleanField()
    why = serializers.CharField()
    waiting = serializers.IntegerField()
    oldest_waiting_at = serializers.DateTimeField(allow_null=True)
    dead = serializers.IntegerField(help_text="Given up in the last 30 days.")
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_error_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    circuits = CircuitSerializer(many=True)


class InboxSerializer(serializers.Serializer[health.Inbox]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    waiting = serializers.IntegerField()
    held = serializers.IntegerField()
    failed = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(examples=[OpenApiExample("One that waits for its server", EXAMPLE, response_only=True)])
class IntegrationsSerializer(serializers.Serializer[object]):
    integrations = IntegrationSerializer(many=True)
    inboxes = InboxSerializer(many=True)


class IntegrationViewSet(PortalViewSet):
    """How the doors to other systems are."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    serializer_class = IntegrationsSerializer

    @extend_schema(responses=IntegrationsSerializer)
    def health(self, request: Request) -> Response:
        """Read how every integration is: on or off and why, its queue, its circuits. For the support team."""
        if not self.person.has_perm("integrations.view_circuit"):
            raise NotAllowed("Only the support team can look at this.")
        told = {"integrations": [one.as_dict() for one in health.integrations()], "inboxes": health.inboxes()}
        return Response(IntegrationsSerializer(told).data)
