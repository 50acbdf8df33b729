"""Changing many tickets of the queue at once."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Team
from integrations.services import deliver_due
from tickets import services
from tickets.models import BlockedSender, Macro, Ticket
from tickets.tests.console import only_looks, open_many, told
from tickets.vocabulary import Priority, Status

QUEUE = reverse("admin:tickets_ticket_changelist")
pytestmark = pytest.mark.django_db


def ask(client, action, tickets, **more):
    data = {"action": action, "ticket": [ticket.pk for ticket in tickets], **more}
    return client.post(f"{QUEUE}?status=all", data)


@pytest.mark.parametrize(
    ("action", "value", "column", "result"),
    [
        ("assign", "{agnes}", "assignee_id", "{agnes}"),
        ("assign", "nobody", "assignee_id", "None"),
        ("set_status", "PENDING", "status", "PENDING"),
        ("set_priority", "P1_CRITICAL", "priority", "P1_CRITICAL"),
        ("set_team", "{team}", "team_id", "{team}"),
        ("set_team", "none", "team_id", "None"),
    ],
)
def test_bulk_action_asks_first_and_then_changes_each(client, agnes, rita, action, value, column, result):
    names = {"agnes": agnes.pk, "team": agnes.teams.get().pk}
    tickets = open_many(rita, 2)
    client.force_login(agnes)
    question = ask(client, action, tickets)
    assert question.status_code == 200
    assert tickets[0].reference in question.content.decode()
    assert not Ticket.objects.filter(version__gt=1).exists(), "asking changes nothing"
    response = ask(client, action, tickets, confirmed="yes", value=value.format(**names))
    assert response.status_code == 302
    assert {str(getattr(t, column)) for t in Ticket.objects.all()} == {result.format(**names)}


def test_bulk_action_reports_for_each_ticket_what_became_of_it(client, agnes, rita):
    change, already, closed = open_many(rita, 3)
    services.change_ticket(already, by=agnes, status=Status.ON_HOLD)
    services.close_ticket(closed, by=agnes)
    client.force_login(agnes)
    words = told(ask(client, "set_status", [change, already, closed], confirmed="yes", value="ON_HOLD"))
    assert "1 ticket changed." in words
    assert "2 tickets skipped." in words
    assert f"{already.reference}: It is so already." in words
    assert f"{closed.reference}: A ticket that is closed cannot become on hold." in words


def test_bulk_action_tells_of_what_failed_and_goes_on(client, agnes, rita, sofia):
    tickets = open_many(rita, 2)
    sofia.groups.clear()  # still staff, and offered, but works no tickets any more
    client.force_login(agnes)
    words = told(ask(client, "assign", tickets, confirmed="yes", value=sofia.pk))
    assert "2 tickets failed." in words
    assert "does not work on tickets" in words


def test_bulk_action_without_a_choice_asks_again(client, agnes, rita):
    client.force_login(agnes)
    response = ask(client, "assign", open_many(rita, 1), confirmed="yes", value="")
    assert response.status_code == 422
    assert "Choose one." in response.content.decode()


def test_bulk_action_with_a_choice_that_is_gone_is_refused_in_words(client, agnes, rita):
    team = Team.objects.create(name="Short-lived")
    tickets = open_many(rita, 1)
    client.force_login(agnes)
    ask(client, "set_team", tickets)  # the choices are cached now
    Team.objects.filter(pk=team.pk).delete()
    response = ask(client, "set_team", tickets, confirmed="yes", value=team.pk)
    assert response.status_code == 422
    assert "no longer there" in response.content.decode()


def test_bulk_action_is_refused_without_the_right(client, agnes, ticket, rita):
    only_looks(agnes)
    client.force_login(agnes)
    assert ask(client, "set_priority", [ticket], confirmed="yes", value="P1_CRITICAL").status_code == 403
    client.force_login(rita)
    assert ask(client, "set_priority", [ticket], confirmed="yes", value="P1_CRITICAL").status_code == 403
    client.logout()
    assert ask(client, "set_priority", [ticket], confirmed="yes", value="P1_CRITICAL").status_code == 302
    assert Ticket.objects.get().priority == Priority.P3_NORMAL


def test_reading_the_address_of_an_action_does_nothing(client, agnes, ticket):
    client.force_login(agnes)
    client.get(QUEUE, {"action": "set_priority", "ticket": ticket.pk, "confirmed": "yes", "value": "P4_LOW"})
    assert Ticket.objects.get().version == ticket.version


def test_tags_are_added_and_taken_off(client, agnes, rita):
    one, two = open_many(rita, 2)
    services.change_ticket(one, by=agnes, tags=["old", "kept"])
    client.force_login(agnes)
    assert ask(client, "tag", [one, two], confirmed="yes", add="", remove=" ").status_code == 422
    ask(client, "tag", [one, two], confirmed="yes", add="New one, other", remove="OLD")
    assert [tag.name for tag in one.tags.all()] == ["kept", "new-one", "other"]
    assert [tag.name for tag in two.tags.all()] == ["new-one", "other"]


def test_a_macro_is_applied_to_each(client, agnes, sofia, rita):
    one, closed = open_many(rita, 2)
    services.close_ticket(closed, by=agnes)
    macro = services.create_macro(
        by=sofia,
        name="Ask for the log",
        actions=[{"action": "set_status", "value": "PENDING"}],
        reply="Please send the log, {{ requester.first_name }}.",
    )
    client.force_login(agnes)
    assert "Ask for the log" in ask(client, "macro", [one]).content.decode()
    words = told(ask(client, "macro", [one, closed], confirmed="yes", value=macro.pk))
    assert "1 ticket changed." in words
    assert "1 ticket skipped." in words
    one.refresh_from_db()
    assert (one.status, one.messages.last().body) == (Status.PENDING, "Please send the log, Rita.")
    macro.refresh_from_db()
    assert macro.used_count == 1


def test_a_reply_goes_to_each_requester_alone(client, agnes, rita, mallory):
    hers, theirs = open_many(rita, 1)[0], open_many(mallory, 1)[0]
    client.force_login(agnes)
    ask(client, "reply", [hers, theirs], confirmed="yes", body="It is mended.", status="SOLVED")
    assert set(Ticket.objects.values_list("status", flat=True)) == {Status.SOLVED}
    assert [message.body for message in hers.messages.public()] == ["Help!", "It is mended."]
    mail.outbox.clear()
    deliver_due()
    told_people = [message.to for message in mail.outbox if "It is mended." in message.body]
    assert sorted(told_people) == sorted([[rita.email], [mallory.email]])


def test_many_are_merged_into_one_of_them(client, agnes, rita):
    stays, goes, closed = open_many(rita, 3)
    services.close_ticket(closed, by=agnes)
    client.force_login(agnes)
    assert "There is no ticket" in ask(client, "merge", [goes], confirmed="yes", into="ODG-9").content.decode()
    words = told(ask(client, "merge", [stays, goes, closed], confirmed="yes", into=stays.reference))
    assert "1 ticket changed." in words
    assert f"{stays.reference}: This is the ticket that stays." in words
    assert Ticket.objects.get(pk=goes.pk).merged_into == stays


def test_spam_is_cancelled_without_a_word_to_its_sender(client, agnes, sofia, mallory):
    (ticket,) = open_many(mallory, 1)
    deliver_due()
    mail.outbox.clear()
    client.force_login(agnes)
    assert "is_blocking" not in ask(client, "spam", [ticket]).content.decode()
    client.force_login(sofia)
    ask(client, "spam", [ticket], confirmed="yes", is_blocking="on")
    ticket.refresh_from_db()
    assert (ticket.status, [tag.name for tag in ticket.tags.all()]) == (Status.CANCELLED, ["spam"])
    assert BlockedSender.objects.get().pattern == mallory.email
    deliver_due()
    assert mail.outbox == []
    assert "1 ticket skipped." in told(ask(client, "spam", [ticket], confirmed="yes"))


def test_nothing_chosen_and_unknown_actions_are_told(client, agnes):
    client.force_login(agnes)
    assert "Select the tickets first." in told(ask(client, "tag", []))
    assert ask(client, "explode", []).status_code == 404


def test_a_hundred_at_once_is_the_most(client, agnes, rita, django_assert_max_num_queries):
    tickets = open_many(rita, 3)
    client.force_login(agnes)
    asked = ask(client, "set_priority", tickets)
    assert len(asked.context["tickets"]) == 3
    numbers = [str(ticket.pk) for ticket in tickets] + [str(10_000 + n) for n in range(200)]
    response = client.post(QUEUE, {"action": "set_priority", "ticket": numbers})
    assert len(response.context["tickets"]) == 3


def test_no_way_of_taking_a_ticket_for_spam_mails_its_sender(client, agnes, mallory):
    (ticket,) = open_many(mallory, 1)
    deliver_due()
    mail.outbox.clear()
    client.force_login(agnes)
    ask(client, "macro", [ticket], confirmed="yes", value=Macro.objects.get(name="Spam").pk)
    ticket.refresh_from_db()
    assert ticket.status == Status.CANCELLED
    deliver_due()
    assert mail.outbox == []
