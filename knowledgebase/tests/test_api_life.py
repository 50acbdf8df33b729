"""An article's life over HTTP: review, dates, versions, entity tags, votes, suggestions."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Tier
from accounts.services import change_organization
from common.actors import SYSTEM
from common.tests.api import client_of, code_of, problem_of
from common.time import now
from knowledgebase import services
from knowledgebase.models import Category, Reason, Vote
from knowledgebase.vocabulary import Audience

KB = "/api/v1/kb"


@pytest.fixture
def category(db):
    return Category.objects.get_or_create(slug="troubleshooting", defaults={"name": "Troubleshooting"})[0]


@pytest.fixture
def write(category):
    def write(title="Repair a pipeline", **fields):
        return services.create_article(title=title, body="Check the host.", category=category, by=SYSTEM, **fields)

    return write


@pytest.fixture
def article(write):
    return services.publish_article(write(), by=SYSTEM)


def place_of(article, rest=""):
    return f"{KB}/articles/{article.slug}{rest}"


# --- review and dates ---


def test_what_one_submits_another_approves(write, sofia, ada):
    draft = write()
    said = client_of(sofia).post(place_of(draft, "/submit")).json()
    assert said["editorial"]["state"] == "IN_REVIEW"
    said = client_of(ada).post(place_of(draft, "/review"), {"approve": True, "note": "Good."}).json()
    assert (said["published"], said["editorial"]["state"]) == (True, "PUBLISHED")
    assert (said["editorial"]["reviewer"], said["editorial"]["review_note"]) == (ada.email, "Good.")


def test_sent_back_it_is_a_draft_again_with_the_reason(write, ada):
    draft = services.submit_article(write(), by=SYSTEM)
    answer = client_of(ada).post(place_of(draft, "/review"), {"approve": False})
    assert (answer.status_code, problem_of(answer)["errors"][0]["field"]) == (422, "note")
    said = client_of(ada).post(place_of(draft, "/review"), {"approve": False, "note": "Name the version."}).json()
    assert (said["editorial"]["state"], said["editorial"]["review_note"]) == ("DRAFT", "Name the version.")


def test_nobody_approves_their_own_words(category, sofia):
    mine = services.create_article(title="Mine", body="Words.", category=category, by=sofia)
    services.submit_article(mine, by=sofia)
    assert client_of(sofia).post(place_of(mine, "/review"), {"approve": True}).status_code == 403


def test_what_nobody_submitted_is_not_reviewed(article, ada):
    answer = client_of(ada).post(place_of(article, "/review"), {"approve": False, "note": "No."})
    assert (answer.status_code, code_of(answer)) == (409, "invalid_transition")


def test_published_at_an_instant_to_come_it_waits(write, sofia):
    draft, at = write(), now() + dt.timedelta(days=1)
    said = client_of(sofia).post(place_of(draft, "/publish"), {"publish_at": at.isoformat()}).json()
    assert (said["published"], said["editorial"]["state"]) == (False, "SCHEDULED")
    assert client_of().get(place_of(draft)).status_code == 404


# --- who reads it ---


def test_an_article_for_a_tier_is_found_by_that_tier_alone(write, rita, aarlund, agnes):
    article = services.publish_article(write(audience=Audience.TIERS, tiers=["PROFESSIONAL"]), by=SYSTEM)
    change_organization(aarlund, by=SYSTEM, tier=Tier.ENTERPRISE)
    assert client_of(rita).get(place_of(article)).status_code == 404
    assert client_of(rita).get(f"{KB}/suggest?q=repair").json()["suggestions"] == []
    change_organization(aarlund, by=SYSTEM, tier=Tier.PROFESSIONAL)
    rita.refresh_from_db()
    assert client_of(rita).get(place_of(article)).json()["editorial"] is None
    assert client_of(agnes).get(place_of(article)).json()["editorial"]["tiers"] == ["PROFESSIONAL"]


def test_a_translation_names_its_source_and_falls_behind(write, sofia):
    original = write()
    made = client_of(sofia).post(
        f"{KB}/articles",
        {"title": "Pipeline reparieren", "body": "Host.", "category": "troubleshooting", "language": "de"}
        | {"source": original.slug},
    )
    assert (made.status_code, made.json()["editorial"]["source"]) == (201, original.slug)
    services.change_article(original, by=SYSTEM, body="Check the host first.")
    assert client_of(sofia).get(made["Location"]).json()["editorial"]["is_behind"] is True


@pytest.mark.parametrize(
    ("language", "field"),
    [("en", "language"), ("de", "language")],
    ids=["the language of the source", "translated already"],
)
def test_a_translation_that_does_not_fit(write, sofia, language, field):
    original = write()
    write("Pipeline reparieren", language="de", source=original)
    body = {"title": "Another", "body": "Words.", "category": "troubleshooting", "source": original.slug}
    answer = client_of(sofia).post(f"{KB}/articles", {**body, "language": language})
    assert (answer.status_code, problem_of(answer)["errors"][0]["field"]) == (422, field)


# --- versions and entity tags ---


def test_versions_are_read_and_restored(article, sofia):
    client = client_of(sofia)
    client.patch(place_of(article), {"body": "Check nothing.", "note": "A joke"})
    listed = client.get(place_of(article, "/revisions")).json()["results"]
    assert [(row["number"], row["note"], row["author"]) for row in listed] == [
        (2, "A joke", sofia.email),
        (1, "", None),
    ]
    assert client.get(place_of(article, "/revisions/1")).json()["body"] == "Check the host."
    assert client.post(place_of(article, "/revisions/1/restore")).json()["body"] == "Check the host."
    assert client.get(place_of(article, "/revisions/9")).status_code == 404


@pytest.mark.parametrize("path", ["articles/{slug}", "articles", "categories", "suggest?q=repair"])
def test_who_holds_the_present_answer_is_told_so(article, path):
    client, path = client_of(), f"{KB}/{path}".replace("{slug}", article.slug)
    tag = client.get(path)["ETag"]
    again = client.get(path, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again["ETag"], again.content) == (304, tag, b"")
    services.change_article(article, by=SYSTEM, title="Repair every pipeline")
    services.publish_article(
        services.create_article(title="B", body="B", category=article.category, by=SYSTEM), by=SYSTEM
    )
    assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_change_of_what_somebody_else_changed_is_refused_and_shows_it(article, sofia):
    client = client_of(sofia)
    tag = client.get(place_of(article))["ETag"]
    services.cast_vote(article, visitor="reader", is_helpful=True)  # a vote is no change
    services.change_article(article, by=SYSTEM, tags=["new"])
    answer = client.patch(place_of(article), {"tags": ["mine"]}, HTTP_IF_MATCH=tag)
    assert (answer.status_code, problem_of(answer)["current"]["tags"]) == (412, ["new"])
    tag = client.get(place_of(article))["ETag"]
    services.cast_vote(article, visitor="another", is_helpful=True)
    assert client.patch(place_of(article), {"tags": ["mine"]}, HTTP_IF_MATCH=tag).json()["tags"] == ["mine"]


# --- votes ---


def test_one_vote_a_caller_and_the_last_one_counts(article, rita):
    for client in (client_of(), client_of(rita)):
        client.post(place_of(article, "/feedback"), {"helpful": True})
    said = client_of(rita).post(place_of(article, "/feedback"), {"helpful": False, "comment": "Step 2 fails."}).json()
    assert said == {"helpful": False, "helpful_votes": 1, "unhelpful_votes": 1}
    vote = Vote.objects.get(is_helpful=False)
    assert (vote.reason, vote.comment) == (Reason.OTHER, "Step 2 fails.")


def test_a_comment_is_kept_with_a_good_vote_too(article):
    client_of().post(place_of(article, "/feedback"), {"helpful": True, "comment": "Thanks!"})
    assert Vote.objects.get().comment == "Thanks!"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "helpful"),
        ({"helpful": "yes"}, "helpful"),
        ({"helpful": None}, "helpful"),
        ({"helpful": False, "comment": "x" * 1001}, "comment"),
        ({"helpful": False, "reason": "BORING"}, "reason"),
        ({"helpful": True, "reason": "WRONG"}, "reason"),
        ({"helpful": True, "stars": 5}, "stars"),
    ],
)
def test_votes_that_do_not_validate(article, body, field):
    answer = client_of().post(place_of(article, "/feedback"), body)
    assert (answer.status_code, problem_of(answer)["errors"][0]["field"]) == (422, field)
    assert not Vote.objects.exists()


# --- suggestions ---


def test_suggestions_come_with_an_unfinished_last_word(article):
    said = client_of().get(f"{KB}/suggest?q=repair a pipe").json()
    assert said["query"] == "repair a pipe"
    (one,) = said["suggestions"]
    assert (one["title"], one["slug"]) == (article.title, article.slug)
    assert one["url"].endswith(f"/help/{article.slug}")
    assert "<mark>" in one["marked_title"]


@pytest.mark.parametrize("query", ["", "q=", "q=a&limit=0", "q=a&limit=11", "q=a&category=x"])
def test_wrong_parameters_of_suggestions(db, query):
    answer = client_of().get(f"{KB}/suggest?{query}")
    assert (answer.status_code, code_of(answer)) == (400, "invalid_query")
