"""What people and programs read of promises in another zone, on hold, without working time, called off, renamed."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Tier
from accounts.services import change_organization
from common import journal
from common.actors import SYSTEM
from common.tests.api import client_of
from sla.models import SlaPolicy
from sla.services import change_policy, work_off
from sla.showing import api_objects, panels, promises
from sla.tests.live import NOON, after, at, opened, publish_hours, running_out
from tickets.models import Ticket
from tickets.services import (
    cancel_ticket,
    change_ticket,
    post_customer_message,
    post_public_reply,
    solve_ticket,
    tracking_token,
)
from tickets.tests.pages import filled, words
from tickets.vocabulary import Channel, Status

AT_ELEVEN = "We will answer by <strong>today at 11:00</strong>, your time."


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False), timezone.override(None):  # pages leave their reader's zone behind
        yield


@pytest.fixture
def rita_in_new_york(rita):
    rita.time_zone = "America/New_York"
    rita.save()
    return rita


def get(person, path: str, **query):
    return client_of(person).get(f"/api/v1/{path}", query)


def sla_of(person, ticket: Ticket) -> dict:
    return get(person, f"tickets/{ticket.reference}/sla").json()


def first_response_of(person, ticket: Ticket) -> dict:
    return next(one for one in sla_of(person, ticket)["clocks"] if one["metric"] == "FIRST_RESPONSE")


def said(ticket: Ticket) -> dict:
    ticket.refresh_from_db()
    return promises([ticket])[ticket.pk]


# --- whose time it is ---


def test_the_api_tells_the_requesters_time_whoever_asks(rita_in_new_york, agnes):
    ticket = opened(rita_in_new_york)
    for person in (rita_in_new_york, agnes):
        assert sla_of(person, ticket)["sentence"] == "We will answer by today at 11:00, your time."


def test_the_api_gives_its_reasons_in_the_time_of_whoever_asks(rita_in_new_york, agnes):
    ticket = opened(rita_in_new_york)
    assert first_response_of(rita_in_new_york, ticket)["reason"].endswith("Due today at 11:00.")
    assert first_response_of(agnes, ticket)["reason"].endswith("Due today at 16:00.")


def test_the_page_behind_the_secret_link_tells_the_time_of_whom_it_was_made_for(client, rita_in_new_york):
    ticket = opened(rita_in_new_york)
    assert AT_ELEVEN in words(client.get(f"/t/{tracking_token(ticket, rita_in_new_york)}"))


def test_the_page_after_sending_tells_a_guest_the_requesters_time(client, rita_in_new_york):
    client.post("/tickets/new", filled(email=rita_in_new_york.email))
    assert "We will answer by <strong>tomorrow at 07:00</strong>, your time." in words(
        client.get(reverse("ticket-sent"))
    )


# --- waiting ---


def test_m06_on_hold_as_a_pausing_status_is_told_as_that_and_not_as_waiting_for_the_customer(rita, agnes, publish):
    publish(RESOLUTION=600, pause_statuses=["PENDING", "ON_HOLD"])
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status=Status.ON_HOLD, at=after(1))
    with at(3):
        promise = said(ticket)
        assert promise["text"] == "The ticket is on hold. The clock waits until work on it goes on."
        assert promise["why"].endswith("2 h on hold are not counted.")
        (face,) = panels([ticket])[ticket.pk]["faces"]
        assert [line.words for line in face.lines] == ["counted", "on hold"]


def test_b02_a_promise_that_was_broken_before_it_waits_is_told_as_late(rita, agnes, publish):
    publish(RESOLUTION=60)
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status=Status.PENDING, at=after(2))
    with at(3):
        promise = said(ticket)
    assert promise["text"] == "We are late: we promised a solution by <strong>today at 13:00</strong>, your time."
    assert promise["tone"] == "red"


# --- without working time ---


def test_c12_without_working_time_no_deadline_is_named_and_what_counted_is(rita):
    publish_hours(running_out("12:30"))
    ticket = opened(rita)
    with at(3):
        assert sla_of(rita, ticket)["sentence"] == "We are working on it."
        told = first_response_of(rita, ticket)
        (face, _) = panels([ticket])[ticket.pk]["faces"]
    assert (told["state"], told["due_at"], told["elapsed_seconds"]) == ("ERROR", None, 1800)
    assert [(part["reason"], part["seconds"]) for part in told["segments"]] == [("counted", 1800), ("holiday", 9000)]
    assert (face.left, face.due) == ("No working time", "")


# --- nothing to keep any more ---


def test_m10_a_ticket_that_was_called_off_in_time_has_nothing_to_comply_with(rita, agnes):
    ticket = opened(rita)
    cancel_ticket(ticket, by=rita, at=after(2))
    with at(10):
        assert get(agnes, f"sla/compliance/{ticket.reference}").json() == {"sla_applicable": False}


def test_m10_a_ticket_that_was_called_off_late_was_broken_and_not_answered(rita, agnes):
    ticket = opened(rita)
    cancel_ticket(ticket, by=rita, at=after(5))
    with at(10):
        told = get(agnes, f"sla/compliance/{ticket.reference}").json()
    assert (told["response_status"], told["first_response_compliant"]) == ("BREACHED", False)
    assert (told["resolution_status"], told["resolution_compliant"]) == (None, None)
    assert journal.timeline(ticket).get(kind="sla.breached").data["is_answered"] is False


def test_t04_a_ticket_that_is_promised_nothing_any_more_has_nothing_to_comply_with(rita, agnes, aarlund):
    ticket = opened(rita)
    with at(1):
        change_organization(aarlund, by=SYSTEM, tier=Tier.COMMUNITY)
        work_off()
        assert get(agnes, f"sla/compliance/{ticket.reference}").json() == {"sla_applicable": False}
        assert first_response_of(rita, ticket)["reason"] == "Nothing is promised at present."


def test_t04_what_was_broken_before_stays_broken_without_a_promise(rita, agnes, aarlund):
    ticket = opened(rita)
    with at(5):
        change_organization(aarlund, by=SYSTEM, tier=Tier.COMMUNITY)
        work_off()
        told = get(agnes, f"sla/compliance/{ticket.reference}").json()
    assert (told["sla_breached"], told["response_status"]) == (True, "BREACHED")


def test_m03_after_the_answer_no_next_response_is_due(rita, agnes, policy_with_next_response):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(1))
    post_customer_message(ticket, body="Still empty.", by=rita, channel=Channel.WEB, at=after(2))
    assert api_objects([ticket])[ticket.pk]["next_response_due_at"] == after(6)
    post_public_reply(ticket, body="Try again.", by=agnes, at=after(3))
    assert api_objects([ticket])[ticket.pk]["next_response_due_at"] is None


# --- names ---


def test_a_policy_that_was_renamed_is_told_by_its_new_name(client, rita, agnes):
    ticket = opened(rita)
    assert first_response_of(agnes, ticket)["policy"] == "Enterprise, version 1"
    change_policy(SlaPolicy.objects.get(name="Enterprise"), by=SYSTEM, name="Gold")
    assert first_response_of(agnes, ticket)["policy"] == "Gold, version 1"
    assert panels([ticket])[ticket.pk]["faces"][0].rule.startswith("Gold, version 1")


# --- figures at the ends of time ---


@pytest.mark.parametrize(
    "period",
    [
        {"to": "0001-01-05"},
        {"to": "0001-01-05T00:00:00Z"},
        {"from": "0001-01-01T00:00:00+14:00"},
        {"to": "9999-12-31T23:59:59-14:00"},
        {"from": "9999-12-31T23:59:59Z", "to": "9999-12-31T23:59:59Z"},
        {"from": "2026-02-30"},
        {"from": ""},
    ],
)
def test_metrics_of_a_period_that_cannot_be_are_refused(rita, agnes, period):
    answer = get(agnes, "sla/metrics", **period)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in ("from", "to")


@pytest.mark.parametrize(
    "period",
    [
        {"from": "0001-01-01"},
        {"from": "0001-01-01T00:00:00Z", "to": "0001-01-05T00:00:00Z"},
        {"to": "1900-01-15"},
        {"from": "2026-02-09", "to": "9999-12-31T23:59:59Z"},
    ],
)
@pytest.mark.parametrize("group", ["day", "week", "month"])
def test_metrics_of_a_period_from_the_beginning_or_to_the_end_of_time_are_answered(rita, agnes, period, group):
    solve_ticket(opened(rita), by=agnes, at=after(1))
    assert get(agnes, "sla/metrics", group_by=group, **period).status_code == 200
