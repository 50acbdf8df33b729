"""The pages of readers: one article with its vote, topics, searching and typing ahead, and what machines read."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.time import now
from knowledgebase.models import Article, Category, DailyView, Vote
from knowledgebase.search import upkeep
from knowledgebase.services import (
    archive_article,
    change_article,
    create_article,
    flush_views,
    mark_reviewed,
    publish_article,
    submit_article,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(db) -> Category:
    return Category.objects.create(slug="api", name="Use the API")


@pytest.fixture
def write(api, sofia):
    def write(title: str, body: str = "Words.", category: Category = api, **fields: object) -> Article:
        return publish_article(create_article(title=title, body=body, category=category, by=sofia, **fields), by=sofia)

    return write


@pytest.fixture
def article(write) -> Article:
    return write("Rotate a token", "# A\n\n# B\n\n# C\n\n# D", summary="Make the new one first.")


def words(response) -> str:
    return response.content.decode()


def test_article_tells_its_facts(client, article, sofia):
    text = words(client.get("/help/rotate-a-token"))
    assert '<link rel="canonical" href="http://localhost:8000/help/rotate-a-token">' in text
    assert '<meta name="description" content="Make the new one first.">' in text
    assert "Changed <time" in text
    assert "1 min read" in text
    assert text.count('<a href="#a">A</a>') == 2
    assert 'href="/tickets/new?article=rotate-a-token"' in text
    assert "noindex" not in text
    mark_reviewed(article, by=sofia)
    change_article(article, product_versions=["1.8", "1.9"], by=sofia)
    text = words(client.get("/help/rotate-a-token"))
    assert "Reviewed <time" in text
    assert "Versions 1.8, 1.9" in text


def test_article_costs_a_guest_few_queries(client, write, article):
    write("Rotar", language="es", source=article)
    for n in range(5):
        write(f"Near {n}")
    client.post("/help/rotate-a-token/vote", {"helpful": "yes"})
    with CaptureQueriesContext(connection) as queries:
        client.get("/help/rotate-a-token")
    assert len(queries) <= 6, [query["sql"] for query in queries]
    assert not [query for query in queries if not query["sql"].startswith("SELECT")]


@pytest.mark.parametrize(
    ("state", "said"),
    [("DRAFT", "This is a draft"), ("IN_REVIEW", "waiting for a review"), ("SCHEDULED", "not published yet")],
)
def test_writers_see_what_is_not_published(client, api, sofia, state, said):
    article = create_article(title="New", body="Words.", category=api, by=sofia)
    if state == "IN_REVIEW":
        submit_article(article, by=sofia)
    if state == "SCHEDULED":
        publish_article(article, by=sofia, at=now() + dt.timedelta(days=1))
    assert client.get("/help/new").status_code == 404
    client.force_login(sofia)
    text = words(client.get("/help/new"))
    assert said in text
    assert "noindex" in text
    assert "Did this help?" not in text
    assert client.post("/help/new/vote", {"helpful": "yes"}).status_code == 404


def test_languages_and_a_translation_that_fell_behind(client, write, article, sofia):
    write("Rotar un token", language="es", source=article)
    change_article(article, body="Other.", by=sofia)
    text = words(client.get("/help/rotate-a-token"))
    assert "Español" in text
    assert "Older than the English text" in text
    assert 'hreflang="es" href="http://localhost:8000/help/rotar-un-token"' in text
    text = words(client.get("/help/rotar-un-token"))
    assert '<article class="article plain" lang="es">' in text
    assert "This translation is older than the English text." in text
    assert "Read the English text" in text


def test_a_guest_votes_gives_a_reason_and_changes_their_mind(client, article):
    assert "Did this help?" in words(client.get("/help/rotate-a-token"))
    assert not client.cookies.get("reader")
    response = client.post("/help/rotate-a-token/vote", {"helpful": "no"})
    assert (response.status_code, response["Location"]) == (302, "/help/rotate-a-token#verdict")
    cookie = client.cookies["reader"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/help", "Lax")
    assert re.fullmatch(r"[\w-]{22}", cookie.value)
    assert "Sorry that it did not help" in words(client.get("/help/rotate-a-token"))

    refused = client.post("/help/rotate-a-token/reason", {"reason": "", "comment": "Long since."})
    assert refused.status_code == 422
    assert "<title>Error: " in words(refused)
    assert "Long since.</textarea>" in words(refused)
    assert client.post("/help/rotate-a-token/reason", {"reason": "X", "comment": "x" * 1001}).status_code == 422

    client.post("/help/rotate-a-token/reason", {"reason": "OUTDATED", "comment": "Long since."})
    text = words(client.get("/help/rotate-a-token"))
    assert "Thank you, the people who write articles will read this" in text
    assert "Long since." not in text
    client.post("/help/rotate-a-token/vote", {"helpful": "yes"})
    assert "good to know it helped" in words(client.get("/help/rotate-a-token"))
    article.refresh_from_db()
    assert (article.helpful_votes, article.unhelpful_votes, Vote.objects.count()) == (1, 0, 1)


def test_a_person_votes_once_wherever_they_sign_in(article, rita):
    for _browser in range(2):
        client = Client()
        client.force_login(rita)
        client.post("/help/rotate-a-token/vote", {"helpful": "yes"})
        assert "reader" not in client.cookies
    article.refresh_from_db()
    assert article.helpful_votes == 1


def test_odd_votes_lead_back(client, article):
    for path in ("vote", "reason"):
        assert client.get(f"/help/rotate-a-token/{path}")["Location"] == "/help/rotate-a-token#verdict"
        assert client.post(f"/help/rotate-a-token/{path}", {"helpful": "maybe"}).status_code == 302
        assert client.post(f"/help/nothing/{path}").status_code == 404
    client.cookies["reader"] = "forged value"
    client.post("/help/rotate-a-token/vote", {"helpful": "yes"})
    assert client.cookies["reader"].value != "forged value"
    # Whoever said that it helped has no reason to give.
    assert client.post("/help/rotate-a-token/reason", {"reason": "WRONG"}).status_code == 302
    assert not Vote.objects.exclude(reason="").exists()


def test_votes_are_limited(client, article, settings):
    settings.PORTAL_RATES = {**settings.PORTAL_RATES, "article-vote": (1, 3600)}
    assert client.post("/help/rotate-a-token/vote", {"helpful": "no"}).status_code == 302
    assert client.post("/help/rotate-a-token/vote", {"helpful": "yes"}).status_code == 429
    assert client.post("/help/rotate-a-token/reason", {"reason": "WRONG"}).status_code == 429


def test_a_comment_that_only_the_service_refuses_is_shown_at_its_field(client, article, monkeypatch):
    client.post("/help/rotate-a-token/vote", {"helpful": "no"})
    monkeypatch.setattr("knowledgebase.services.reading.COMMENT_CHARACTERS", 3)
    response = client.post("/help/rotate-a-token/reason", {"reason": "WRONG", "comment": "Long"})
    assert response.status_code == 422
    assert "Shorten the comment to 3 characters." in words(response)


def test_only_people_are_counted(client, article, rita, sofia):
    client.get("/help/rotate-a-token", headers={"user-agent": "Examplebot/1.0"})
    client.get("/help/rotate-a-token", headers={"sec-purpose": "prefetch"})
    client.head("/help/rotate-a-token")
    client.force_login(sofia)
    client.get("/help/rotate-a-token")
    assert flush_views() == 0
    client.force_login(rita)
    client.get("/help/rotate-a-token")
    client.logout()
    client.get("/help/rotate-a-token", headers={"user-agent": "Mozilla/5.0"})
    client.get("/help/rotate-a-token", headers={"user-agent": "Mozilla/5.0"})
    assert flush_views() == 2


def test_home_tells_what_is_read_most(client, write, article):
    DailyView.objects.create(article=article, day=now().date(), count=3)
    for n in range(8):
        write(f"On {n}", category=Category.objects.create(slug=f"c{n}", name=f"Topic {n}"))
    text = words(client.get("/"))
    ranked = text.partition("Most read this month")[2]
    assert "Rotate a token" in ranked
    assert "Use the API, 1 min read" in ranked
    assert "See all 9 topics" in text
    assert 'data-combobox="/help/suggest"' in text


def test_category_shows_what_is_below_it_and_turns_pages(client, write, api):
    below = Category.objects.create(slug="hooks", name="Webhooks", parent=api)
    write("Verify a signature", category=below)
    for n in range(31):
        write(f"Number {n:02}")
    text = words(client.get("/help/topics/api"))
    assert 'href="/help/topics/hooks">Webhooks' in text
    assert "1 to 30 of 31" in text
    assert "Number 30" in words(client.get("/help/topics/api?page=2"))
    assert '<a href="/help/topics/api">Use the API</a>' in words(client.get("/help/topics/hooks"))


def test_suggestions_while_typing(client, write, article):
    upkeep.index_marked()
    response = client.get("/help/suggest?q=rot")
    assert 'role="option"' in words(response)
    assert 'data-url="/help/rotate-a-token"' in words(response)
    assert "<mark>" in words(response)
    assert "private" in response["Cache-Control"]
    for query in ("ro", "", "zebra", "%00", "x" * 5000, "<script>"):
        assert 'role="option"' not in words(client.get("/help/suggest", {"q": query}))


def test_search_is_narrowed_by_links_that_say_how_many_stay(client, write, article):
    other = Category.objects.create(slug="other", name="Elsewhere")
    write("Revoke a token", category=other, tags=["safety"])
    write("Token drehen", language="de", tags=["safety"])
    upkeep.index_marked()
    text = words(client.get("/help/search?q=token&page=1"))
    assert "3 articles" in text
    for link in ("category=other", "category=api", "tag=safety", "language=de"):
        assert f'href="?q=token&amp;{link}"' in text
    assert "Counted over" not in text
    text = words(client.get("/help/search?q=token&category=other&tag=safety"))
    assert "1 article for" in text
    assert 'href="?q=token&amp;tag=safety" aria-current="true"' in text
    assert 'href="?q=token&amp;category=other" aria-current="true"' in text
    assert "Only Elsewhere" in text
    assert "Only tagged safety" in text
    assert "Narrow" not in text
    assert "Only in Deutsch" in words(client.get("/help/search?q=token&language=de"))
    text = words(client.get("/help/search?q=token&tag=%3Cscript%3E&language=%22%3E&category=none"))
    assert "No article has these words" in text
    assert "Only tagged &lt;script&gt;" in text
    assert "<script>" not in text.replace("<script src", "")
    assert client.get("/help/search?q=token&category=none")["X-Robots-Tag"] == "noindex"


def test_search_page_says_where_only_the_best_were_counted(client, write, article, monkeypatch):
    monkeypatch.setattr("knowledgebase.search.searching.COUNTED_MOST", 2)
    for number in range(3):
        write(f"Token {number}", tags=["odd"] if number % 2 else ["even"])
    assert "Counted over the 2 best results." in words(client.get("/help/search?q=token"))


def test_search_says_what_it_took_a_misspelt_word_for(client, write, article):
    upkeep.reindex()
    text = words(client.get("/help/search?q=rotatte"))
    assert "No article has the words “rotatte”" in text
    assert 'href="?q=rotate"' in text


def test_feed_and_map_hold_what_everybody_may_read(client, write, article, api, sofia):
    write("Inside", audience="SIGNED_IN", category=Category.objects.create(slug="inside", name="Inside"))
    archive_article(write("Old"), by=sofia)
    below = Category.objects.create(slug="hooks", name="Webhooks", parent=api)
    write("Verify", category=below)
    client.force_login(sofia)
    feed = ElementTree.fromstring(client.get("/help/feed.xml").content)
    assert {item.findtext("title") for item in feed.iter("item")} == {"Rotate a token", "Verify"}
    assert feed.find(".//item/link").text.startswith("http://localhost:8000/help/")
    response = client.get("/sitemap.xml")
    assert response["Content-Type"].startswith("application/xml")
    places = [place.text for place in ElementTree.fromstring(response.content).iter() if place.tag.endswith("loc")]
    assert {place.removeprefix("http://localhost:8000") for place in places} == {
        *("/", "/help", "/help/topics/api", "/help/topics/hooks", "/help/rotate-a-token", "/help/verify")
    }
    assert "Sitemap: http://localhost:8000/sitemap.xml" in words(client.get("/robots.txt"))
