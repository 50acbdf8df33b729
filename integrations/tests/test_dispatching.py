"""Several other sides at once: a slow one delays nobody but itself."""

import threading

import pytest

from integrations import dispatching, registry, services
from integrations.models import Delivery
from integrations.registry import Kind, Sent


@pytest.mark.django_db(transaction=True)
def test_a_slow_one_delays_nobody_else(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})
    quick_are_done, order = threading.Event(), []

    def send(delivery):
        if delivery.destination == "slow":
            assert quick_are_done.wait(20), "the others were held up"
        order.append(delivery.destination)
        if order.count("quick") == 3:
            quick_are_done.set()
        return Sent("ok")

    registry.register(Kind("hook", "Hook", send, circuit=lambda destination: f"hook:{destination}"))
    for destination in ("slow", "quick", "quick", "quick"):
        services.queue_delivery(kind="hook", template="x", destination=destination)
    assert dispatching.deliver_due() == 4
    assert order == ["quick", "quick", "quick", "slow"]
    assert not Delivery.objects.pending().exists()
