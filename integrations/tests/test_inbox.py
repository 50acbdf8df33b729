"""What comes in: stored as it is, taken once, worked off, and never lost to a fault of ours."""

import datetime as dt

import pytest
import time_machine
from django.db import OperationalError
from django.test import RequestFactory

from common.errors import Conflict, NotAllowed
from common.time import now
from integrations import inbound, services
from integrations.inbound import Held, Outcome, Source, Unusable
from integrations.models import InboundEvent
from integrations.receiving import accepted, receiver, refused

State = InboundEvent.State


@pytest.fixture
def source(monkeypatch, db):
    """A way in that does with each message what the test says."""
    monkeypatch.setattr(inbound, "_sources", {})
    answers = []

    def process(row):
        answer = answers.pop(0) if answers else Outcome(f"Took {len(row.body)} bytes.")
        if isinstance(answer, Exception):
            raise answer
        return answer

    inbound.register(Source("test", "Test", process))
    return answers


def came(body=b"hello", external_id="1"):
    return services.receive("test", external_id=external_id, body=body)


def state_of(row):
    row.refresh_from_db()
    return row.state


def test_it_is_stored_as_it_came_and_taken_once(source):
    row = came(b"\x00raw\xff")
    assert came(b"\x00raw\xff") is None
    assert bytes(InboundEvent.objects.get().body) == b"\x00raw\xff"
    services.process_due()
    assert (state_of(row), row.outcome) == (State.PROCESSED, "Took 5 bytes.")
    assert came() is None


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Outcome("Nothing to do.", is_ignored=True), State.IGNORED),
        (Held("Who is this?"), State.HELD),
        (Unusable("It is no mail."), State.FAILED),
    ],
)
def test_how_it_ends(source, answer, state):
    source.append(answer)
    row = came()
    services.process_due()
    assert state_of(row) == state


def test_a_fault_of_ours_is_tried_again_and_then_kept_for_somebody_to_look_at(source):
    source.extend([RuntimeError("oops")] * 6)
    row, at = came(), now()
    for hours in range(8):
        with time_machine.travel(at + dt.timedelta(hours=hours)):
            services.process_due()
    assert (state_of(row), row.failed_tries, row.outcome) == (State.FAILED, 6, "RuntimeError: oops")


def test_replaying_and_putting_aside(source, agnes, rita):
    source.append(Unusable("It is no mail."))
    row = came()
    with pytest.raises(Conflict):
        services.replay(row, by=agnes)
    services.process_due()
    with pytest.raises(NotAllowed):
        services.replay(row, by=rita)
    services.replay(row, by=agnes)
    services.process_due()
    assert state_of(row) == State.PROCESSED
    services.discard(row, by=agnes)
    assert (state_of(row), row.outcome) == (State.DISCARDED, f"Put aside by {agnes.name}.")


def post(view, body=b"x"):
    return view(RequestFactory().post("/webhooks/test", body, content_type="text/plain"))


def test_a_door_reads_no_more_than_it_takes():
    door = receiver(most_bytes=4)(lambda request, body: accepted())
    assert [post(door, b"1234").status_code, post(door, b"12345").status_code] == [200, 413]


def test_a_door_says_that_it_may_be_our_fault():
    def view(request, body):
        raise OperationalError("the database is away")

    answer = post(receiver()(view))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_a_stranger_is_told_nothing_but_no():
    assert post(receiver()(lambda request, body: refused())).status_code == 401
