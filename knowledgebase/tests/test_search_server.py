"""The search server: a real one, where the machine has it. Its index, its outages, its order of writes."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection

from common.actors import SYSTEM
from knowledgebase import services
from knowledgebase.models import Article, Category, IndexMark
from knowledgebase.search import search_articles
from knowledgebase.search.engines import breaker
from knowledgebase.search.engines.elastic import engine, indexes
from knowledgebase.search.engines.elastic.documents import ArticleDocument, alias
from knowledgebase.search.engines.elastic.engine import ElasticEngine, client
from knowledgebase.search.evaluation import evaluate
from knowledgebase.search.upkeep import document_of, index_marked, reindex

GUEST = AnonymousUser()


@pytest.fixture
def write(db):
    topic = Category.objects.get_or_create(slug="guides", defaults={"name": "Guides"})[0]

    def write(title, body="Words.", **fields):
        return services.publish_article(
            services.create_article(title=title, body=body, category=topic, by=SYSTEM, **fields), by=SYSTEM
        )

    return write


def titles(query):
    return [hit.article.title for hit in search_articles(query, user=GUEST).found]


def test_a_prepared_document_is_not_empty(write):
    article = write("Rotate a token", "Open the *settings*.", tags=["API"], language="de")
    prepared = ArticleDocument().prepare(article)
    assert (prepared["title"], prepared["content"], prepared["labels"]) == (
        "rotate a token",
        "open the settings",
        ["api"],
    )
    assert prepared["content_de"] == prepared["content"]
    assert (prepared["audience"], prepared["categories"]) == ("PUBLIC", ["guides"])


def test_what_is_published_is_found_there_after_the_task(search_server, write):
    write("Rotate a token")
    assert search_articles("token", user=GUEST).backend != "elasticsearch"  # there is no index yet
    breaker.answered()
    index_marked()
    answer = search_articles("token", user=GUEST)
    assert (answer.backend, [hit.article.title for hit in answer.found]) == ("elasticsearch", ["Rotate a token"])
    assert not IndexMark.objects.exists()


def test_what_is_taken_down_is_gone_before_the_task_and_after_it(search_server, write):
    article = write("Rotate a token")
    index_marked()
    services.archive_article(article, by=SYSTEM)
    assert titles("token") == []  # the database decides what may be read
    index_marked()
    assert client().count(index=alias())["count"] == 0


def test_a_new_index_takes_the_place_of_the_old_one(search_server, write):
    write("Rotate a token")
    index_marked()
    (old,) = client().indices.get_alias(name=alias())
    assert reindex() == (1, 1)
    (new,) = client().indices.get_alias(name=alias())
    assert new != old
    assert not client().indices.exists(index=old)
    assert titles("token") == ["Rotate a token"]


def test_a_build_that_fails_leaves_the_old_index(search_server, write):
    write("Rotate a token")
    index_marked()
    before = dict(client().indices.get_alias(name=f"{alias()}*"))

    def broken():
        yield []
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        indexes.rebuild(broken())
    assert dict(client().indices.get_alias(name=f"{alias()}*")) == before


def test_an_index_that_somebody_made_under_the_name_is_replaced(search_server, write):
    client().index(index=alias(), document={"content": "by hand"})
    write("Rotate a token")
    index_marked()
    assert titles("token") == ["Rotate a token"]


def test_the_guides_query_finds_by_content(search_server, write):
    write("Rotate a token", "This is a test.")
    index_marked()
    said = client().search(index=alias(), query={"match": {"content": "test"}})
    assert said["hits"]["total"]["value"] == 1


def test_an_older_state_never_replaces_a_newer_one(search_server, write):
    article = write("Rotate a token")
    index_marked()
    old = Article.objects.get(pk=article.pk)
    services.change_article(article, by=SYSTEM, title="Rotate every token")
    index_marked()
    ElasticEngine().put([document_of(old)])
    ElasticEngine().refresh()
    assert client().get(index=alias(), id=str(article.pk))["_source"]["title"] == "rotate every token"


def test_while_it_is_away_the_database_answers_and_publishing_goes_on(away, write):
    write("Rotate a token")
    answer = search_articles("token", user=GUEST)
    assert (answer.backend in {"sqlite", "postgresql"}, answer.total) == (True, 1)
    index_marked()
    assert IndexMark.objects.count() == 1  # what the server does not know yet
    assert "Connection" in breaker.reason


def test_an_evaluation_leaves_the_servers_index_alone(search_server, write):
    write("Rotate a token")
    index_marked()
    before = dict(client().indices.get_alias(name=f"{alias()}*"))
    figures = evaluate(
        [{"id": "a", "title": "Renew it", "text": "Words."}], [{"id": "1", "text": "renew", "relevant": ["a"]}]
    )
    assert [(one.backend, one.recall_at_10) for one in figures] == [(connection.vendor, 1.0), ("elasticsearch", 1.0)]
    assert dict(client().indices.get_alias(name=f"{alias()}*")) == before
    assert list(client().indices.get(index=f"{alias()}*")) == list(before)
    assert titles("token") == ["Rotate a token"]


def test_what_changes_while_an_index_is_built_is_sent_again(search_server, write, monkeypatch):
    article = write("Rotate a token")
    index_marked()
    build = indexes.rebuild

    def slowly(batches):
        count = build(list(batches))
        services.change_article(article, by=SYSTEM, title="Rotate every token")
        index_marked()
        return count

    monkeypatch.setattr(indexes, "rebuild", slowly)
    reindex()
    assert IndexMark.objects.filter(article_id=article.pk).exists()


def test_a_long_question_in_many_languages_is_answered_there(search_server, write):
    for language in ("de", "fr", "es", "it", "sv"):
        write(f"Token {language}", language=language)
    index_marked()
    answer = search_articles("token " + " ".join(f"gateway{number}" for number in range(200)), user=GUEST)
    assert answer.backend == "elasticsearch"


def test_a_question_that_the_server_refuses_is_answered_by_the_database_and_holds_up_no_other(
    search_server, write, monkeypatch
):
    write("Rotate a token")
    index_marked()
    monkeypatch.setattr(engine, "WINDOW", 100_000)
    assert search_articles("token", user=GUEST, limit=50, offset=20_000).backend != "elasticsearch"
    monkeypatch.undo()
    assert search_articles("token", user=GUEST).backend == "elasticsearch"


def test_the_status_tells_of_the_server(search_server, write, capsys):
    write("Rotate a token")
    index_marked()
    call_command("search_status")
    assert "On the search server:   1" in capsys.readouterr().out


def test_the_commands_say_that_the_server_is_away(away, write, capsys):
    write("Rotate a token")
    call_command("search_status")
    assert "away, the database answers" in capsys.readouterr().out
    with pytest.raises(CommandError, match="keeps what it had"):
        call_command("reindex_knowledge_base")
