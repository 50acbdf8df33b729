"""Surveys and ratings: when somebody is asked, when not, and that everything is said once."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.services import change_preferences
from common import context
from common.errors import Conflict, Invalid, NotAllowed, NotFound
from common.models import Event
from common.time import now
from knowledgebase.models import Category
from tickets import services
from tickets.models import Survey, Ticket
from tickets.satisfaction.reports import rating_counts, satisfaction
from tickets.satisfaction.vocabulary import WhyNot
from tickets.tasks import ask_due_surveys as task
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
AT = dt.datetime(2026, 2, 9, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def solved(ticket, agnes) -> Ticket:
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    return services.solve_ticket(ticket, by=agnes)


def opened(rita, **facts) -> Ticket:
    facts = {"subject": "Another", "description": "More.", "by": rita, "channel": Channel.WEB, **facts}
    return services.open_ticket(requester=rita, **facts)


def rate(ticket, by, rating=5, **facts) -> Survey:
    return services.rate_ticket(ticket, rating=rating, by=by, via=Survey.Via.API, **facts)


def asked() -> list[int]:
    return list(Event.objects.filter(kind="survey.due").values_list("subject_id", flat=True))


def test_the_requester_is_asked_a_day_after_the_ticket_was_solved_and_once(clock, solved, settings):
    clock.move_to(AT + DAY - dt.timedelta(seconds=1))
    assert services.ask_due_surveys() == 0
    clock.move_to(AT + DAY)
    assert task() == 1
    assert services.ask_due_surveys() == 0
    survey = solved.survey
    assert (survey.asked_at, survey.due_at) == (AT + DAY, None)
    (event,) = Event.objects.filter(kind="survey.due")
    assert event.data == {"survey": survey.pk, "person": solved.requester_id}
    assert settings.CELERY_BEAT_SCHEDULE["ask-due-surveys"]["task"] == task.name


def test_at_once_where_no_delay_is_set(settings, ticket, agnes):
    settings.PORTAL_SURVEY_DELAY_HOURS = 0
    services.solve_ticket(ticket, by=agnes)
    assert services.ask_due_surveys() == 1


def test_a_fault_in_one_keeps_nobody_else_from_being_asked(clock, solved, rita, agnes, monkeypatch):
    other = services.solve_ticket(opened(rita), by=agnes)
    clock.shift(2 * DAY)
    lock = services.satisfaction.lock

    def stumble(ticket):
        if ticket.pk == solved.pk:
            raise RuntimeError("an index is broken")
        return lock(ticket)

    with monkeypatch.context() as patch:
        patch.setattr("tickets.services.satisfaction.lock", stumble)
        assert services.ask_due_surveys() == 1
    assert asked() == [other.pk]
    assert services.ask_due_surveys() == 1


def test_a_ticket_that_is_opened_again_gets_none_until_it_is_solved_again(clock, solved, rita, agnes):
    services.reopen_ticket(solved, by=rita)
    clock.shift(2 * DAY)
    assert services.ask_due_surveys() == 0
    assert Survey.objects.get().not_asked_because == WhyNot.UNSOLVED
    services.solve_ticket(solved, by=agnes)
    clock.shift(DAY)
    assert services.ask_due_surveys() == 1


def test_one_survey_a_ticket_ever(clock, solved, rita, agnes):
    clock.shift(DAY)
    services.ask_due_surveys()
    services.reopen_ticket(solved, by=rita)
    services.solve_ticket(solved, by=agnes)
    clock.shift(2 * DAY)
    assert services.ask_due_surveys() == 0
    assert not services.ask_for_rating(solved)
    assert asked() == [solved.pk]


def test_whoever_rated_already_is_not_asked(clock, solved, rita):
    rate(solved, rita)
    clock.shift(2 * DAY)
    assert services.ask_due_surveys() == 0


def test_a_closed_ticket_that_was_solved_is_asked_about_and_one_that_never_was_is_not(clock, solved, rita, agnes):
    services.close_ticket(solved, by=agnes)
    services.close_ticket(opened(rita), by=agnes)
    services.cancel_ticket(opened(rita), by=rita)
    clock.shift(DAY)
    assert services.ask_due_surveys() == 1
    assert asked() == [solved.pk]


def merge(ticket, rita, agnes):
    services.reopen_ticket(ticket, by=rita)
    services.merge_tickets(ticket, into=opened(rita), by=agnes)


def leave(person):
    person.is_active = False
    person.save(update_fields=["is_active"])


WAYS = {
    WhyNot.BLOCKED: lambda ticket, rita, agnes, sofia: services.block_sender(rita.email, reason="spam", by=sofia),
    WhyNot.UNWANTED: lambda ticket, rita, agnes, sofia: change_preferences(rita, by=rita, is_mailed_status=False),
    WhyNot.INACTIVE: lambda ticket, rita, agnes, sofia: leave(rita),
    WhyNot.UNSOLVED: lambda ticket, rita, agnes, sofia: merge(ticket, rita, agnes),
}


@pytest.mark.parametrize("reason", WAYS)
def test_who_is_not_asked_and_why(clock, reason, solved, rita, agnes, sofia):
    WAYS[reason](solved, rita, agnes, sofia)
    clock.shift(DAY)
    assert services.ask_due_surveys() == 0
    assert Survey.objects.get(ticket=solved).not_asked_because == reason
    assert Survey.objects.get(ticket=solved).due_at is None


def test_nobody_is_asked_about_what_a_program_opened(clock, rita, agnes):
    services.solve_ticket(opened(rita, is_automatic=True), by=agnes)
    clock.shift(DAY)
    assert services.ask_due_surveys() == 0
    assert Survey.objects.get().not_asked_because == WhyNot.AUTOMATIC


def test_nobody_is_asked_about_the_past_or_with_surveys_switched_off(clock, settings, ticket, rita, agnes):
    with context.origin(context.Origin(is_backfill=True)):
        services.solve_ticket(ticket, by=agnes)
    settings.PORTAL_SURVEYS = False
    services.solve_ticket(opened(rita), by=agnes)
    assert not Survey.objects.exists()
    settings.PORTAL_SURVEYS = True
    services.solve_ticket(opened(rita), by=agnes)
    settings.PORTAL_SURVEYS = False
    clock.shift(DAY)
    assert services.ask_due_surveys() == 0
    assert Survey.objects.get().not_asked_because == WhyNot.OFF


def test_looking_for_what_is_due_costs_one_query(solved, rita, agnes, django_assert_num_queries):
    for _ in range(3):
        services.solve_ticket(opened(rita), by=agnes)
    with django_assert_num_queries(1):
        assert services.ask_due_surveys() == 0


def test_a_rating_is_written_once(solved, rita):
    survey = rate(solved, rita, 4, comment="  Quick.\r\nThank you. ")
    assert (survey.rating, survey.comment, survey.rated_at) == (4, "Quick.\nThank you.", AT)
    assert survey.assignee == solved.assignee
    (event,) = Event.objects.filter(kind="survey.rated")
    assert event.data == {"survey": survey.pk, "rating": 4, "what": "Good"}
    assert event.actor_id == rita.pk
    with pytest.raises(Conflict, match="already") as refusal:
        rate(solved, rita, 1)
    assert refusal.value.code == "already_rated"
    assert Survey.objects.get().rating == 4
    solved.refresh_from_db()
    assert solved.updated_at == AT


def test_a_rating_is_no_change_of_the_ticket(solved, rita):
    version = Ticket.objects.get().version
    rate(solved, rita)
    assert Ticket.objects.get().version == version


def test_only_the_requester_rates(solved, otto, agnes, mallory):
    for person in (otto, agnes):
        with pytest.raises(NotAllowed):
            rate(solved, person)
    with pytest.raises(NotFound):
        rate(solved, mallory)
    with pytest.raises(NotAllowed):
        rate(solved, mallory, via_link=True)


def test_what_is_not_solved_cannot_be_rated(ticket, rita, agnes):
    with pytest.raises(Conflict) as refusal:
        rate(ticket, rita)
    assert refusal.value.code == "not_ratable"
    services.merge_tickets(ticket, into=opened(rita), by=agnes)
    with pytest.raises(Conflict, match="merged"):
        rate(ticket, rita)


@pytest.mark.parametrize("rating", [0, 6, -1, True, 3.5])
def test_there_are_five_ratings(solved, rita, rating):
    with pytest.raises(Invalid) as refusal:
        rate(solved, rita, rating)
    assert refusal.value.field == "rating"


def test_a_comment_has_a_bound(solved, rita):
    with pytest.raises(Invalid) as refusal:
        rate(solved, rita, comment="x" * 5001)
    assert refusal.value.field == "feedback"
    assert rate(solved, rita, comment="x" * 5000).rating == 5


def test_a_supervisor_erases_a_comment_and_the_rating_stays(solved, rita, agnes, sofia):
    rate(solved, rita, 2, comment="Call me: 555 0100 200")
    with pytest.raises(NotAllowed):
        services.erase_comment(solved, by=agnes)
    services.erase_comment(solved, by=sofia)
    services.erase_comment(solved, by=sofia)
    survey = Survey.objects.get()
    assert (survey.rating, survey.comment) == (2, "")
    assert Event.objects.filter(kind="survey.comment_erased").count() == 1
    assert "555" not in str(list(Event.objects.values_list("data", flat=True)))


def test_comments_are_kept_for_a_while(clock, solved, rita, settings):
    rate(solved, rita, comment="Quick.")
    settings.PORTAL_SURVEY_COMMENT_DAYS = 100
    clock.shift(100 * DAY)
    assert services.forget_comments(now()) == 0
    clock.shift(dt.timedelta(seconds=1))
    assert services.forget_comments(now()) == 1
    assert (Survey.objects.get().rating, Survey.objects.get().comment) == (5, "")


def test_an_article_drafted_from_the_ticket_holds_nothing_of_the_comment(solved, rita, agnes, sofia):
    services.reopen_ticket(solved, by=rita)
    services.post_public_reply(solved, body="Build the index once.", by=agnes)
    services.solve_ticket(solved, by=agnes)
    rate(solved, rita, comment="BETWEEN-US")
    Category.objects.create(slug="lineage", name="Lineage")
    assert "BETWEEN-US" not in services.draft_article(solved, by=sofia).body


def test_figures(clock, rita, agnes, django_assert_num_queries):
    tickets = [services.solve_ticket(opened(rita), by=agnes) for _ in range(6)]
    clock.shift(DAY)
    assert services.ask_due_surveys() == 6
    for ticket, rating in zip(tickets, (5, 5, 4, 1), strict=False):
        rate(ticket, rita, rating)
    clock.shift(DAY)
    with django_assert_num_queries(1):
        figures = satisfaction(now() - 30 * DAY, now())
    assert figures.distribution == {1: 1, 2: 0, 3: 0, 4: 1, 5: 2}
    assert (figures.total_responses, figures.average_rating, figures.csat_score) == (4, 3.75, 75.0)
    assert (figures.surveys_sent, figures.response_rate) == (6, 66.7)
    before = satisfaction(AT - DAY, AT)
    assert (before.total_responses, before.average_rating, before.csat_score, before.response_rate) == (0, *[None] * 3)
    assert rating_counts() == figures.distribution


def test_the_scraper_is_told(client, solved, rita):
    rate(solved, rita, 4)
    text = client.get("/metrics").content.decode()
    assert 'csat_rating_total{rating="4"} 1.0' in text
    assert 'csat_rating_total{rating="1"} 0.0' in text
