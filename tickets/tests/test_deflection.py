"""What comes of forms: sent, left, followed by a ticket after all; and the sums that are left of them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from common import retention
from common.time import now
from tickets import guarding
from tickets.deflection import visitors
from tickets.deflection.fitting import is_fit
from tickets.models import DeflectionArticle, DeflectionDay, FormSession
from tickets.services import begin_form, note_fitting, note_opened, note_sent, open_ticket, settle_forms
from tickets.tests.helping import SOLVED, SUGGESTIONS, hold_out, published, row_of, typed
from tickets.tests.pages import filled, token
from tickets.vocabulary import Channel

NEW = "/tickets/new"
NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everybody_is_offered_articles(settings):
    hold_out(settings, 0)


@pytest.fixture
def article(db):
    return published()


def begun(name: str, at=NOON, *, visitor="guest:1", is_held_out=False, articles=()) -> FormSession:
    row = begin_form(name, visitor=visitor, is_held_out=is_held_out, at=at)
    note_fitting(row, articles)
    return row


def asked(person, at, **more):
    return open_ticket(
        subject="Help me", description="d", requester=person, by=person, channel=Channel.EMAIL, at=at, **more
    )


def outcome(row: FormSession) -> tuple[bool, bool]:
    row.refresh_from_db()
    return row.is_sent, row.came_back


def test_sides_are_stable_and_as_large_as_they_should_be(settings):
    people = [f"user:{n}" for n in range(4000)]
    for percent in (0, 5, 50):
        hold_out(settings, percent)
        out = {person for person in people if visitors.is_held_out(person)}
        assert out == {person for person in people if visitors.is_held_out(person)}
        assert abs(len(out) - len(people) * percent / 100) <= 80
    # Who is held out at 5 of 100 is so at 50 as well: raising the share moves nobody to the other side.
    hold_out(settings, 5)
    few = {person for person in people if visitors.is_held_out(person)}
    assert few < out


def test_names_of_a_visitor_change_and_are_found_for_seven_days():
    day = NOON.date()
    names = {visitors.visitor_digest("user:1", day + n * DAY) for n in range(70)}
    assert len(names) in (10, 11)
    for n in range(14):
        today = day + n * DAY
        for ago in range(8):
            assert visitors.visitor_digest("user:1", today - ago * DAY) in visitors.recent_digests("user:1", today)
    assert visitors.visitor_digest("user:2", day) not in names


def test_keys_differ_between_installations(settings):
    before = visitors.visitor_digest("user:1", NOON.date())
    settings.SECRET_KEY = "another"
    assert visitors.visitor_digest("user:1", NOON.date()) != before


def test_guest_is_network_and_browser(rf):
    def guest(address, browser="Firefox"):
        return visitors.guest_of(rf.get("/", REMOTE_ADDR=address, HTTP_USER_AGENT=browser))

    assert guest("203.0.113.7") == guest("203.0.113.7") != guest("203.0.113.8")
    assert guest("203.0.113.7") != guest("203.0.113.7", "Chromium")
    assert guest("2001:db8::1") == guest("2001:db8::2")


def test_form_is_begun_once(article):
    first = begun("a", articles=[article])
    assert begun("a", NOON + DAY, visitor="guest:2").pk == first.pk
    assert FormSession.objects.get().begun_at == NOON


def test_articles_of_one_form_are_bounded():
    row = begun("a")
    for n in range(20):
        row.refresh_from_db()
        note_fitting(row, [published(f"Article {n}")])
    row.refresh_from_db()
    assert len(row.fitting) == 12


def test_sending_the_form_is_no_return(client, article):
    form, other = token(), token()
    for name in (form, other):
        client.post(SUGGESTIONS, typed(name))
    client.post(NEW, filled(token=form))
    assert outcome(row_of(form)) == (True, True)
    assert outcome(row_of(other)) == (False, True)


def test_refused_form_is_not_sent(client, article):
    form = token()
    client.post(NEW, filled(token=form, description=""))
    assert outcome(row_of(form)) == (False, False)


def test_guest_of_another_browser_is_somebody_else(client, article):
    form = token()
    client.post(SUGGESTIONS, typed(form), HTTP_USER_AGENT="One")
    client.post(NEW, filled(), HTTP_USER_AGENT="Two")
    assert outcome(row_of(form)) == (False, False)


def test_customer_who_writes_a_mail_has_come_back(client, article, rita, otto):
    client.force_login(rita)
    form = token()
    client.post(SUGGESTIONS, typed(form))
    asked(otto, now())
    assert outcome(row_of(form)) == (False, False)
    asked(rita, now())
    assert outcome(row_of(form)) == (False, True)


def test_guest_who_signs_in_to_send_has_come_back(client, article, rita):
    form = token()
    client.post(SUGGESTIONS, typed(form))
    client.force_login(rita)
    client.post(NEW, filled())
    assert outcome(row_of(form)) == (False, True)


@pytest.mark.parametrize(
    ("later", "is_counted"),
    [(-DAY, False), (dt.timedelta(0), True), (WEEK - dt.timedelta(seconds=1), True), (WEEK, False)],
)
def test_ticket_counts_for_seven_days(rita, article, later, is_counted):
    row = begun("a", visitor=visitors.person(rita.pk), articles=[article])
    asked(rita, NOON + later)
    assert outcome(row) == (False, is_counted)


def test_forms_become_sums_after_a_week(article):
    other = published("Another one")
    begun("sent", articles=[article], visitor="guest:2")
    note_opened("sent", article)
    note_sent("sent", visitor="guest:2", at=NOON)
    begun("solved", articles=[article, other])
    note_opened("solved", other, is_solved=True)
    begun("returned", articles=[article], visitor="guest:3")
    note_sent("unknown", visitor="guest:3", at=NOON + DAY)
    begun("left", articles=[article])
    begun("nothing fitted")
    begun("next day", NOON + DAY, articles=[article])
    begun("held out", is_held_out=True, articles=[article])
    assert not note_opened("held out", article)

    assert settle_forms(NOON + WEEK) == 0
    assert settle_forms(NOON + WEEK + dt.timedelta(hours=1)) == 6
    assert settle_forms(NOON + WEEK + dt.timedelta(hours=1)) == 0
    assert FormSession.objects.count() == 1
    columns = ("begun", "fitting", "opened", "solved", "sent", "returned")
    days = DeflectionDay.objects.order_by("day", "is_held_out").values_list("day", "is_held_out", *columns)
    assert list(days) == [(NOON.date(), False, 5, 4, 2, 1, 1, 1), (NOON.date(), True, 1, 1, 0, 0, 0, 0)]
    articles = DeflectionArticle.objects.order_by("pk").values_list("article", "shown", "opened", "solved")
    assert sorted(articles) == [(article.pk, 4, 1, 0), (other.pk, 1, 1, 1)]

    # What comes later on the same day is added.
    begun("late", NOON, articles=[article])
    assert settle_forms(NOON + 2 * WEEK) == 2
    assert DeflectionDay.objects.get(day=NOON.date(), is_held_out=False).begun == 6
    assert DeflectionArticle.objects.get(day=NOON.date(), article=article).shown == 5


def test_sums_outlive_what_is_purged_and_an_article(article):
    row = begun("a", articles=[article])
    FormSession.objects.filter(pk=row.pk).update(fitting=[article.pk, 999_999])
    assert retention.purgers()["forms begun"](NOON + 90 * DAY) == 1
    assert not FormSession.objects.exists()
    assert DeflectionDay.objects.get().fitting == 1
    assert DeflectionArticle.objects.get().article == article


def test_many_forms_are_settled_in_few_queries(article, django_assert_max_num_queries):
    for n in range(40):
        begun(f"form {n}", articles=[article])
    with django_assert_max_num_queries(20):
        assert settle_forms(NOON + 2 * WEEK) == 40


def test_solved_and_back_is_a_ticket_after_all(client, article):
    form = token()
    client.post(SUGGESTIONS, typed(form))
    client.post(SOLVED, {"token": form, "article": article.slug})
    client.post(NEW, filled())
    assert outcome(row_of(form)) == (False, True)
    with time_machine.travel(now() + WEEK + DAY):
        settle_forms(now())
    day = DeflectionDay.objects.get()
    assert (day.solved, day.sent, day.returned) == (1, 0, 1)


def test_name_of_a_form_is_ours_or_nothing():
    assert len(guarding.name_of(token())) == 32
    assert guarding.name_of("a:b:c") == ""


WORDS = {"lineage", "graph", "empty"}


@pytest.mark.parametrize(
    ("subject", "whole", "telling", "every", "expected"),
    [
        (WORDS, WORDS, {"lineage"}, WORDS, True),
        (WORDS, WORDS, set(), WORDS, False),  # the words stand somewhere, and the article is about something else
        (WORDS, WORDS, {"lineage"}, {"lineage"}, False),  # one word of three
        ({"help"}, {"help", *WORDS, "a", "b", "c"}, WORDS, WORDS, True),  # by the details
        ({"help"}, {"help", *WORDS, *map(str, range(20))}, WORDS, WORDS, False),
        (set(), set(), {"lineage"}, {"lineage"}, False),
    ],
)
def test_what_fits(subject, whole, telling, every, expected):
    assert is_fit(subject, whole, telling=telling, every=telling | every) is expected
