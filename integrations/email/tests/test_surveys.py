"""The mail that asks for a rating, and whom a bad one is told."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from common import context
from integrations import services as outbox
from integrations.email.models import SuppressedAddress
from integrations.email.suppressing import suppress
from integrations.email.surveys import unreachable
from integrations.email.templating import save_template
from integrations.models import Delivery
from integrations.tests.notices import html_of, readings, sent
from tickets import services
from tickets.models import Survey
from tickets.satisfaction.links import survey_url
from tickets.satisfaction.rules import WhyNot
from tickets.vocabulary import Channel


@pytest.fixture
def asked(ticket, agnes) -> Survey:
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    services.solve_ticket(ticket, by=agnes)
    outbox.deliver_due()
    assert services.ask_for_rating(ticket)
    return Survey.objects.get()


def rate(ticket, by, rating, **facts):
    return services.rate_ticket(ticket, rating=rating, by=by, via=Survey.Via.MAIL, **facts)


def low() -> list[str]:
    return sorted(Delivery.objects.filter(template="low_rating").values_list("destination", flat=True))


def test_the_mail_has_five_faces_each_a_link(asked, ticket, rita):
    (message,) = sent()
    assert message.to == [rita.email]
    assert message.subject == f"[{ticket.reference}] How good was our help?"
    links = [survey_url(asked, rating=rating) for rating in (1, 2, 3, 4, 5)]
    assert re.findall(r'href="(http://localhost:8000/survey/[^"]+)"', html_of(message)) == links
    for link in links:
        assert link in message.body
    for words in readings(message):
        assert "Very bad" in words
        assert "Very good" in words
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" in message.extra_headers


def test_words_of_ones_own_keep_the_faces(asked, sofia):
    save_template("satisfaction_survey", "en", subject="Rate {{ reference }}", words="Dear {{ name }}.", by=sofia)
    (message,) = sent()
    assert "Dear Rita Lindqvist." in message.body
    assert html_of(message).count("/survey/") == 5
    assert message.body.count("/survey/") == 5


@pytest.mark.parametrize("deed", ["rated", "opened again"])
def test_no_mail_leaves_when_there_is_nothing_to_ask_any_more(asked, ticket, rita, deed):
    if deed == "rated":
        rate(ticket, rita, 5)
    else:
        services.reopen_ticket(ticket, by=rita)
    assert [message for message in sent() if "How good" in message.subject] == []


def test_other_mails_show_no_faces(ticket, agnes):
    services.solve_ticket(ticket, by=agnes)
    assert all("/survey/" not in message.body for message in sent())


def test_nobody_is_asked_at_an_address_that_is_held_back(ticket, rita, agnes):
    suppress(rita.email, cause=SuppressedAddress.Cause.BOUNCE, reason="550 no such user")
    services.solve_ticket(ticket, by=agnes)
    assert not services.ask_for_rating(ticket)
    assert Survey.objects.get().not_asked_because == WhyNot.UNREACHABLE
    assert not Delivery.objects.filter(template="satisfaction_survey").exists()
    assert list(unreachable([rita, agnes])) == [rita.pk]


@pytest.mark.parametrize("rating", [1, 2])
def test_a_bad_rating_is_told_once_to_supervisors_and_the_assignee(asked, ticket, rita, agnes, sofia, ada, rating):
    sent()
    rate(ticket, rita, rating, comment="Two <b>days</b>.\nNo answer.")
    assert low() == [agnes.email, sofia.email]
    messages = {message.to[0]: message for message in sent()}
    assert set(messages) == {agnes.email, sofia.email}
    word = {1: "Very bad", 2: "Bad"}[rating]
    for address, message in messages.items():
        assert message.subject == f"[{ticket.reference}] Rated “{word}”: {ticket.subject}"
        assert "Two &lt;b&gt;days&lt;/b&gt;." in html_of(message)
        assert "Two <b>days</b>.\nNo answer." in message.body
        because = "the ticket is yours" if address == agnes.email else "you supervise the support team"
        for words in readings(message):
            assert because in words
            assert f"{rating} of 5" in words
            assert "Rita Lindqvist" in words


def test_a_supervisor_who_has_the_ticket_gets_one_mail(ticket, rita, sofia):
    services.change_ticket(ticket, by=sofia, assignee=sofia)
    services.solve_ticket(ticket, by=sofia)
    rate(ticket, rita, 1)
    assert low() == [sofia.email]


@pytest.mark.parametrize("rating", [3, 4, 5])
def test_any_other_rating_is_told_nobody(asked, ticket, rita, sofia, rating):
    rate(ticket, rita, rating)
    assert low() == []


def test_where_nobody_supervises_it_goes_to_the_manager(ticket, rita, agnes, settings):
    settings.PORTAL_ROLE_ADDRESSES = {"manager": "manager@portal.example"}
    services.solve_ticket(ticket, by=agnes)
    rate(ticket, rita, 2)
    assert low() == ["manager@portal.example"]
    (message,) = [one for one in sent() if "Rated" in one.subject]
    assert "without a comment" in message.body
    assert "nobody supervises the support team" in message.body
    settings.PORTAL_ROLE_ADDRESSES = {}
    other = services.open_ticket(subject="Other", description="x", requester=rita, by=rita, channel=Channel.WEB)
    services.solve_ticket(other, by=agnes)
    rate(other, rita, 1)
    assert len(low()) == 1


def test_nobody_is_told_of_the_past_or_after_they_left(asked, ticket, rita, agnes, sofia):
    User.objects.filter(pk=agnes.pk).update(is_active=False)
    with context.origin(context.Origin(is_backfill=True)):
        rate(ticket, rita, 1)
    assert low() == []


def test_an_erased_comment_is_in_no_later_mail(asked, ticket, rita, sofia):
    rate(ticket, rita, 1, comment="BETWEEN-US")
    services.erase_comment(ticket, by=sofia)
    assert "BETWEEN-US" not in "".join(message.body for message in sent())
