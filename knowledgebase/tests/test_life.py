"""An article's life: versions, addresses, review, dates, audiences, translations."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts.models import Tier
from common import journal
from common.actors import SYSTEM
from common.errors import Invalid, InvalidTransition, NotAllowed, Stale
from common.time import now
from knowledgebase import services
from knowledgebase.models import Article, Category, SlugRedirect
from knowledgebase.rules import MOVES, compare
from knowledgebase.vocabulary import Audience, State

NOBODY = AnonymousUser()


@pytest.fixture
def category(db):
    return Category.objects.create(slug="troubleshooting", name="Troubleshooting")


@pytest.fixture
def write(category, sofia):
    def write(title="Reset a pipeline", body="Run `odg reset`.", **fields):
        return services.create_article(title=title, body=body, category=category, by=fields.pop("by", sofia), **fields)

    return write


@pytest.fixture
def publish(write, sofia):
    def publish(title="Reset a pipeline", **fields):
        return services.publish_article(write(title, **fields), by=sofia)

    return publish


def kinds(article) -> list[str]:
    return [event.kind for event in journal.timeline(article)]


# --- versions ---


def test_other_words_make_a_version_and_other_tags_do_not(write, sofia):
    article = write()
    article = services.change_article(article, by=sofia, body="Run `odg reset --hard`.", note="The flag is needed")
    article = services.change_article(article, by=sofia, tags=["pipeline"])
    assert article.revision == 2
    assert article.text == "Run odg reset --hard."
    newest, first = article.revisions.all()
    assert (newest.number, newest.note, newest.author) == (2, "The flag is needed", sofia)
    assert first.body == "Run `odg reset`."


def test_a_version_is_restored_as_a_new_one(write, sofia):
    article = services.change_article(write(), by=sofia, body="Wrong.")
    article = services.restore_revision(article.revisions.get(number=1), by=sofia)
    assert (article.body, article.revision) == ("Run `odg reset`.", 3)
    assert article.revisions.first().note == "Version 1 again"


def test_nobody_overwrites_what_they_have_not_seen(write, sofia):
    article = write()
    services.change_article(article, by=sofia, title="Another")
    with pytest.raises(Stale):
        services.change_article(article, by=sofia, title="A third", unchanged_since=article.created_at)


def test_versions_are_compared_by_line():
    lines = compare("One\nTwo\nThree", "One\nTwo and a half\nThree")
    assert [(line.kind, line.text) for line in lines] == [
        ("gap", ""),
        ("same", "One"),
        ("removed", "Two"),
        ("added", "Two and a half"),
        ("same", "Three"),
    ]
    assert compare("Same", "Same") == []


# --- addresses ---


def test_an_old_address_leads_to_the_article(client, publish, sofia):
    article = publish()
    services.change_article(article, by=sofia, title="Reset a flow", slug="reset-a-flow")
    services.change_article(article, by=sofia, slug="reset-flows")
    assert client.get("/help/reset-a-pipeline?from=mail", follow=False)["Location"] == "/help/reset-flows?from=mail"
    assert client.get("/help/reset-a-flow").status_code == 301
    assert client.get("/help/reset-flows").status_code == 200


def test_going_back_to_an_old_address_makes_no_circle(client, publish, sofia):
    article = publish()
    services.change_article(article, by=sofia, slug="reset-flows")
    services.change_article(article, by=sofia, slug="reset-a-pipeline")
    assert client.get("/help/reset-a-pipeline").status_code == 200
    assert client.get("/help/reset-flows")["Location"] == "/help/reset-a-pipeline"


def test_an_address_that_leads_somewhere_is_taken(write, sofia):
    services.change_article(write(), by=sofia, slug="reset-flows")
    with pytest.raises(Invalid):
        write()
    assert SlugRedirect.objects.count() == 1


def test_the_old_address_of_what_one_may_not_read_leads_nowhere(client, write, sofia):
    services.change_article(write(), by=sofia, slug="reset-flows")
    assert client.get("/help/reset-a-pipeline").status_code == 404


# --- review and dates ---


def test_what_is_submitted_is_approved_by_somebody_else(write, sofia, ada):
    article = services.submit_article(services.submit_article(write(), by=sofia), by=sofia)
    with pytest.raises(NotAllowed):
        services.review_article(article, approve=True, by=sofia)
    article = services.review_article(article, approve=True, by=ada)
    assert (article.state, article.reviewer) == (State.PUBLISHED, ada)
    assert kinds(article) == ["article.created", "article.submitted", "article.reviewed", "article.published"]


def test_what_is_sent_back_says_why(write, sofia, ada):
    article = services.submit_article(write(), by=sofia)
    with pytest.raises(Invalid):
        services.review_article(article, approve=False, by=ada)
    article = services.review_article(article, approve=False, by=ada, note="Step two is missing.")
    assert (article.state, article.review_note) == (State.DRAFT, "Step two is missing.")
    with pytest.raises(Invalid):
        services.review_article(article, approve=True, by=ada)


def test_it_is_published_and_taken_down_by_itself(write, sofia, rita):
    later, end = now() + dt.timedelta(hours=2), now() + dt.timedelta(hours=4)
    article = services.change_article(write(), by=sofia, expires_at=end)
    article = services.publish_article(services.publish_article(article, by=sofia, at=later), by=sofia, at=later)
    assert kinds(article).count("article.scheduled") == 1
    assert services.keep_dates() == 0
    assert not Article.objects.visible_to(rita).exists()
    with time_machine.travel(later):
        assert services.keep_dates() == 1
        assert Article.objects.visible_to(rita).get().state == State.PUBLISHED
    with time_machine.travel(end):
        assert services.keep_dates() == 1
    assert not Article.objects.visible_to(rita).exists()


def test_approving_what_has_a_later_date_schedules_it(write, sofia, ada):
    later = now() + dt.timedelta(days=1)
    article = services.submit_article(services.change_article(write(), by=sofia, publish_at=later), by=sofia)
    assert services.review_article(article, approve=True, by=ada).state == State.SCHEDULED


def test_reading_it_again_moves_the_date(publish, sofia):
    day = now().date()
    article = services.change_article(publish(), by=sofia, review_on=day)
    assert Article.objects.unreviewed_on(day).get() == article
    services.mark_reviewed(article, by=sofia, next_on=day + dt.timedelta(days=180))
    assert not Article.objects.unreviewed_on(day).exists()


@pytest.mark.parametrize("old", State.values)
def test_every_state_can_be_left(old):
    assert MOVES[old] and old not in MOVES[old]


def test_a_published_article_is_not_submitted(publish, sofia):
    with pytest.raises(InvalidTransition):
        services.submit_article(publish(), by=sofia)


# --- audiences ---


@pytest.mark.parametrize(
    ("audience", "tiers", "readers"),
    [
        (Audience.PUBLIC, [], {"nobody", "mallory", "rita", "agnes", "sofia"}),
        (Audience.SIGNED_IN, [], {"mallory", "rita", "agnes", "sofia"}),
        (Audience.TIERS, [Tier.ENTERPRISE.value], {"rita", "agnes", "sofia"}),
        (Audience.TIERS, [Tier.PROFESSIONAL.value], {"agnes", "sofia"}),
        (Audience.STAFF, [], {"agnes", "sofia"}),
    ],
)
def test_who_reads_which(publish, mallory, rita, agnes, sofia, audience, tiers, readers):
    publish(audience=audience, tiers=tiers)
    people = {"nobody": NOBODY, "mallory": mallory, "rita": rita, "agnes": agnes, "sofia": sofia}
    assert {name for name, person in people.items() if Article.objects.visible_to(person).exists()} == readers


@pytest.mark.parametrize(("audience", "tiers"), [("FRIENDS", []), (Audience.TIERS, []), (Audience.TIERS, ["GOLD"])])
def test_an_audience_that_nobody_is_is_refused(write, audience, tiers):
    with pytest.raises(Invalid):
        write(audience=audience, tiers=tiers)


# --- translations ---


def test_a_translation_falls_behind_its_source(write, sofia):
    source = write()
    translation = write("Réinitialiser un flux", slug="reinitialiser-un-flux", language="fr", source=source)
    assert not translation.is_behind
    services.change_article(source, by=sofia, body="New.")
    translation.refresh_from_db()
    assert translation.is_behind
    assert not services.mark_translated(translation, by=sofia).is_behind
    assert list(source.translations.all()) == [translation]


def test_rights(write, agnes):
    article = write()
    for deed in (services.submit_article, services.publish_article, services.archive_article, services.mark_translated):
        with pytest.raises(NotAllowed):
            deed(article, by=agnes)
    with pytest.raises(NotAllowed):
        services.restore_revision(article.revisions.get(), by=agnes)
    assert services.publish_article(article, by=SYSTEM).published
