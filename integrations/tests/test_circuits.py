"""Circuits: a sick receiver delays nobody else, rests, and is tried carefully; numbers have no gap."""

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DeliveryError
from common.time import now
from integrations import registry, services
from integrations.models import Circuit, Delivery
from integrations.registry import Kind, Sent
from integrations.rules import FAILURES_TO_OPEN, Rate, allowance, holes, pause_seconds

ILL = DeliveryError("It is down.")


@pytest.fixture
def hooks(monkeypatch, db):
    """Receivers by name; each is well until the test says otherwise."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    failing, sent = {}, []

    def send(delivery):
        failure = failing.get(delivery.destination)
        if failure is not None:
            raise failure
        sent.append((delivery.destination, delivery.template))
        return Sent("ok")

    registry.register(Kind("hook", "Hook", send, circuit=lambda destination: f"hook:{destination}"))
    send.failing, send.sent = failing, sent
    return send


def queue(destination, template="x", **more):
    return services.queue_delivery(kind="hook", template=template, destination=destination, **more)


def test_a_circuit_that_fails_again_and_again_rests_while_others_go_on(hooks):
    hooks.failing["ill"] = ILL
    for _ in range(20):
        queue("ill"), queue("well")
    services.deliver_due()
    ill = Circuit.objects.get(key="hook:ill")
    assert (ill.failures_in_a_row, ill.last_error) == (FAILURES_TO_OPEN, "It is down.")
    assert Delivery.objects.filter(circuit="hook:ill", failed_tries__gt=0).count() == FAILURES_TO_OPEN
    assert len(hooks.sent) == 20
    assert services.due_circuits(now()) == []


def test_after_its_rest_it_is_tried_with_one_and_all_follow_when_that_works(hooks):
    hooks.failing["ill"] = ILL
    for _ in range(12):
        queue("ill")
    services.deliver_due()
    with time_machine.travel(now() + dt.timedelta(seconds=31)):
        assert services.deliver("hook:ill", deadline=float("inf")) == 1
        assert services.due_circuits(now()) == []
    hooks.failing.clear()
    with time_machine.travel(now() + dt.timedelta(seconds=120)):
        services.deliver_due()
    assert len(hooks.sent) == 12
    assert Circuit.objects.get(key="hook:ill").failures_in_a_row == 0


def test_a_circuit_that_is_told_to_wait_waits_and_is_not_ill(hooks):
    hooks.failing["busy"] = DeliveryError("Too many.", retry_after=60)
    queue("busy"), queue("busy")
    services.deliver_due()
    busy = Circuit.objects.get(key="hook:busy")
    assert (busy.failures_in_a_row, busy.pause_reason) == (0, "Too many.")
    assert list(Delivery.objects.order_by("id").values_list("failed_tries", flat=True)) == [1, 0]
    hooks.failing.clear()
    with time_machine.travel(now() + dt.timedelta(seconds=90)):
        services.deliver_due()
    assert len(hooks.sent) == 2


def test_what_is_about_one_delivery_alone_spares_nobody(hooks):
    hooks.failing["there"] = DeliveryError("Waiting for word.", is_lone=True)
    for _ in range(FAILURES_TO_OPEN + 1):
        queue("there")
    services.deliver_due()
    assert Circuit.objects.get(key="hook:there").failures_in_a_row == 0
    assert not Delivery.objects.filter(failed_tries=0).exists()


def test_a_stream_keeps_its_order_while_its_first_waits(hooks):
    hooks.failing["there"] = ILL
    queue("there", "first", stream="ticket:1")
    services.deliver_due()
    hooks.failing.clear()
    queue("there", "second", stream="ticket:1"), queue("there", "other", stream="ticket:2")
    services.deliver_due()
    assert [template for _, template in hooks.sent] == ["other"]
    with time_machine.travel(now() + dt.timedelta(seconds=60)):
        services.deliver_due()
    assert [template for _, template in hooks.sent] == ["other", "first", "second"]


def test_a_rate_is_kept(hooks):
    registry.register(Kind("hook", "Hook", hooks, circuit=lambda d: f"hook:{d}", rate=Rate(3, 1)))
    for _ in range(5):
        queue("there")
    with time_machine.travel(now(), tick=False) as clock:
        assert services.deliver("hook:there", deadline=float("inf")) == 3
        assert services.deliver("hook:there", deadline=float("inf")) == 0
        clock.shift(1)
        assert services.deliver("hook:there", deadline=float("inf")) == 2


def test_numbers_are_given_once_and_without_a_gap(hooks, sofia):
    hooks.failing["there"] = ILL
    for _ in range(7):
        queue("there")
    services.deliver_due()
    services.end_rest("hook:there", by=sofia)
    hooks.failing.clear()
    services.deliver_due()
    assert sorted(Delivery.objects.values_list("sequence", flat=True)) == list(range(1, 8))


def test_a_try_that_was_never_answered_is_known_to_the_next(hooks, monkeypatch):
    queue("there")
    [row] = services.claim("hook:there", size=5)
    assert not row.may_have_gone
    with time_machine.travel(now() + dt.timedelta(minutes=3)):  # the worker died
        [again] = services.claim("hook:there", size=5)
    assert again.may_have_gone
    assert again.attempt_id == row.attempt_id


@pytest.mark.parametrize(
    ("failure", "may_have_gone"), [(ILL, False), (DeliveryError("Silence.", is_unknown=True), True)]
)
def test_only_a_silent_failure_leaves_a_doubt(hooks, failure, may_have_gone):
    hooks.failing["there"] = failure
    queue("there")
    services.deliver_due()
    with time_machine.travel(now() + dt.timedelta(minutes=1)):
        [row] = services.claim("hook:there", size=5)
    assert row.may_have_gone == may_have_gone


def test_all_that_was_given_up_in_a_time_is_sent_again(hooks, sofia):
    hooks.failing["there"] = DeliveryError("Gone.", permanent=True)
    start = now()
    for _ in range(3):
        queue("there")
    services.deliver_due()
    hooks.failing.clear()
    attempt_ids = {delivery.attempt_id for delivery in Delivery.objects.all()}
    assert services.redeliver_between(start, now(), by=sofia, circuit="hook:there") == 3
    services.deliver_due()
    assert len(hooks.sent) == 3
    assert not attempt_ids & {delivery.attempt_id for delivery in Delivery.objects.all()}


@given(st.integers(0, 10**9))
def test_a_pause_is_bounded_and_grows(failures):
    assert 0 <= pause_seconds(failures) <= 900
    assert pause_seconds(failures) <= pause_seconds(failures + 1)


@given(st.sets(st.integers(1, 60)), st.integers(0, 60), st.integers(0, 60))
def test_holes_are_what_is_missing(present, after, last):
    missing = {
        number for first, final in holes(sorted(present), after=after, last=last) for number in range(first, final + 1)
    }
    assert missing == set(range(after + 1, max(last, max(present, default=0)) + 1)) - present


@given(st.integers(0, 50), st.integers(0, 20), st.integers(0, 30))
def test_never_more_than_wanted_or_allowed(wanted, failures, count):
    at = now()
    some = {"failures_in_a_row": failures, "paused_until": None, "window_started_at": at, "window_count": count}
    allowed = allowance(at=at, wanted=wanted, rate=Rate(10, 60), **some)
    assert 0 <= allowed <= wanted
    assert allowed <= (1 if failures >= FAILURES_TO_OPEN else max(0, 10 - count))
