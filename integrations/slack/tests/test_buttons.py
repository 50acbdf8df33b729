"""What people do with buttons."""

from __future__ import annotations

import pytest

from integrations.models import InboundEvent
from integrations.slack.tests.calls import outcome, press, said
from tests.vendors.server import Reply
from tickets import services as tickets
from tickets.models import Ticket
from tickets.vocabulary import Priority, Status


def test_assign_to_me(send, people, ticket, agnes):
    send("interactions", press(people, "assign_ticket", ticket))
    assert Ticket.objects.get().assignee == agnes
    assert "is assigned to you" in said(people)
    assert people.answers[0][1]["response_type"] == "ephemeral"


def test_solve(send, people, ticket):
    send("interactions", press(people, "solve_ticket", ticket))
    assert Ticket.objects.get().status == Status.SOLVED


def test_escalate_raises_the_priority_and_calls_for_help(send, people, ticket, post):
    for trigger in ("t1", "t2"):
        send("interactions", press(people, "escalate_ticket", ticket, trigger=trigger))
    send("interactions", press(people, "escalate_ticket", ticket, trigger="t2"))
    assert Ticket.objects.get().priority == Priority.P1_CRITICAL
    send("interactions", press(people, "escalate_ticket", ticket, trigger="t3"))
    assert "Critical already" in said(people)
    post()
    assert len(people.posts("C0ALERTS")) == 3


@pytest.mark.parametrize("who", ["U0RITA", "U0MALLORY", "U0NOBODY"])
@pytest.mark.parametrize("action", ["assign_ticket", "escalate_ticket", "solve_ticket"])
def test_buttons_are_the_support_teams(send, people, ticket, who, action):
    send("interactions", press(people, action, ticket, by=who))
    after = Ticket.objects.get()
    assert (after.version, after.status, after.assignee) == (ticket.version, Status.NEW, None)
    assert outcome().state == "IGNORED"
    assert len(people.answers) == 1


def test_a_button_of_a_ticket_that_is_gone(send, people, ticket):
    ticket.pk = 999_999
    send("interactions", press(people, "solve_ticket", ticket))
    assert outcome().state == "FAILED"


def test_a_refused_move_is_told(send, people, ticket, ada):
    tickets.close_ticket(ticket, by=ada)
    send("interactions", press(people, "solve_ticket", ticket))
    assert "Refused" in outcome().outcome
    assert len(people.answers) == 1


def test_an_answer_goes_to_slack_alone(send, people, ticket, settings):
    settings.SLACK_RESPONSE_URL = "https://hooks.slack.com/"
    send("interactions", press(people, "assign_ticket", ticket))
    assert "not Slack's" in outcome().outcome
    assert people.answers == []


def test_the_work_is_done_also_where_the_answer_fails(send, people, ticket, agnes):
    people.script("response", Reply(404, b"expired_url"))
    send("interactions", press(people, "assign_ticket", ticket))
    assert Ticket.objects.get().assignee == agnes
    assert "did not take the answer: 404" in outcome().outcome


def test_view_and_unknown_buttons_do_nothing(send, people, ticket):
    assert send("interactions", press(people, "view_ticket", ticket)).status_code == 200
    assert not InboundEvent.objects.exists()
    send("interactions", press(people, "dance", ticket))
    assert outcome().state == "IGNORED"
