"""Tickets that are put aside until a time or an answer."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import journal
from common.errors import Conflict, Invalid, NotAllowed
from common.time import now
from tickets.console.quick import aside_until
from tickets.console.shared import count_views
from tickets.models import SavedView, Ticket
from tickets.services import (
    change_ticket,
    post_customer_message,
    post_public_reply,
    snooze_ticket,
    solve_ticket,
    wake_due,
    wake_ticket,
)
from tickets.tasks import wake_snoozed
from tickets.tests.console import do, told, url
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db
QUEUE = "/admin/tickets/ticket/"
HOUR = dt.timedelta(hours=1)


def listed(client, query=""):
    return [row.pk for row in client.get(QUEUE + query).context["rows"]]


def kinds(ticket):
    return [event.kind for event in journal.timeline(ticket).order_by("pk")]


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


@pytest.fixture
def aside(ticket, agnes):
    return snooze_ticket(ticket, until=now() + HOUR, by=agnes)


def test_it_is_out_of_the_queue_and_its_counts_but_found(client, agnes, aside):
    client.force_login(agnes)
    assert listed(client) == []
    assert listed(client, "?snoozed=yes") == listed(client, "?snoozed=any") == [aside.pk]
    assert listed(client, "?status=all") == listed(client, f"?q={aside.subject.split()[0]}") == [aside.pk]
    assert listed(client, "?snoozed=nonsense") == []
    views = list(SavedView.objects.filter(name="Unassigned"))
    assert list(count_views(views, agnes).values()) == [0]


def test_it_comes_back_once_when_its_time_has_come(client, agnes, aside):
    assert wake_due(at=now()) == 0
    assert wake_due(at=now() + HOUR) == 1
    assert wake_due(at=now() + HOUR) == wake_snoozed() == 0
    assert fresh(aside).snoozed_until is None
    assert kinds(aside)[-2:] == ["ticket.snoozed", "ticket.woken"]
    client.force_login(agnes)
    assert listed(client) == [aside.pk]


def test_an_answer_brings_it_back_and_a_machine_does_not(aside, agnes, rita):
    post_public_reply(aside, body="I ask the others.", by=agnes)
    post_customer_message(aside, body="I am away.", by=rita, channel=Channel.EMAIL, is_automatic=True)
    assert fresh(aside).is_snoozed
    post_customer_message(aside, body="It works again.", by=rita, channel=Channel.EMAIL)
    assert not fresh(aside).is_snoozed


def test_what_is_solved_waits_for_nothing(aside, agnes):
    solve_ticket(aside, by=agnes)
    assert not fresh(aside).is_snoozed
    with pytest.raises(Conflict):
        snooze_ticket(aside, until=now() + HOUR, by=agnes)


@pytest.mark.parametrize("wait", [-HOUR, dt.timedelta(0), dt.timedelta(days=366)])
def test_the_time_is_checked(ticket, agnes, wait):
    with pytest.raises(Invalid):
        snooze_ticket(ticket, until=now() + wait, by=agnes)


def test_customers_put_nothing_aside(ticket, rita):
    for deed in (lambda: snooze_ticket(ticket, until=now() + HOUR, by=rita), lambda: wake_ticket(ticket, by=rita)):
        with pytest.raises(NotAllowed):
            deed()


def test_the_page_puts_aside_and_brings_back(client, agnes, ticket):
    client.force_login(agnes)
    until = now() + dt.timedelta(days=2)
    done = do(client, ticket, "snooze", choice=until.isoformat())
    assert "is put aside until" in told(done)
    assert "Bring back" in client.get(url(ticket)).content.decode()
    assert do(client, ticket, "wake").status_code == 302
    assert "Bring back" not in client.get(url(ticket)).content.decode()
    own = do(client, ticket, "snooze", until="2020-01-01T09:00")
    assert (own.status_code, "Choose a time between" in own.content.decode()) == (422, True)
    assert do(client, ticket, "snooze").status_code == 422
    assert do(client, ticket, "snooze", until="soon").status_code == 422
    assert not fresh(ticket).is_snoozed


def test_other_changes_leave_it_aside(aside, agnes):
    change_ticket(aside, by=agnes, priority="P2_HIGH", status="PENDING")
    assert fresh(aside).is_snoozed


def test_one_follows_and_stops_from_the_page(client, agnes, ticket):
    client.force_login(agnes)
    assert "Stop following" not in client.get(url(ticket)).content.decode()
    do(client, ticket, "follow")
    assert "Stop following" in client.get(url(ticket)).content.decode()
    assert listed(client, "?followed=me") == [ticket.pk]
    do(client, ticket, "unfollow")
    assert not ticket.followers.exists()


@given(st.integers(1_700_000_000, 1_900_000_000))
def test_the_times_that_are_offered_lie_ahead(seconds):
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    offered = [instant for _, instant in aside_until(at)]
    assert all(at < instant <= at + dt.timedelta(days=15) for instant in offered)
