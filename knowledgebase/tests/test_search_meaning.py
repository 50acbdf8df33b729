"""Found by what is meant: asked of the real model, and of each engine."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from common import embedding, queue
from common.actors import SYSTEM
from knowledgebase import services, tasks
from knowledgebase.models import Article, ArticleVector, Category
from knowledgebase.reading import related_to
from knowledgebase.search import meaning, search_articles
from knowledgebase.search.evaluation import evaluate
from knowledgebase.search.upkeep import index_marked, reindex
from knowledgebase.tests.test_search_contract import SYNTAX

GUEST = AnonymousUser()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on(semantic_search):
    """All of these ask the model itself."""


@pytest.fixture(params=["database", "server"])
def engine(request):
    """Let each engine find by words."""
    if request.param == "server":
        request.getfixturevalue("search_server")
    return request.param


@pytest.fixture
def write(db):
    topic = Category.objects.get_or_create(slug="guides", defaults={"name": "Guides"})[0]

    def write(title, body="Words.", **fields):
        return services.publish_article(
            services.create_article(title=title, body=body, category=topic, by=SYSTEM, **fields), by=SYSTEM
        )

    return write


@pytest.fixture
def library(write):
    """A few articles on matters that lie apart."""
    write("Reset your password", "Choose the link below the field, and open the mail that we send.")
    write("Read an invoice", "Each line names the plan, the seats and the tax.")
    write("Lineage is empty after an upgrade", "The scan has to run again, so that edges between tables come back.")


def ready():
    index_marked()
    while meaning.make_vectors():
        pass
    meaning.nearest.forget()


def titles(query, user=GUEST, **filters):
    return [hit.article.title for hit in search_articles(query, user=user, **filters).found]


def test_an_article_that_holds_none_of_the_words_is_found(engine, library, settings):
    ready()
    assert titles("forgot my login") == ["Reset your password"]
    settings.PORTAL_SEMANTIC_SEARCH = False
    assert titles("forgot my login") == []


def test_meant_is_what_was_asked_and_not_what_words_were_corrected_to(engine, library, write):
    write("Format a disk", "How a disk is formatted.")
    ready()
    assert "Reset your password" in titles("forgot login")


@pytest.mark.parametrize("query", ["qwxyz blorp", "pizza recipe with mushrooms", "1234567890", "!!!???", "的中文字符"])
def test_nonsense_still_finds_nothing(engine, library, query):
    ready()
    assert titles(query) == []


def test_any_text_is_a_safe_question(engine, library):
    ready()
    for query in SYNTAX:
        answer = search_articles(query, user=GUEST)
        assert not any("<script" in hit.excerpt for hit in answer.found)


def test_words_in_quotes_are_meant_as_they_stand(engine, library, write):
    write("The forgotten login", "What a forgotten login means.")
    ready()
    assert titles('"forgotten login"') == ["The forgotten login"]


def test_other_languages_are_found_by_their_words_alone(engine, library, write):
    write("Passwort zurücksetzen", "So setzen Sie Ihr Passwort zurück.", language="de")
    ready()
    assert ArticleVector.objects.count() == 3
    assert titles("Passwort zurücksetzen")[0] == "Passwort zurücksetzen"
    assert titles("forgot my login", language="de") == []


def test_nobody_finds_by_meaning_what_they_may_not_read(engine, write, agnes):
    write("Reset the password of a customer", "Only after a call back.", audience="STAFF")
    ready()
    assert titles("forgot my login") == []
    assert titles("forgot my login", user=agnes) == ["Reset the password of a customer"]


def test_what_is_taken_down_is_not_found(engine, library):
    ready()
    article = search_articles("forgot my login", user=GUEST).found[0].article
    services.archive_article(article, by=SYSTEM)
    assert titles("forgot my login") == []


def test_pages_hold_each_article_once_and_as_many_as_they_say(engine, write):
    for number in range(12):
        write(f"Reset the password of account {number}", "Choose the link.")
    write("Sign in again", "When your credentials are lost.")
    ready()
    pages = [search_articles("forgotten password", user=GUEST, limit=5, offset=offset) for offset in (0, 5, 10, 15)]
    found = [hit.article.pk for page in pages for hit in page.found]
    assert len(found) == len(set(found)) == pages[0].total == pages[3].total
    scores = [hit.relevance for page in pages for hit in page.found]
    assert scores == sorted(scores, reverse=True)


def test_the_same_text_is_read_once(write):
    article = write("Reset your password")
    ready()
    made = ArticleVector.objects.get(pk=article.pk)
    services.change_article(article, by=SYSTEM, tags=["sign-in"])
    services.archive_article(article, by=SYSTEM)
    services.publish_article(article, by=SYSTEM)
    reindex()
    assert (ArticleVector.objects.get(pk=article.pk).changed_at, meaning.make_vectors()) == (made.changed_at, 0)
    services.change_article(article, by=SYSTEM, title="Reset every password")
    assert ArticleVector.objects.get(pk=article.pk).vector is None
    assert meaning.make_vectors() == 1


def test_a_vector_of_an_older_text_is_not_kept(write, monkeypatch):
    article = write("Reset your password")
    read = embedding.rows.embed

    def slowly(texts):
        services.change_article(article, by=SYSTEM, title="Reset every password")
        monkeypatch.setattr(embedding.rows, "embed", read)
        return read(texts)

    monkeypatch.setattr(embedding.rows, "embed", slowly)
    assert meaning.make_vectors() == 1  # of the new text, in the second round
    row = ArticleVector.objects.get(pk=article.pk)
    article.refresh_from_db()
    assert row.digest == embedding.digest_of(meaning.text_of(article))


def test_while_the_model_is_being_loaded_words_alone_decide(library, monkeypatch):
    ready()
    begun = threading.Event()
    monkeypatch.setattr(embedding, "is_loaded", lambda: False)
    monkeypatch.setattr(embedding, "load_soon", begun.set)
    assert titles("invoice") == ["Read an invoice"]
    assert titles("forgot my login") == []
    assert begun.is_set()


def test_the_task_works_off_what_is_wanted_and_two_do_not_meet(library, monkeypatch, settings):
    again = []
    monkeypatch.setattr(tasks.make_vectors, "delay", lambda: again.append(1))
    assert tasks.make_vectors.run() == 3
    assert again == []
    ArticleVector.objects.update(vector=None)
    with queue.alone("article-vectors", seconds=60):
        assert (tasks.make_vectors.run(), again) == (0, [])
    monkeypatch.setattr(meaning, "make_vectors", lambda: 1)
    assert (tasks.make_vectors.run(), again) == (1, [1])


def test_an_evaluation_tells_of_words_and_of_meaning(library):
    figures = evaluate(
        [
            {"id": "a", "title": "Reset your password", "text": "Choose the link."},
            {"id": "b", "title": "Read an invoice", "text": "Lines."},
        ],
        [{"id": "1", "text": "forgot my login", "relevant": ["a"]}],
    )
    assert [(one.order, one.recall_at_10) for one in figures] == [("words", 0.0), ("words and meaning", 1.0)]


def test_related_are_those_that_mean_about_the_same(library, write):
    article = write("Choose a new password", "Open the mail that we send, and choose another password.")
    write("Most helpful of the topic", "Another matter.")
    ready()
    related = [one.title for one in related_to(article, GUEST)]
    assert related[0] == "Reset your password"
    assert len(related) == 3
    services.archive_article(Article.objects.get(title="Reset your password"), by=SYSTEM)
    assert "Reset your password" not in [one.title for one in related_to(article, GUEST)]


def test_the_status_tells_how_many_are_found_by_meaning(library, capsys):
    call_command("search_status")
    assert "Found by meaning:       0, 3 wait" in capsys.readouterr().out
    ready()
    assert meaning.kept() == meaning.Kept(3, 0)
