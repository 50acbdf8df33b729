"""What the tests of webhooks share: a receiver on this machine, a webhook of Ada's, and sending what is queued."""

from __future__ import annotations

import pytest

from integrations import services as outbox
from integrations.models import Delivery
from integrations.webhooks import services
from integrations.webhooks.catalogue import EVENT_TYPES
from tests.vendors.server import Vendor

ALL = [one.name for one in EVENT_TYPES]
PUBLIC_URL = "https://bridge.example/hooks"


@pytest.fixture
def receiver(settings):
    settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = True
    with Vendor() as vendor:
        yield vendor


@pytest.fixture
def made(receiver, ada):
    """A webhook that hears of everything, and its secret."""
    return services.create_webhook(by=ada, name="Bridge", url=f"{receiver.url}/hooks", event_types=ALL)


@pytest.fixture
def webhook(made):
    return made[0]


@pytest.fixture
def secret(made):
    return made[1]


def queued(webhook) -> list[Delivery]:
    return list(Delivery.objects.filter(destination=webhook.destination).order_by("id"))


def names(webhook) -> list[str]:
    return [delivery.template for delivery in queued(webhook)]


def sent(receiver) -> list:
    """Send what is queued and return what reached the receiver meanwhile."""
    receiver.requests.clear()
    outbox.deliver_due()
    return list(receiver.requests)
