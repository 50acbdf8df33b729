"""Deliveries that are sent along with another one: taken once, numbered, settled or given back."""

from __future__ import annotations

from time import monotonic

import pytest

from common.time import now
from integrations import registry
from integrations.models import Attempt, Delivery
from integrations.registry import Kind, Sent
from integrations.services import claim, claim_along, deliver, give_back_along, queue_delivery, settle_along


@pytest.fixture
def waiting(db, monkeypatch):
    """Four that wait for one place, the first of them claimed, and one for another place."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register(Kind("test", "Test", lambda delivery: Sent("ok")))
    for number, place in enumerate(("there", "there", "there", "there", "elsewhere")):
        template = "other" if number == 3 else "x"
        queue_delivery(kind="test", template=template, destination=place, payload={"number": number})
    return claim("test", size=1)[0]


def numbers(rows):
    return [row.payload["number"] for row in rows]


def test_what_waits_for_the_same_place_is_taken_along(waiting):
    rows = claim_along(waiting, templates=("x",), size=5)
    assert numbers(rows) == [1, 2]
    assert [row.sequence for row in rows] == [2, 3]
    assert claim_along(waiting, templates=("x",), size=5) == []
    settle_along(rows, Sent("with others", external_id="m1"))
    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.external_id, row.claimed_at) == ("DELIVERED", "m1", None)
        assert Attempt.objects.get(delivery=row).answer == "with others"


def test_no_more_than_asked_for(waiting):
    assert len(claim_along(waiting, templates=("x",), size=1)) == 1


@pytest.mark.parametrize("is_unknown", [True, False])
def test_what_is_given_back_is_tried_by_itself(waiting, is_unknown):
    give_back_along(claim_along(waiting, templates=("x",), size=5), is_unknown=is_unknown)
    again = {row.payload["number"]: row.may_have_gone for row in claim("test", size=9)}
    assert again == {1: is_unknown, 2: is_unknown, 3: False, 4: False}


def test_what_another_worker_has_is_left_alone(waiting):
    Delivery.objects.filter(destination="there").update(claimed_at=now())
    assert claim_along(waiting, templates=("x",), size=5) == []


def test_the_rest_goes_out_as_ever(waiting):
    settle_along(claim_along(waiting, templates=("x",), size=5), Sent("with others"))
    assert deliver("test", deadline=monotonic() + 5) == 2
