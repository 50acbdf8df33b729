"""Rating on pages: by the link of the mail, on the ticket's page, and what the console shows of it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from common.models import Event
from common.time import now
from tickets import services
from tickets.models import Survey
from tickets.satisfaction.links import find_survey, survey_token, survey_url
from tickets.tests.console import do, panel_url, told
from tickets.tests.console import url as console_url
from tickets.tests.pages import words
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(ticket, agnes) -> Survey:
    services.solve_ticket(ticket, by=agnes)
    assert services.ask_for_rating(ticket)
    return Survey.objects.get()


@pytest.fixture
def page(survey) -> str:
    return f"/survey/{survey_token(survey)}"


@pytest.fixture
def guest() -> Client:
    """A browser under no-referrer: it sends "Origin: null" and none of our cookies."""
    return Client(enforce_csrf_checks=True, headers={"Origin": "null"})


def rate(ticket, by, rating=5, **facts):
    return services.rate_ticket(ticket, rating=rating, by=by, via=Survey.Via.API, **facts)


def test_the_link_of_a_face_chooses_it_and_records_nothing(guest, page, survey):
    response = guest.get(f"{page}?rating=4")
    assert response.status_code == 200
    shown = words(response)
    assert shown.count('type="radio"') == 5
    assert 'value="4" id="id_rating_3" checked' in shown
    assert shown.count(" checked") == 1
    for word in ("Very bad", "Bad", "Fair", "Good", "Very good"):
        assert f"<span>{word}</span>" in shown
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert Survey.objects.get().rated_at is None
    assert guest.head(page).status_code == 200


@pytest.mark.parametrize("chosen", ["", "6", "0", "4&rating=x", "<b>", "٤", "4.0", "1" * 5000])
def test_any_other_choice_is_none(guest, page, chosen):
    shown = guest.get(page, {"rating": chosen})
    assert shown.status_code == 200
    assert " checked" not in words(shown)


def test_rated_by_whoever_holds_the_link(guest, page, survey, rita):
    response = guest.post(page, {"rating": "5", "feedback": "Quick <b>and</b> friendly."})
    assert (response.status_code, response["Location"]) == (302, f"{page}?thanks")
    survey.refresh_from_db()
    assert (survey.rating, survey.comment, survey.rated_via) == (5, "Quick <b>and</b> friendly.", Survey.Via.MAIL)
    assert Event.objects.get(kind="survey.rated").actor_id == rita.pk
    thanks = words(guest.get(response["Location"]))
    assert "<h1>Thank you</h1>" in thanks
    assert "sorry" not in thanks
    later = words(guest.get(page))
    assert "You have rated this" in later
    assert "Very good" in later
    assert "Rated <time" in later
    assert "friendly" not in later, "the comment is for the support team and the rater, and a link can be passed on"


def test_a_second_rating_is_refused(guest, page, survey):
    guest.post(page, {"rating": "2"})
    assert "We are sorry" in words(guest.get(f"{page}?thanks"))
    again = guest.post(page, {"rating": "5"})
    assert again.status_code == 409
    assert "You have rated this" in words(again)
    survey.refresh_from_db()
    assert survey.rating == 2


@pytest.mark.parametrize("sent", [{}, {"rating": ""}, {"rating": "6"}, {"rating": "good"}])
def test_without_a_face_nothing_is_lost(guest, page, sent):
    response = guest.post(page, {**sent, "feedback": "My long story."})
    assert response.status_code == 422
    shown = words(response)
    assert "There is a problem" in shown
    assert 'href="#id_rating_0"' in shown
    assert "Choose one of the five faces" in shown
    assert "My long story." in shown
    assert Survey.objects.get().rated_at is None


def test_a_comment_that_is_too_long_is_kept_in_the_form(guest, page):
    response = guest.post(page, {"rating": "3", "feedback": "x" * 5001})
    assert response.status_code == 422
    assert "Shorten it to 5000 characters" in words(response)
    assert "x" * 5001 in words(response)


def test_a_link_of_ours_that_is_too_old_and_one_that_is_none(guest, page, survey):
    for gone in ("/survey/x", f"{page}x", f"/survey/{'a' * 3000}", "/survey/NzQ.é", f"{page}%00"):
        response = guest.get(gone)
        assert response.status_code == 404
        assert "This link does not open a survey" in words(response)
        assert response["Referrer-Policy"] == "no-referrer"
    with time_machine.travel(now() + dt.timedelta(days=30, seconds=1)):
        for response in (guest.get(page), guest.post(page, {"rating": "5"})):
            assert response.status_code == 410
            assert "The time for this rating is over" in words(response)
    assert Survey.objects.get().rated_at is None


def test_after_the_ticket_was_opened_again_there_is_nothing_to_rate(guest, page, ticket, rita, agnes):
    services.reopen_ticket(ticket, by=rita)
    assert "There is nothing to rate yet" in words(guest.get(page))
    assert guest.post(page, {"rating": "5"}).status_code == 409
    into = services.open_ticket(subject="Other", description="x", requester=rita, by=rita, channel=Channel.WEB)
    services.merge_tickets(ticket, into=into, by=agnes)
    assert "goes on in another ticket" in words(guest.get(page))
    assert Survey.objects.get().rated_at is None


def test_too_many_tries_are_refused(guest, page, settings):
    settings.PORTAL_RATES = {**settings.PORTAL_RATES, "survey": (2, 3600)}
    assert [guest.get(page).status_code for _ in range(3)] == [200, 200, 429]
    assert guest.post(page, {"rating": "5"})["Referrer-Policy"] == "no-referrer"
    assert guest.put(page).status_code == 405


def test_tokens_are_signed_and_stand_in_no_log(survey, settings):
    token = survey_token(survey)
    assert find_survey(token) == survey
    assert survey_url(survey, rating=3) == f"{settings.SITE_URL}/survey/{token}?rating=3"
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert find_survey(token) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert find_survey(token) == survey
    assert "/survey" in settings.PORTAL_SECRET_PATHS


# --- the ticket's own page --------------------------------------------------------------------------------------------


def test_the_requester_rates_on_the_tickets_page(client, ticket, rita, otto, agnes, survey):
    page = f"/tickets/{ticket.reference}"
    client.force_login(rita)
    assert 'name="rating"' in words(client.get(page))
    wrong = client.post(f"{page}/rate", {"feedback": "My story."})
    assert wrong.status_code == 422
    assert "Choose one of the five faces" in words(wrong)
    assert "My story." in words(wrong)
    done = client.post(f"{page}/rate", {"rating": "4", "feedback": "Good <i>work</i>."})
    assert (done.status_code, done["Location"]) == (302, f"{page}#satisfaction")
    shown = words(client.get(page))
    assert "Your rating" in shown
    assert "Good &lt;i&gt;work&lt;/i&gt;." in shown
    assert 'name="rating"' not in shown
    again = client.post(f"{page}/rate", {"rating": "1"})
    assert again.status_code == 409
    assert "was rated already" in words(again)
    assert Survey.objects.get().rated_via == Survey.Via.PORTAL


def test_nobody_else_is_offered_it_or_reads_it(client, ticket, rita, otto, agnes, survey):
    page = f"/tickets/{ticket.reference}"
    services.add_follower(ticket, otto, by=rita)
    for person in (otto, agnes):
        client.force_login(person)
        assert 'name="rating"' not in words(client.get(page))
        assert client.post(f"{page}/rate", {"rating": "1"}).status_code == 403
    rate(ticket, rita, 1, comment="BETWEEN-US")
    for person in (otto, agnes):
        client.force_login(person)
        assert "BETWEEN-US" not in words(client.get(page))
        assert "Your rating" not in words(client.get(page))
    link = f"/t/{services.tracking_token(ticket, otto)}"
    assert "BETWEEN-US" not in words(Client().get(link))
    assert Client().post(f"{link}/rate", {"rating": "5"}).status_code == 403


def test_rated_by_the_secret_link(guest, ticket, rita, survey):
    link = f"/t/{services.tracking_token(ticket, rita)}"
    assert f'action="{link}/rate"' in words(guest.get(link))
    assert guest.post(f"{link}/rate", {"rating": "3"}).status_code == 302
    assert "Your rating" in words(guest.get(link))


def test_an_open_ticket_is_offered_nothing(client, ticket, rita):
    client.force_login(rita)
    assert 'name="rating"' not in words(client.get(f"/tickets/{ticket.reference}"))
    refused = client.post(f"/tickets/{ticket.reference}/rate", {"rating": "5"})
    assert refused.status_code == 409
    assert "once it is solved or closed" in words(refused)


# --- the console ------------------------------------------------------------------------------------------------------


def test_the_panel_tells_how_it_stands(client, ticket, rita, agnes, sofia):
    client.force_login(agnes)
    assert "There is nothing to show." in words(client.get(panel_url(ticket, "satisfaction")))
    services.solve_ticket(ticket, by=agnes)
    assert "The requester is asked" in words(client.get(panel_url(ticket, "satisfaction")))
    services.ask_for_rating(ticket)
    assert "No answer yet" in words(client.get(panel_url(ticket, "satisfaction")))
    rate(ticket, rita, 2, comment="Too <b>slow</b>.")
    shown = words(client.get(panel_url(ticket, "satisfaction")))
    for said in ("2 of 5", "Too &lt;b&gt;slow&lt;/b&gt;."):
        assert said in shown
    timeline = words(client.get(console_url(ticket)))
    assert "rated the help" in timeline
    assert ": Bad" in timeline
    assert "Erase the comment" not in shown
    assert do(client, ticket, "erase_comment").status_code == 403
    client.force_login(sofia)
    assert "Erase the comment" in words(client.get(panel_url(ticket, "satisfaction")))
    assert "gone for good" in told(do(client, ticket, "erase_comment"))
    assert "slow" not in words(client.get(panel_url(ticket, "satisfaction")))
    assert (Survey.objects.get().rating, Survey.objects.get().comment) == (2, "")


def test_the_panel_says_why_nobody_was_asked(client, ticket, rita, agnes):
    services.solve_ticket(ticket, by=agnes)
    services.reopen_ticket(ticket, by=rita)
    client.force_login(agnes)
    assert "Nobody was asked. The ticket was no longer solved." in words(client.get(panel_url(ticket, "satisfaction")))
