"""The outbox's books: they balance, and what is missing is named; old rows leave without a gap."""

import datetime as dt
import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from common.errors import DeliveryError
from common.retention import purgers
from common.time import now
from integrations import registry, services
from integrations.auditing import audit
from integrations.models import Attempt, Delivery, InboundEvent
from integrations.registry import Kind, Sent


@pytest.fixture
def seven(db, monkeypatch):
    """Seven deliveries of one circuit: one given up, one not needed, five made."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    answers = {"1": DeliveryError("no", permanent=True), "2": Sent("gone", is_needless=True)}

    def send(delivery):
        answer = answers.get(delivery.destination, Sent("ok"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    registry.register(Kind("test", "Test", send))
    rows = [services.queue_delivery(kind="test", template="x", destination=str(n)) for n in range(7)]
    services.deliver_due()
    return rows


def run(*words) -> str:
    out = StringIO()
    call_command("outbox_audit", *words, stdout=out)
    return out.getvalue()


def test_the_books_balance(seven):
    services.queue_delivery(kind="test", template="x", destination="later")
    [account] = audit()
    assert (account.created, account.delivered, account.pending, account.dead, account.skipped) == (8, 5, 1, 1, 1)
    assert account.is_balanced
    assert "no number is missing" in run()
    assert json.loads(run("--json"))["is_balanced"] is True


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ((1,), "number 1 is missing"),
        ((3, 4), "numbers 3 to 4 are missing"),
        ((7,), "number 7 is missing"),
        (tuple(range(1, 8)), "numbers 1 to 7 are missing"),
    ],
)
def test_what_vanished_is_named(seven, lost, words):
    Delivery.objects.filter(sequence__in=lost).delete()
    assert [account.hole_words for account in audit()] == [[words]]
    with pytest.raises(CommandError):
        run()


def test_what_nobody_saw_succeed_is_named(seven):
    Attempt.objects.filter(delivery=seven[4]).delete()
    [account] = audit()
    assert account.unproved == (seven[4].pk,)
    assert not account.is_balanced


def test_an_empty_outbox_balances(db):
    assert run() == "Nothing was ever queued.\n"


def test_old_deliveries_leave_from_the_first_on_and_the_books_still_balance(seven):
    Delivery.objects.filter(sequence__in=(1, 2, 5)).update(created_at=now() - dt.timedelta(days=200))
    assert purgers()["deliveries"](now()) == 2
    assert set(Delivery.objects.values_list("sequence", flat=True)) == {3, 4, 5, 6, 7}
    [account] = audit()
    assert (account.purged, account.is_balanced) == (2, True)
    Delivery.objects.update(created_at=now() - dt.timedelta(days=200))
    assert purgers()["deliveries"](now()) == 5
    assert audit()[0].is_balanced


def test_a_message_is_kept_until_somebody_has_decided(db):
    for state in InboundEvent.State:
        InboundEvent.objects.create(source="test", external_id=state, body=b"", size=0, state=state, processed_at=now())
    mail = InboundEvent.objects.create(
        source="email", external_id="1", body=b"", size=0, state="PROCESSED", processed_at=now()
    )
    with time_machine.travel(now() + dt.timedelta(days=31)):
        purgers()["inbound events"](now())
    assert InboundEvent.objects.filter(pk=mail.pk).exists()
    with time_machine.travel(now() + dt.timedelta(days=366)):
        purgers()["inbound events"](now())
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"RECEIVED", "HELD", "FAILED"}
