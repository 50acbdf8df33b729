"""Who outside wants to hear of what."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models

from common.time import now


def no_filters() -> dict[str, list[Any]]:
    return {}


class WebhookSubscription(models.Model):
    """An address that is told of events.

    filters: {"priorities", "organizations" (ids), "product_areas" (keys), "tags" (names): what an event's subject must
    have one of}; a name that is missing or empty narrows nothing.   secret, previous_secret: sealed, for signing; the
    previous one signs too until `previous_secret_until`.   failing_since: the first failure after the last success.
    """

    name = models.CharField(max_length=80)
    url = models.CharField("address", max_length=500)
    event_types = models.JSONField(default=list)
    filters = models.JSONField(default=no_filters, blank=True)
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="webhook_subscriptions"
    )
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = "webhook"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def destination(self) -> str:
        """How its deliveries name it."""
        return f"webhook:{self.pk}"

    def has_two_secrets_at(self, at: dt.datetime) -> bool:
        return bool(self.previous_secret) and self.previous_secret_until is not None and at < self.previous_secret_until
