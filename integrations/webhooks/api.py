"""Webhooks over HTTP: setting them up, their log, and sending again. For those of the support team who may."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from common.errors import NotAllowed
from common.idempotency import idempotent
from common.serializers import NOTHING
from common.views import PortalViewSet
from integrations.models import Delivery
from integrations.services import redeliver
from integrations.webhooks import services
from integrations.webhooks.filters import DeliveryFilters
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.sending import key_of
from integrations.webhooks.serializers import (
    ChangeWebhookSerializer,
    CountSerializer,
    DeliverySerializer,
    NewWebhookSerializer,
    RangeSerializer,
    RotateSecretSerializer,
    WebhookSerializer,
    WriteWebhookSerializer,
)

NEVER_KEPT = {"Cache-Control": "no-store"}
VIEW = "integrations.view_webhooksubscription"


class WebhookView(PortalViewSet):
    scope = "webhooks"
    permission_classes = SIGNED_IN

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and not self.person.has_perm(VIEW):
            raise NotAllowed("Webhooks are the support team's to see.")

    def webhook(self) -> WebhookSubscription:
        found: WebhookSubscription = get_object_or_404(
            WebhookSubscription.objects.select_related("owner"), pk=self.kwargs["webhook_id"]
        )
        return found


class WebhookViewSet(WebhookView):
    """Who outside is told of what."""

    serializer_class = WebhookSerializer
    ordering_fields = {"name": "name", "created_at": "created_at"}
    default_ordering = ("name",)
    problems = {"test": [409], "redeliver": [409]}

    def list(self, request: Request) -> Response:
        """List the webhooks."""
        return self.answer_page(WebhookSubscription.objects.select_related("owner"))

    @extend_schema(request=WriteWebhookSerializer, responses={201: NewWebhookSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Add a webhook. Its secret is told by this answer only."""
        asked = self.read_body(WriteWebhookSerializer)
        row, secret = services.create_webhook(by=self.person, **asked)
        return Response({**self.represent(row), "secret": secret}, status=201, headers=NEVER_KEPT)

    @extend_schema(responses=WebhookSerializer)
    def retrieve(self, request: Request, webhook_id: int) -> Response:
        """Read a webhook."""
        return Response(self.represent(self.webhook()))

    @extend_schema(request=ChangeWebhookSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, webhook_id: int) -> Response:
        """Change a webhook, or switch it on or off."""
        row = self.webhook()
        asked = self.read_body(ChangeWebhookSerializer)
        return Response(self.represent(services.change_webhook(row, by=self.person, **asked)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, webhook_id: int) -> Response:
        """Delete a webhook. What still waits for it is not sent any more."""
        services.delete_webhook(self.webhook(), by=self.person)
        return Response(status=204)

    @extend_schema(request=RotateSecretSerializer, responses=NewWebhookSerializer)
    def rotate_secret(self, request: Request, webhook_id: int) -> Response:
        """Give a webhook a new secret. The old one signs as well for `overlap_hours`."""
        row = self.webhook()
        asked = self.read_body(RotateSecretSerializer)
        row, secret = services.rotate_secret(row, by=self.person, **asked)
        return Response({**self.represent(row), "secret": secret}, headers=NEVER_KEPT)

    @extend_schema(request=NOTHING, responses={202: DeliverySerializer})
    def test(self, request: Request, webhook_id: int) -> Response:
        """Send a test event, `ping`."""
        delivery = services.send_test(self.webhook(), by=self.person)
        return Response(self.represent(delivery, DeliverySerializer), status=202)

    @extend_schema(request=RangeSerializer, responses={202: CountSerializer})
    def redeliver(self, request: Request, webhook_id: int) -> Response:
        """Send again what was queued in a span of time, at most 1,000 deliveries."""
        row = self.webhook()
        asked = self.read_body(RangeSerializer)
        span = {"since": asked["from"], "until": asked["to"], "state": asked.get("state", "")}
        count = services.redeliver_range(row, by=self.person, **span)
        return Response({"count": count}, status=202)


class WebhookDeliveryViewSet(WebhookView):
    """What webhooks were told, and what came of it."""

    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilters
    ordering_fields = {"created_at": "pk"}
    default_ordering = ("-created_at",)
    problems = {"redeliver": [409]}

    def list(self, request: Request, webhook_id: int) -> Response:
        """List what a webhook was told, each with every try, the newest first."""
        return self.answer_page(self._deliveries().filter(circuit=self.webhook().destination))

    @extend_schema(request=NOTHING, responses={202: DeliverySerializer})
    def redeliver(self, request: Request, delivery_id: int) -> Response:
        """Send a delivery again, with the same `webhook-id` and body."""
        row = self._deliveries().filter(pk=delivery_id).first()
        if row is None or not WebhookSubscription.objects.filter(pk=key_of(row.destination)).exists():
            raise Http404
        redeliver(row, by=self.person)
        return Response(self.represent(self._deliveries().get(pk=row.pk)), status=202)

    def _deliveries(self) -> Any:
        return Delivery.objects.filter(kind="webhook").prefetch_related("attempts")
