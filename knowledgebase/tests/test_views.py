"""The start page, the articles, and the pages about the portal."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledgebase.models import Article, Category
from knowledgebase.services import archive_article, create_article, publish_article

pytestmark = pytest.mark.django_db


def words(response) -> str:
    return response.content.decode()


def write(title: str, category: Category, by, *, helpful: int = 0, body: str = "Build the index once.") -> Article:
    article = publish_article(create_article(title=title, body=body, category=category, by=by), by=by)
    Article.objects.filter(pk=article.pk).update(helpful_votes=helpful)
    return article


@pytest.fixture
def lineage(db) -> Category:
    return Category.objects.create(slug="lineage", name="Trace lineage", position=1)


def test_home_leads_to_search_articles_and_people(client, lineage, sofia):
    child = Category.objects.create(slug="graphs", name="Graphs", parent=lineage)
    for n in range(4):
        write(f"Article {n}", child if n % 2 else lineage, sofia, helpful=n)
    Category.objects.create(slug="empty", name="Nothing in it")
    text = words(client.get("/"))
    assert 'action="/help/search"' in text
    assert "Search the help articles</label>" in text
    assert 'href="/tickets/new"' in text
    assert 'href="/tickets/find"' in text
    assert "Trace lineage" in text
    assert "All 4 articles" in text
    assert "Nothing in it" not in text
    first, _, ranked = text.partition("Most helpful articles")
    assert "Article 0" not in first
    assert ranked.index("Article 3") < ranked.index("Article 0")


def test_home_without_articles_explains(client):
    text = words(client.get("/"))
    assert "There are no help articles yet" in text
    assert "Most helpful" not in text
    assert "There are no help articles yet" in words(client.get("/help"))


def test_home_costs_the_same_however_many_articles(client, lineage, sofia):
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    write("One", lineage, sofia)
    n_queries()  # what is read most is looked up once in a while
    few = n_queries()
    for n in range(20):
        write(f"Number {n}", Category.objects.create(slug=f"c{n}", name=f"C {n}"), sofia)
    assert n_queries() == few


def test_category_lists_its_articles_and_those_below(client, lineage, sofia):
    child = Category.objects.create(slug="graphs", name="Graphs", parent=lineage)
    write("Of the child", child, sofia)
    assert "Of the child" in words(client.get("/help/topics/lineage"))
    assert "Nothing here yet" in words(client.get("/help/topics/" + Category.objects.create(slug="x", name="X").slug))
    assert client.get("/help/topics/none").status_code == 404


def test_article_fits_into_its_page(client, lineage, sofia):
    article = write(
        "Rotate a token", lineage, sofia, body="# First\n\n## Second\n\n    code\n\n<script>alert(1)</script>"
    )
    text = words(client.get(f"/help/{article.slug}"))
    assert "<title>Rotate a token - " in text
    assert text.count("<h1") == 1
    assert '<h2 id="first"><a class="anchor" href="#first">First</a></h2>' in text
    assert '<h3 id="second"><a class="anchor" href="#second">Second</a></h3>' in text
    assert '<pre tabindex="0">' in text
    assert "<script>alert" not in text


def test_drafts_are_for_those_who_write(client, lineage, sofia, rita):
    article = archive_article(write("Draft", lineage, sofia), by=sofia)
    address = f"/help/{article.slug}"
    assert client.get(address).status_code == 404
    client.force_login(rita)
    assert client.get(address).status_code == 404
    client.force_login(sofia)
    assert "This is archived." in words(client.get(address))


def test_search_marks_words_and_turns_pages(client, lineage, sofia):
    for n in range(12):
        write(f"Graph {n}", lineage, sofia, body="An empty graph <b>here</b>.")
    text = words(client.get("/help/search?q=graph"))
    assert "<mark>graph</mark>" in text
    assert "12 articles for “graph”" in text
    assert "1 to 10 of 12" in text
    assert 'href="?q=graph&amp;page=2"' in text
    second = words(client.get("/help/search?q=graph&page=2"))
    assert "11 to 12 of 12" in second
    assert 'rel="next"' not in second
    assert "12 articles" in words(client.get("/help/search?query=graph"))


def test_search_without_a_hit_leads_on(client, lineage, sofia):
    write("Something", lineage, sofia)
    text = words(client.get("/help/search?q=zebra"))
    assert "No article has these words" in text
    assert "Trace lineage" in text
    assert 'value="zebra"' in text
    assert "No article has these words" not in words(client.get("/help/search"))


@pytest.mark.parametrize("query", ["q=%00", "q=a&page=x", "q=a&page=-1", "q=a&page=" + "9" * 30, "q=" + "x" * 5000])
def test_odd_searches_are_no_failure(client, query):
    assert client.get(f"/help/search?{query}").status_code == 200


@pytest.mark.parametrize(("path", "said"), [("/privacy", "How long"), ("/accessibility", "WCAG) 2.2 at level AA")])
def test_pages_about_the_portal(client, path, said):
    assert said in words(client.get(path))


def test_robots_and_icon(client):
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Disallow: /t/" in words(robots)
    assert client.get("/favicon.ico")["Location"].endswith("favicon.svg")


def test_unknown_page_says_what_to_do(client):
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "We cannot find that page" in words(response)
    assert response["X-Request-ID"] in words(response)
