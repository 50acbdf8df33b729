"""The index follows the articles, and its commands say how far it is."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command

from common.actors import SYSTEM
from knowledgebase import services
from knowledgebase.management.commands import reindex_knowledge_base
from knowledgebase.models import Article, Category, IndexMark, SearchTag, SearchWord
from knowledgebase.search import search_articles, upkeep
from knowledgebase.search.corrections import distance, nearest
from knowledgebase.search.engines import database_engine
from knowledgebase.tasks import index_marked

pytestmark = pytest.mark.django_db
GUEST = AnonymousUser()


@pytest.fixture
def article(db):
    topic = Category.objects.create(slug="guides", name="Guides")
    made = services.create_article(
        title="Rotate a credential", body="Of gateways.", category=topic, tags=["API", "api"], by=SYSTEM
    )
    return services.publish_article(made, by=SYSTEM)


@pytest.fixture
def said(capsys):
    def said(command, *arguments, **options):
        call_command(command, *arguments, **options)
        return capsys.readouterr().out

    return said


def test_a_change_is_found_at_once_and_leaves_one_mark(article):
    assert search_articles("gateway", user=GUEST).total == 1
    assert IndexMark.objects.get().article_id == article.pk
    assert list(SearchTag.objects.values_list("tag", flat=True)) == ["api"]
    services.archive_article(article, by=SYSTEM)
    assert database_engine().keys() == set()
    assert not SearchTag.objects.exists()
    assert IndexMark.objects.count() == 1


def test_the_task_works_off_the_marks_and_learns_words(article):
    assert index_marked() == 1
    assert not IndexMark.objects.exists()
    assert SearchWord.objects.get(word="credential").length == 10
    assert index_marked() == 0


def test_a_mark_of_an_article_that_is_gone_takes_it_out(article):
    Article.objects.all().delete()
    assert search_articles("gateway", user=GUEST).total == 0
    assert index_marked() == 1
    assert database_engine().keys() == set()


def test_an_article_that_is_marked_again_meanwhile_keeps_its_mark(article, monkeypatch):
    learn = upkeep.learn_words

    def meanwhile(articles):
        learn(articles)
        services.change_article(article, by=SYSTEM, body="Of proxies.")

    monkeypatch.setattr(upkeep, "learn_words", meanwhile)
    index_marked()
    assert IndexMark.objects.count() == 1


def test_reindexing_puts_right_what_went_astray(article, said):
    Article.objects.update(text="Of harbours.", body_html="<p>Of harbours.</p>")
    SearchWord.objects.create(word="gone", first="g", length=4)
    database_engine().forget([article.pk])
    other = upkeep.document_of(article)
    database_engine().put([upkeep.Document(**{**vars(other), "key": article.pk + 1})])
    assert said("reindex_knowledge_base").startswith("Indexed 1 published articles in ")
    assert database_engine().keys() == {article.pk}
    assert search_articles("harbour", user=GUEST).total == 1
    assert not SearchWord.objects.filter(word="gone").exists()
    assert not IndexMark.objects.exists()


def test_reindexing_says_when_the_counts_differ(article, monkeypatch):
    monkeypatch.setattr(reindex_knowledge_base, "reindex", lambda progress: (2, 1))
    with pytest.raises(CommandError, match="2 articles are published and 1 are indexed"):
        call_command("reindex_knowledge_base")


def test_the_status_says_how_far_the_index_is(article, said):
    text = said("search_status")
    assert database_engine().name in text
    assert "Waiting marks:          1" in text
    assert "Oldest mark:" in text
    index_marked()
    database_engine().forget([article.pk])
    text = said("search_status")
    assert "Oldest mark:" not in text
    assert "run reindex_knowledge_base" in text


def test_evaluation_measures_and_leaves_nothing(article, said, tmp_path):
    documents = [
        {"id": "a", "title": "Renew a certificate", "text": "Of gateways."},
        {"id": "b", "title": "B", "text": "B"},
    ]
    queries = [
        {"id": "1", "text": "certificate", "relevant": {"a": 1}},
        {"id": "2", "text": "gateway b", "relevant": ["a"]},
        {"id": "3", "text": "zebra", "relevant": {"b": 2}},
    ]
    for name, rows in (("docs", documents), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (figures,) = json.loads(said("evaluate_search", str(tmp_path), "--json"))
    assert (figures["backend"], figures["document_count"], figures["query_count"]) == (database_engine().name, 2, 3)
    assert figures["recall_at_10"] == round(2 / 3, 4)
    assert 0 < figures["ndcg_at_10"] <= figures["recall_at_10"]
    assert "nDCG@10" in said("evaluate_search", str(tmp_path))
    assert database_engine().keys() == {article.pk}
    assert search_articles("gateway", user=GUEST).total == 1
    assert Article.objects.get().published


def test_evaluation_of_nothing_says_so(tmp_path):
    with pytest.raises(CommandError, match="no documents and queries"):
        call_command("evaluate_search", str(tmp_path))


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("token", "token", 0), ("tokne", "token", 1), ("toke", "token", 1), ("tokken", "token", 1), ("t", "token", 3)],
)
def test_distance_counts_slips(one, other, far):
    assert distance(one, other, 2) == far


def test_the_nearest_words_come_first(db):
    for word, count in (("pipeline", 3), ("pipelines", 9), ("baseline", 5), ("people", 2)):
        SearchWord.objects.create(word=word, first=word[0], length=len(word), article_count=count)
    assert nearest("piepline") == ["pipeline", "pipelines"]
    assert nearest("ipeline") == ["pipeline", "pipelines"]
