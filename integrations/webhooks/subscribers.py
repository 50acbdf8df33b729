"""Webhooks sign in: as a kind of delivery, and to the events that they can be told."""

from __future__ import annotations

from common import journal
from integrations import registry
from integrations.webhooks import catalogue, sending
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.queueing import tell_webhooks


def register() -> None:
    registry.register(registry.Kind("webhook", "Webhooks", sending.send, is_on=is_on, why=why, circuit=circuit_of))
    for event_type in catalogue.EVENT_TYPES:
        journal.subscribe(event_type.kinds, tell_webhooks)


def is_on() -> bool:
    return WebhookSubscription.objects.filter(is_active=True).exists()


def why() -> str:
    count = WebhookSubscription.objects.filter(is_active=True).count()
    if not count:
        return "No webhook is set up and switched on."
    return f"{count} {'webhook is' if count == 1 else 'webhooks are'} switched on."


def circuit_of(destination: str) -> str:
    """Each webhook has a circuit of its own: one that is down delays no other."""
    return destination
