"""The knowledge base over HTTP."""

from __future__ import annotations

import pytest

from accounts.services import create_access_token
from common.actors import SYSTEM
from common.tests.api import client_of, code_of, problem_of
from knowledgebase import services
from knowledgebase.models import Article, Category

KB = "/api/v1/kb"
DRAFT = {"title": "Repair a pipeline", "body": "Check the *host* first.", "category": "troubleshooting"}


@pytest.fixture
def category(db):
    return Category.objects.get_or_create(slug="troubleshooting", defaults={"name": "Troubleshooting"})[0]


@pytest.fixture
def article(category):
    made = services.create_article(
        title="Repair a broken pipeline",
        body="Check the **host** of the pipeline.",
        summary="What to check.",
        category=category,
        tags=["connectivity", "größe"],
        by=SYSTEM,
    )
    return services.publish_article(made, by=SYSTEM)


@pytest.fixture
def draft(category):
    return services.create_article(title="Secret pipeline plans", body="Later.", category=category, by=SYSTEM)


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def fields(response):
    return [error["field"] for error in problem_of(response)["errors"]]


def slugs(response):
    return [row["slug"] for row in results(response)]


# --- search ---


def test_search_answers_in_the_shape_others_rely_on(article, draft):
    response = client_of().get(f"{KB}/search?q=pipeline")

    body = response.json()
    assert set(body) == {"query", "total", "took_ms", "backend", "did_you_mean", "results"}
    assert (response.status_code, body["query"], body["total"]) == (200, "pipeline", 1)
    hit = body["results"][0]
    assert set(hit) == {
        *("article_id", "title", "slug", "excerpt", "category", "tags", "url", "relevance_score", "updated_at")
    }
    assert (hit["slug"], hit["category"]) == (article.slug, "troubleshooting")
    assert "<mark>pipeline</mark>" in hit["excerpt"]
    assert hit["url"] == f"http://localhost:8000/help/{article.slug}"
    assert hit["relevance_score"] > 0


def test_the_guides_search_and_the_older_name_of_q(article):
    assert client_of().get(f"{KB}/search?q=test").status_code == 200
    assert client_of().get(f"{KB}/search?query=pipeline").json()["total"] == 1
    assert client_of().get(f"{KB}/search?q=pipeline&query=pipeline").json()["total"] == 1


def test_drafts_are_found_by_nobody(draft, ada):
    for user in (None, ada):
        assert client_of(user).get(f"{KB}/search?q=secret").json()["total"] == 0


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("q=pipeline&category=troubleshooting", 1),
        ("q=pipeline&category=nowhere", 0),
        ("q=pipeline&tag=connectivity", 1),
        ("q=pipeline&tag=other&tag=connectivity", 1),
        ("q=pipeline&tag=other", 0),
    ],
)
def test_search_is_narrowed(article, query, total):
    assert client_of().get(f"{KB}/search?{query}").json()["total"] == total


def test_search_is_paged(article):
    body = client_of().get(f"{KB}/search?q=pipeline&limit=1&offset=1").json()

    assert (body["total"], body["results"]) == (1, [])


@pytest.mark.parametrize(
    "words",
    [
        "' OR '1'='1",
        "'; DROP TABLE users; --",
        "x' UNION SELECT password FROM users --",
        "1 AND 1=1",
        "admin' --",
        "%",
        "_",
        "\\",
        "title:(a OR b) AND *",
        "<script>alert(1)</script>",
        "😀",
        "a" * 200,
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "(((((",
        '"',
    ],
)
def test_any_words_are_a_safe_query(article, words):
    response = client_of().get(f"{KB}/search", {"q": words})

    assert response.status_code == 200
    assert response.json()["query"] == words.strip()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["q"]),
        ("q=", ["q"]),
        ("q=%20", ["q"]),
        ("q=" + "x" * 201, ["q"]),
        ("q=a&q=b", ["q"]),
        ("q=a&query=b", ["q"]),
        ("q=%00", ["q"]),
        ("q=a&limit=0", ["limit"]),
        ("q=a&limit=51", ["limit"]),
        ("q=a&offset=-1", ["offset"]),
        ("q=a&offset=x", ["offset"]),
        ("q=a&cursor=x", ["cursor"]),
        ("q=a&ordering=title", ["ordering"]),
        ("q=a&category=b&category=c", ["category"]),
    ],
)
def test_wrong_parameters_of_search(article, query, names):
    response = client_of().get(f"{KB}/search?{query}")

    assert (response.status_code, code_of(response), fields(response)) == (400, "invalid_query", names)


# --- articles ---


def test_articles_are_listed_without_and_read_with_their_text(article):
    line = results(client_of().get(f"{KB}/articles"))[0]
    whole = client_of().get(f"{KB}/articles/{article.slug}").json()

    assert set(whole) - set(line) == {"body", "body_html"}
    assert whole["body_html"] == "<p>Check the <strong>host</strong> of the pipeline.</p>\n"
    assert (line["category"], line["tags"], line["product_area"]) == (
        "troubleshooting",
        ["connectivity", "größe"],
        None,
    )


def test_drafts_are_for_those_who_write(article, draft, rita, agnes, sofia):
    for user in (None, rita, agnes):
        assert slugs(client_of(user).get(f"{KB}/articles")) == [article.slug]
        assert client_of(user).get(f"{KB}/articles/{draft.slug}").status_code == 404
    assert slugs(client_of(sofia).get(f"{KB}/articles")) == [article.slug, draft.slug]
    assert slugs(client_of(sofia).get(f"{KB}/articles?published=false")) == [draft.slug]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("category=troubleshooting", 1),
        ("category=other&category=troubleshooting", 1),
        ("category=other", 0),
        ("tag=connectivity", 1),
        ("tag=größe", 1),
        ("tag=connect", 0),
        ("tag=%25", 0),
        ("product_area=API", 0),
        ("updated_since=2020-01-01", 1),
        ("published=false", 0),
        ("ordering=-helpful_votes,title", 1),
    ],
)
def test_articles_are_narrowed(article, query, count):
    assert len(slugs(client_of().get(f"{KB}/articles?{query}"))) == count


@pytest.mark.parametrize("slug", ["nothing", "a%00b", "a%20b", "x" * 300])
def test_articles_that_are_not_there(article, slug):
    response = client_of().get(f"{KB}/articles/{slug}")

    assert (response.status_code, code_of(response)) == (404, "not_found")


def test_categories_tell_how_many_articles_there_are_to_read(article, draft, sofia):
    child = Category.objects.create(slug="performance-2", name="Performance", parent=article.category)

    rows = {row["slug"]: row for row in results(client_of().get(f"{KB}/categories?limit=100"))}
    assert rows["troubleshooting"]["article_count"] == 1
    assert (rows[child.slug]["parent"], rows[child.slug]["article_count"]) == ("troubleshooting", 0)
    rows = {row["slug"]: row for row in results(client_of(sofia).get(f"{KB}/categories?limit=100"))}
    assert rows["troubleshooting"]["article_count"] == 2


def test_lists_cost_the_same_queries_whatever_their_length(category, django_assert_max_num_queries):
    for number in range(30):
        made = services.create_article(title=f"Article {number}", body="Body", category=category, by=SYSTEM)
        services.publish_article(made, by=SYSTEM)
    for path, most in (("articles?limit=100", 4), ("categories?limit=100", 4), ("search?q=body&limit=50", 8)):
        with django_assert_max_num_queries(most):
            assert client_of().get(f"{KB}/{path}").status_code == 200


def test_a_token_needs_the_scope_even_for_what_is_public(article, rita):
    token = create_access_token(rita, name="x", scopes=["tickets:read"], days=1, by=rita)[1]
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert client.get(f"{KB}/articles").status_code == 403
    assert client.get("/api/v1/product-areas").status_code == 200


# --- writing ---


def test_a_supervisor_writes_changes_publishes_and_archives(category, sofia):
    client = client_of(sofia)
    made = client.post(f"{KB}/articles", {**DRAFT, "tags": ["new"], "product_area": "api"})
    place = f"{KB}/articles/{made.json()['slug']}"

    assert (made.status_code, made.json()["published"], made.json()["product_area"]) == (201, False, "API")
    assert client.patch(place, {"title": "Repair it", "tags": []}).json()["title"] == "Repair it"
    assert client.post(f"{place}/publish").json()["published"] is True
    assert client_of().get(place).status_code == 200
    assert client.post(f"{place}/archive").json()["published"] is False
    assert client_of().get(place).status_code == 404


def test_the_same_key_writes_one_article(category, sofia):
    answers = [client_of(sofia).post(f"{KB}/articles", DRAFT, HTTP_IDEMPOTENCY_KEY="a") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Article.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"title": ""}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "???"}, ["title"]),
        ({"body": ""}, ["body"]),
        ({"category": "nowhere"}, ["category"]),
        ({"category": 5}, ["category"]),
        ({"product_area": "NOWHERE"}, ["product_area"]),
        ({"tags": "a"}, ["tags"]),
        ({"slug": "my own"}, ["slug"]),
        ({"language": "English"}, ["language"]),
        ({"source": "nothing"}, ["source"]),
        ({"audience": "FRIENDS"}, ["audience"]),
        ({"audience": "TIERS"}, ["tiers"]),
        ({"expires_at": "tomorrow"}, ["expires_at"]),
        ({"note": "Why"}, ["note"]),
        ({"published": True}, ["published"]),
    ],
)
def test_articles_that_do_not_validate(category, sofia, changes, names):
    response = client_of(sofia).post(f"{KB}/articles", {**DRAFT, **changes})

    assert (response.status_code, fields(response)) == (422, names)


def test_two_articles_have_two_addresses(category, sofia):
    client_of(sofia).post(f"{KB}/articles", DRAFT)

    response = client_of(sofia).post(f"{KB}/articles", DRAFT)

    assert problem_of(response)["errors"][0]["code"] == "slug_taken"


@pytest.mark.parametrize("who", ["rita", "agnes"])
def test_nobody_else_writes(article, request, who):
    client = client_of(request.getfixturevalue(who))
    place = f"{KB}/articles/{article.slug}"

    answers = [
        client.post(f"{KB}/articles", DRAFT),
        client.patch(place, {"title": "Mine"}),
        client.post(f"{place}/publish"),
        client.post(f"{place}/archive"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert client_of().post(f"{KB}/articles", DRAFT).status_code == 401
