"""The outbox: each delivery ends made or given up, with its reason, whatever the transport does."""

import datetime as dt

import pytest
import time_machine

from common import queue
from common.errors import Conflict, DeliveryError, NotAllowed
from common.journal import Event
from common.time import now
from integrations import registry, services
from integrations.models import Attempt, Delivery
from integrations.registry import Kind, Sent


@pytest.fixture
def transport(monkeypatch):
    """A kind of integration that does what the test says, in turn."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    answers, seen = [], []

    def send(delivery):
        seen.append(delivery.pk)
        answer = answers.pop(0) if answers else Sent("ok", "id-1")
        if isinstance(answer, Exception):
            raise answer
        return answer

    registry.register(Kind("test", "Test", send))
    send.answers, send.seen = answers, seen
    return send


@pytest.fixture
def delivery(db, transport):
    return services.queue_delivery(kind="test", template="x", destination="there")


def after(delivery):
    delivery.refresh_from_db()
    return delivery


def test_a_delivery_is_made_and_its_try_kept(delivery, transport):
    assert services.deliver_due() == 1
    assert after(delivery).state == Delivery.State.DELIVERED
    assert (delivery.external_id, delivery.failed_tries) == ("id-1", 0)
    attempt = delivery.attempts.get()
    assert (attempt.is_success, attempt.answer) == (True, "ok")
    assert services.deliver_due() == 0


def test_a_failure_is_tried_again_later(delivery, transport):
    transport.answers.append(DeliveryError("busy", retry_after=90))
    services.deliver_due()
    assert after(delivery).state == Delivery.State.PENDING
    assert delivery.last_error == "busy"
    assert services.deliver_due() == 0
    with time_machine.travel(now() + dt.timedelta(seconds=120)):
        assert services.deliver_due() == 1
    assert after(delivery).state == Delivery.State.DELIVERED
    assert [a.is_success for a in delivery.attempts.all()] == [False, True]


def test_a_permanent_failure_is_given_up_at_once_and_told(delivery, transport):
    transport.answers.append(DeliveryError("no such mailbox", permanent=True))
    services.deliver_due()
    assert after(delivery).state == Delivery.State.DEAD
    assert Event.objects.get(kind="delivery.died").data == {"delivery": delivery.pk, "reason": "no such mailbox"}


def test_after_the_last_try_it_is_given_up(delivery, transport):
    Delivery.objects.update(failed_tries=len(queue.BACK_OFF))
    transport.answers.append(DeliveryError("busy"))
    services.deliver_due()
    assert after(delivery).state == Delivery.State.DEAD


def test_a_fault_of_ours_does_not_stop_the_others(db, transport):
    first, second = [services.queue_delivery(kind="test", template="x", destination=d) for d in ("a", "b")]
    transport.answers.append(ZeroDivisionError("oops"))
    assert services.deliver_due() == 2
    assert after(first).last_error == "ZeroDivisionError: oops"
    assert after(second).state == Delivery.State.DELIVERED


def test_an_unknown_kind_is_given_up(db):
    delivery = services.queue_delivery(kind="pigeon", template="x", destination="there")
    services.deliver_due()
    assert after(delivery).state == Delivery.State.DEAD


def test_needless_is_neither_made_nor_given_up(delivery, transport):
    transport.answers.append(Sent("gone", is_needless=True))
    services.deliver_due()
    assert after(delivery).state == Delivery.State.SKIPPED


def test_a_secret_is_blanked_once_it_is_out(db, transport):
    delivery = services.queue_delivery(
        kind="test", template="x", destination="there", payload={"text": "123456"}, is_secret=True
    )
    services.deliver_due()
    assert after(delivery).payload == {}
    assert "123456" not in str(Attempt.objects.values())


def test_one_event_goes_once_to_one_destination(ticket):
    event = Event.objects.get(kind="ticket.opened")
    assert Delivery.objects.count() == 1
    assert services.queue_delivery(kind="email", template="x", destination="rita@aarlund.example", event=event) is None


def test_redelivering(delivery, transport, sofia, agnes):
    with pytest.raises(Conflict):
        services.redeliver(delivery, by=sofia)
    services.deliver_due()
    with pytest.raises(NotAllowed):
        services.redeliver(delivery, by=agnes)
    services.redeliver(delivery, by=sofia)
    services.deliver_due()
    assert after(delivery).state == Delivery.State.DELIVERED
    assert delivery.attempts.count() == 2


def test_a_secret_that_is_gone_is_not_sent_again(db, transport, sofia):
    delivery = services.queue_delivery(
        kind="test", template="x", destination="t", payload={"text": "1"}, is_secret=True
    )
    services.deliver_due()
    with pytest.raises(Conflict, match="secret"):
        services.redeliver(delivery, by=sofia)


def test_the_sweep_stops_when_its_time_is_spent(delivery, transport):
    assert services.deliver_due(seconds=0) == 0
