"""Rows of the doors to other systems. A channel with tables of its own keeps them in its folder and names them here."""

from integrations.models.incoming import InboundEvent
from integrations.models.outgoing import Attempt, Circuit, Delivery
from integrations.webhooks.models import WebhookSubscription

__all__ = ["Attempt", "Circuit", "Delivery", "InboundEvent", "WebhookSubscription"]
