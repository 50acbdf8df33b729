"""Rating by API, and the figures."""

from __future__ import annotations

import datetime as dt

import pytest

from common.models import Event
from common.tests.api import client_of, code_of
from tickets import services
from tickets.models import Survey
from tickets.tests.api import fields, url
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db
METRICS = "/api/v1/csat/metrics"


@pytest.fixture
def solved(ticket, agnes):
    return services.solve_ticket(ticket, by=agnes)


def post(person, ticket, **body):
    return client_of(person).post(url(ticket, "csat"), body)


def test_the_requester_rates_once(solved, rita):
    answer = post(rita, solved, rating=4, feedback="Quick.")
    assert answer.status_code == 201
    survey = Survey.objects.get()
    assert answer.json() == {
        "ticket_id": solved.reference,
        "rating": 4,
        "feedback": "Quick.",
        "submitted_at": survey.rated_at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
    }
    again = post(rita, solved, rating=5)
    assert (again.status_code, code_of(again)) == (409, "already_rated")


def test_a_closed_ticket_too_and_without_words(solved, rita, agnes):
    services.close_ticket(solved, by=agnes)
    assert post(rita, solved, rating=3).json()["feedback"] == ""


def test_what_is_not_solved_is_refused(ticket, rita):
    answer = post(rita, ticket, rating=5)
    assert (answer.status_code, code_of(answer)) == (409, "not_ratable")


@pytest.mark.parametrize("rating", [0, 6, "5", 2.5, True, None])
def test_there_are_five_ratings(solved, rita, rating):
    answer = post(rita, solved, rating=rating)
    assert (answer.status_code, fields(answer)) == (422, ["rating"])


def test_the_same_request_twice_is_one_rating(solved, rita):
    client, body = client_of(rita), {"rating": 5}
    first = client.post(url(solved, "csat"), body, HTTP_IDEMPOTENCY_KEY="k-1")
    again = client.post(url(solved, "csat"), body, HTTP_IDEMPOTENCY_KEY="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"


def test_the_timeline_of_customers_does_not_tell_of_it(solved, rita, otto, agnes):
    post(rita, solved, rating=1, feedback="BETWEEN-US")
    assert Event.objects.filter(kind="survey.rated").exists()
    for person, is_told in ((rita, False), (otto, False), (agnes, True)):
        answer = client_of(person).get(url(solved, "events"))
        assert ("survey.rated" in answer.content.decode()) == is_told
        assert "BETWEEN-US" not in answer.content.decode()


def test_figures(rita, agnes, django_assert_max_num_queries):
    assert client_of(agnes).get(METRICS).json() == {
        "total_responses": 0,
        "average_rating": None,
        "csat_score": None,
        "distribution": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
        "period_days": 30,
        "surveys_sent": 0,
        "response_rate": None,
    }
    for rating in (5, 5, 4, 2):
        ticket = services.open_ticket(subject="More", description="x", requester=rita, by=rita, channel=Channel.API)
        services.solve_ticket(ticket, by=agnes)
        services.ask_for_rating(ticket)
        services.rate_ticket(ticket, rating=rating, by=rita, via=Survey.Via.API)
    with django_assert_max_num_queries(6):
        told = client_of(agnes).get(f"{METRICS}?days=7").json()
    assert told == {
        "total_responses": 4,
        "average_rating": 4.0,
        "csat_score": 75.0,
        "distribution": {"1": 0, "2": 1, "3": 0, "4": 1, "5": 2},
        "period_days": 7,
        "surveys_sent": 4,
        "response_rate": 100.0,
    }


@pytest.mark.parametrize("days", ["0", "366", "x", "-1", "٣", "", "1e2"])
def test_days_are_from_1_to_365(agnes, days):
    answer = client_of(agnes).get(METRICS, {"days": days})
    assert (answer.status_code, fields(answer)) == (400, ["days"])
