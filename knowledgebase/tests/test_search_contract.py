"""What every engine promises, asked of the one of the database that the suite runs on, and of the search server."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from accounts.models import ProductArea
from common.actors import SYSTEM
from knowledgebase import services
from knowledgebase.models import Article, Category, SearchStopWord, SearchSynonym
from knowledgebase.search import Choice, browse_articles, search_articles, suggest
from knowledgebase.search.engines import base, database_engine
from knowledgebase.search.upkeep import index_marked

pytestmark = pytest.mark.django_db
GUEST = AnonymousUser()
HOSTILE = Path(__file__).resolve().parents[3] / "shared/data/malicious"
SYNTAX = [
    *(
        "",
        " ",
        "+",
        "AND AND",
        "a OR",
        "NOT",
        "NEAR(a b)",
        '"',
        '""',
        '"a',
        "a*",
        "(",
        "title:x",
        "{a b}",
        "^a",
        "-a",
        "%",
    ),
    *("' OR 1=1 --", "a & | ! b", "<->", ":*", "\\", "\x00", "🙂", "数据 目录", "é" * 3000, "a " * 5000, "x" * 10_000),
    *('"' + "a b " * 900 + '"', "<script>alert(1)</script>", "ﷺ" * 700, "\u3164", "'", "a:b:c*", "[1 TO 2]", "/re.*/~"),
]


@pytest.fixture
def topic(db) -> Category:
    return Category.objects.create(slug="guides", name="Guides")


@pytest.fixture
def write(topic):
    def write(
        title: str, body: str = "Words.", *, audience: str = "PUBLIC", tiers=(), language="en", **fields
    ) -> Article:
        article = services.create_article(
            title=title, body=body, category=fields.pop("category", topic), by=SYSTEM, **fields
        )
        Article.objects.filter(pk=article.pk).update(audience=audience, tiers=list(tiers), language=language)
        return services.publish_article(article, by=SYSTEM)

    return write


@pytest.fixture(params=["database", "server"], autouse=True)
def engine_name(request, monkeypatch) -> str:
    """Ask the search server too, which is told of every change before each question."""
    if request.param == "database":
        return connection.vendor
    request.getfixturevalue("search_server")
    here = sys.modules[__name__]
    for name in ("search_articles", "browse_articles", "suggest"):
        monkeypatch.setattr(here, name, _after_the_task(getattr(here, name)))
    return "elasticsearch"


def _after_the_task(ask):
    def asked(*args, **kwargs):
        index_marked()
        return ask(*args, **kwargs)

    return asked


def titles(query: str, user=GUEST, **filters) -> list[str]:
    return [hit.article.title for hit in search_articles(query, user=user, **filters).found]


def test_the_engine_says_its_name(write, engine_name):
    write("Rotate a token")
    assert search_articles("token", user=GUEST).backend == engine_name


def test_a_title_counts_over_a_tag_and_a_tag_over_the_text(write):
    write("Something else", "About a federation of nodes.")
    write("Other matters", "About nodes in general.", tags=["federation"])
    write("Pair a federation", "About nodes in general.")
    assert titles("federation") == ["Pair a federation", "Other matters", "Something else"]


def test_any_word_finds_and_more_words_rank_higher(write):
    write("Lineage", "How tables depend on each other.")
    write("Lineage of columns", "How columns depend on each other.")
    write("Billing", "What it costs.")
    assert titles("why are my lineage columns empty") == ["Lineage of columns", "Lineage"]


def test_a_word_finds_its_inflections_and_marks_them(write):
    write("Network", "When connecting takes long, the connections are counted.")
    (hit,) = search_articles("connect", user=GUEST).found
    assert "<mark>connecting</mark>" in hit.excerpt
    assert "<mark>connections</mark>" in hit.excerpt


def test_words_in_quotes_stand_together_where_any_article_has_them_so(write):
    write("One", "The broken pipeline waits.")
    write("Two", "The pipeline is broken.")
    assert titles('"broken pipeline"') == ["One"]
    assert set(titles("broken pipeline")) == {"One", "Two"}
    assert set(titles('"pipeline broken waits"')) == {"One", "Two"}


def test_filters_narrow(write, topic):
    child = Category.objects.create(slug="tokens", name="Tokens", parent=topic)
    write("Rotate a token", category=child, tags=["API", "Größe"], product_area=ProductArea.objects.first())
    write("Token drehen", "Ein Token.", language="de")
    write("Token elsewhere", category=Category.objects.create(slug="other", name="Other"))
    assert len(titles("token")) == 3
    assert titles("token", category="tokens") == ["Rotate a token"]
    assert set(titles("token", category="guides")) == {"Rotate a token", "Token drehen"}
    assert titles("token", tags=("api", "nothing")) == ["Rotate a token"]
    assert titles("token", tags=("GRÖSSE", "größe")) == ["Rotate a token"]
    assert titles("token", tags=("a",)) == []
    assert titles("token", product_area=ProductArea.objects.first().key) == ["Rotate a token"]
    assert titles("token", language="de") == ["Token drehen"]


def test_nobody_finds_what_they_may_not_read(write, rita, agnes, mallory):
    write("Quokka for everybody")
    write("Quokka for people", audience="SIGNED_IN")
    write("Quokka for enterprises", audience="TIERS", tiers=["ENTERPRISE"])
    write("Quokka for us", "Wombatology.", audience="STAFF")
    index_marked()
    seen = {GUEST: 1, mallory: 2, rita: 3, agnes: 4}
    for user, count in seen.items():
        answer = search_articles("quokka", user=user)
        assert (answer.total, len(answer.found), len(suggest("quok", user=user))) == (count, count, count)
        slip = search_articles("wombatolgy", user=user)
        assert (slip.total, slip.did_you_mean) == ((1, "wombatology") if user == agnes else (0, None))


def test_what_is_not_published_any_more_is_not_found(write):
    article = write("Rotate a token")
    services.archive_article(article, by=SYSTEM)
    assert titles("token") == []
    assert suggest("rot", user=GUEST) == []
    services.publish_article(article, by=SYSTEM)
    services.change_article(article, by=SYSTEM, title="Renew a certificate")
    assert (titles("token"), titles("certificate")) == ([], ["Renew a certificate"])


def test_the_excerpt_is_the_passage_with_the_most_words(write):
    filler = "Nothing to see in this part of the text. " * 15
    write("Long", f"A token. {filler} Rotate the token of the gateway. {filler} The gateway.")
    (hit,) = search_articles("rotate token gateway", user=GUEST).found
    assert "<mark>Rotate</mark> the <mark>token</mark> of the <mark>gateway</mark>" in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert len(hit.excerpt) < 300


def test_excerpts_and_suggestions_never_hold_markup_of_others(write):
    write("Use <script> & <b>tokens</b>", 'Write `<img src=x onerror="alert(1)">` near the token.')
    (hit,) = search_articles("token script img", user=GUEST).found
    (line,) = suggest("tok", user=GUEST)
    for text in (hit.excerpt, line.marked_title):
        assert "<mark>" in text
        assert "<" not in text.replace("<mark>", "").replace("</mark>", "")


def test_accents_do_not_matter(write):
    write("Café", "Über das Menü.")
    (hit,) = search_articles("cafe menu", user=GUEST).found
    assert "<mark>Menü</mark>" in hit.excerpt


def test_a_slip_is_corrected_and_said(write):
    write("Rotate a credential", "For the gateway.")
    index_marked()
    answer = search_articles("rotate the Credentail", user=GUEST)
    assert (answer.total, answer.did_you_mean) == (1, "rotate the credential")
    assert search_articles("credential", user=GUEST).did_you_mean is None
    assert search_articles("zzzzzzzz", user=GUEST).did_you_mean is None
    assert [line.title for line in suggest("credentail", user=GUEST)] == ["Rotate a credential"]


def test_synonyms_find_each_other(write):
    SearchSynonym.objects.create(terms="SSO, single sign-on")
    write("Set up single sign-on")
    write("The SSO page")
    write("A single thing", "To sign.")
    assert set(titles("sso")) == {"Set up single sign-on", "The SSO page"}
    assert "The SSO page" in titles("how does single sign-on work")


def test_stop_words_count_only_alone(write):
    SearchStopWord.objects.create(word="Product")
    write("The product", "All about it.")
    write("Tokens", "Of gateways.")
    assert titles("product tokens") == ["Tokens"]
    assert titles("product") == ["The product"]
    assert titles("how to tokens") == ["Tokens"]


def test_common_words_find_where_the_rare_ones_do_not(write, monkeypatch):
    monkeypatch.setattr(base, "FOUND_MOST", 1)
    for number in range(3):
        write(f"Gateway {number}", "Words.")
    write("Secret zebra", audience="STAFF")
    index_marked()
    assert len(titles("gateway zebra")) == 3
    write("Zebra gateway")
    index_marked()
    assert titles("gateway zebra") == ["Zebra gateway"]
    assert len(titles("gateway zebra", category="guides")) == 4


def test_popularity_decides_only_between_equals(write):
    for name in ("First", "Second"):
        write(f"{name} gateway", "Gateways here.")
    popular = write("Other things", "The gateway.")
    Article.objects.filter(title="Second gateway").update(helpful_votes=40, view_count=4000)
    Article.objects.filter(pk=popular.pk).update(helpful_votes=4000, view_count=400_000)
    assert titles("gateway") == ["Second gateway", "First gateway", "Other things"]


def test_suggestions_take_the_last_word_as_a_beginning(write):
    write("Rotate a token")
    write("Rotate a topic")
    write("Start", "Rotate to another.")
    assert {line.title for line in suggest("rotate to", user=GUEST)} == {"Rotate a token", "Rotate a topic"}
    (line,) = suggest("rotate tok", user=GUEST)
    assert (line.slug, line.marked_title) == ("rotate-a-token", "<mark>Rotate</mark> a <mark>token</mark>")
    assert len(suggest("r", user=GUEST, limit=1)) == 1
    assert suggest("  ", user=GUEST) == []


def test_pages_join_and_the_total_stays(write):
    for number in range(13):
        write(f"Gateway {number}", "The same words in each.")
    pages = [search_articles("gateway words", user=GUEST, limit=5, offset=offset) for offset in (0, 5, 10, 15)]
    assert [page.total for page in pages] == [13] * 4
    found = [hit.article.pk for page in pages for hit in page.found]
    assert len(found) == len(set(found)) == 13
    relevance = [hit.relevance for page in pages for hit in page.found]
    assert relevance == sorted(relevance, reverse=True)


@pytest.mark.parametrize("query", SYNTAX)
def test_any_text_is_a_safe_question(write, query):
    write("A title with a word", "About data.")
    index_marked()
    assert search_articles(query, user=GUEST).total in (0, 1)
    assert len(suggest(query, user=GUEST)) in (0, 1)


def test_hostile_texts_are_safe_questions(write):
    if not HOSTILE.is_dir():
        pytest.skip(f"no hostile texts in {HOSTILE}")
    write("A title with a word", "About data.")
    index_marked()
    lines = (HOSTILE / "xss_html.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["payload"] for line in lines[::8]]
    for name in ("search_queries.json", "naughty_strings.json"):
        texts += json.loads((HOSTILE / name).read_text(encoding="utf-8"))
    for text in texts:
        for hit in search_articles(str(text), user=GUEST).found:
            assert "<" not in hit.excerpt.replace("<mark>", "").replace("</mark>", "")
        suggest(str(text), user=GUEST)


def test_a_search_costs_few_queries(write, engine_name, django_assert_max_num_queries):
    if engine_name == "elasticsearch":
        pytest.skip("the questions here are those to the database")
    for number in range(20):
        write(f"Gateway {number}", "The same words in each.")
    index_marked()
    with django_assert_max_num_queries(6):
        search_articles("gateway words", user=GUEST)
    with django_assert_max_num_queries(2):
        suggest("gatew", user=GUEST)


def counts(facets) -> dict[str, int]:
    return {facet.value: facet.count for facet in facets}


def test_facets_count_what_was_found_and_choosing_one_shows_as_many(write, topic):
    child = Category.objects.create(slug="tokens", name="Tokens", parent=topic)
    other = Category.objects.create(slug="other", name="Other")
    for number in range(3):
        write(f"Token {number}", category=child, tags=["API", "secret"] if number else ["api"])
    write("Token elsewhere", category=other, tags=["api", "secret"])
    write("Token drehen", "Ein Token.", language="de")
    write("Nothing of the kind", category=other, tags=["secret"])
    answer = browse_articles("token", user=GUEST, choice=Choice())
    assert (answer.total, answer.facets.counted, answer.is_cut) == (5, 5, False)
    assert counts(answer.facets.topics) == {"guides": 4, "tokens": 3, "other": 1}
    assert counts(answer.facets.tags) == {"api": 4, "secret": 3}
    assert counts(answer.facets.languages) == {"en": 4, "de": 1}
    for name, facets in (
        ("category", answer.facets.topics),
        ("tag", answer.facets.tags),
        ("language", answer.facets.languages),
    ):
        for facet in facets:
            assert browse_articles("token", user=GUEST, choice=Choice(**{name: facet.value})).total == facet.count
    below = browse_articles("token", user=GUEST, choice=Choice(category="guides"))
    assert counts(below.facets.topics) == {"tokens": 3}
    both = browse_articles("token", user=GUEST, choice=Choice(category="tokens", tag="secret"))
    assert {hit.article.title for hit in both.found} == {"Token 1", "Token 2"}
    assert not both.facets


def test_facets_hold_for_a_question_whose_commoner_words_only_rank(write, monkeypatch):
    monkeypatch.setattr(base, "FOUND_MOST", 2)
    for number in range(4):
        write(f"Common {number}", "A token.", tags=["common"])
    write("Rare", "A token of lineage.", tags=["rare"])
    write("Also rare", "Some lineage.", tags=["common"])
    database_engine().refresh()
    answer = browse_articles("lineage token", user=GUEST, choice=Choice())
    assert counts(answer.facets.tags) == {"common": 1, "rare": 1}
    (hit,) = browse_articles("lineage token", user=GUEST, choice=Choice(tag="common")).found
    assert hit.article.title == "Also rare"


def test_facets_count_nothing_hidden(write, rita):
    write("Token", tags=["open"])
    write("Token two", tags=["open", "two"])
    write("Token three", audience="STAFF", tags=["secret"], language="de")
    for user in (GUEST, rita):
        facets = browse_articles("token", user=user, choice=Choice()).facets
        assert (counts(facets.tags), facets.languages) == ({"two": 1}, [])


def test_facets_say_where_only_the_best_were_counted(write, monkeypatch):
    monkeypatch.setattr("knowledgebase.search.searching.COUNTED_MOST", 3)
    for number in range(5):
        write(f"Token {number}", tags=["even"] if number % 2 else [])
    answer = browse_articles("token", user=GUEST, choice=Choice())
    assert (answer.total, answer.facets.counted, answer.is_cut) == (5, 3, True)
    assert browse_articles("zebra", user=GUEST, choice=Choice()).facets is None


def test_browsing_costs_few_queries(write, engine_name, django_assert_max_num_queries):
    for number in range(12):
        write(f"Token {number}", tags=[f"tag-{number}"])
    browse_articles("token", user=GUEST, choice=Choice())
    with django_assert_max_num_queries(11):
        browse_articles("token", user=GUEST, choice=Choice(tag="tag-3"))
