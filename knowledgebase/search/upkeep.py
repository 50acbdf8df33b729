"""Keeping what is found in step with what is published.

The engine of the portal's own database is written in the transaction that changes the article: it costs a few
milliseconds and cannot fail apart from it. Everything that may wait is left to the task by a mark on the article: the
words for corrections, the counts for ranking, and engines outside the database, whose outage holds up nobody.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Min

from common.richtext import to_plain
from common.time import now
from knowledgebase.models import Article, IndexMark, SearchTag, SearchWord
from knowledgebase.search.engines import Document, database_engine
from knowledgebase.search.words import split

T = TypeVar("T")

BATCH = 200
MARKS_MOST = 1000  # in one run of the task
COUNTS_SECONDS = 60  # how often at most words are counted anew: ranking is as good with counts a little old


@dataclass(frozen=True)
class Status:
    """How far the index is. backend: the engine of the database.   oldest_mark_at: None where nothing waits."""

    backend: str
    published_count: int
    indexed_count: int
    word_count: int
    mark_count: int
    oldest_mark_at: dt.datetime | None


def status() -> Status:
    searcher = database_engine()
    marks = IndexMark.objects.aggregate(count=Count("pk"), oldest=Min("marked_at"))
    return Status(
        backend=searcher.name,
        published_count=Article.objects.filter(published=True).count(),
        indexed_count=len(searcher.keys()),
        word_count=SearchWord.objects.count(),
        mark_count=marks["count"],
        oldest_mark_at=marks["oldest"],
    )


def article_changed(key: int) -> None:
    """Bring the database's own index up to date, and mark the article for the rest."""
    index_articles([key])
    IndexMark.objects.bulk_create(
        [IndexMark(article_id=key, marked_at=now())],
        update_conflicts=True,
        unique_fields=["article_id"],
        update_fields=["marked_at"],
    )


@transaction.atomic
def index_articles(keys: Iterable[int]) -> int:
    """Keep the published ones of these articles, forget the others, and return how many are kept."""
    keys = list(keys)
    articles = list(Article.objects.filter(pk__in=keys, published=True))
    kept = {article.pk for article in articles}
    searcher = database_engine()
    searcher.forget([key for key in keys if key not in kept])
    searcher.put([document_of(article) for article in articles])
    SearchTag.objects.filter(article_id__in=keys).delete()
    SearchTag.objects.bulk_create(
        SearchTag(article=article, tag=tag)
        for article in articles
        for tag in sorted({str(tag).lower()[:60] for tag in article.tags})
    )
    return len(kept)


def document_of(article: Article) -> Document:
    fields = (article.title, " ".join(map(str, article.tags)), f"{article.summary} {text_of(article)}")
    title, tags, body = (" ".join(split(field)) for field in fields)
    return Document(article, article.pk, title, tags, body, article.language)


def text_of(article: Article) -> str:
    return article.text or to_plain(article.body_html)


def index_marked() -> int:
    """Work off the marks, and return how many. An article that is marked again meanwhile keeps its mark."""
    marks = list(IndexMark.objects.order_by("marked_at", "pk")[:MARKS_MOST])
    for few in _batches(marks):
        keys = [mark.article_id for mark in few]
        index_articles(keys)
        learn_words(Article.objects.filter(pk__in=keys, published=True))
        for mark in few:
            IndexMark.objects.filter(pk=mark.pk, marked_at=mark.marked_at).delete()
    if marks and cache.add("search-counts", 1, timeout=COUNTS_SECONDS):
        database_engine().refresh()
    return len(marks)


def reindex(progress: Callable[[Iterable[int], int], Iterable[int]] | None = None) -> tuple[int, int]:
    """Index every published article anew, and return how many are published and how many are kept.

    progress: is given the steps of the work and how many there are, and hands them on one by one, as tqdm does.
    There is no empty moment: each article is replaced in its place, and what is no longer published is taken out last.
    """
    started, counts = now(), Counter[str]()
    published = list(Article.objects.filter(published=True).order_by("pk").values_list("pk", flat=True))
    steps: Iterable[int] = published if progress is None else progress(published, len(published))
    for keys in _batches(steps):
        index_articles(keys)
        for article in Article.objects.filter(pk__in=keys, published=True):
            counts.update(_words_of(article))
    searcher = database_engine()
    kept = searcher.keys()  # asked first: what is published after it was not among them
    searcher.forget(sorted(kept - set(Article.objects.filter(published=True).values_list("pk", flat=True))))
    count_words(counts)
    searcher.refresh()
    IndexMark.objects.filter(marked_at__lt=started).delete()
    return Article.objects.filter(published=True).count(), len(searcher.keys())


def learn_words(articles: Iterable[Article]) -> None:
    """Add the words of `articles` to those that corrections know."""
    counts = Counter(word for article in articles for word in _words_of(article))
    known = set(SearchWord.objects.filter(word__in=counts).values_list("word", flat=True))
    # In one order, so that two workers never wait for each other.
    SearchWord.objects.bulk_create(
        _rows(counts, (word for word in sorted(counts) if word not in known)), ignore_conflicts=True, batch_size=BATCH
    )


@transaction.atomic
def count_words(counts: Counter[str]) -> None:
    """Let corrections know exactly these words."""
    SearchWord.objects.all().delete()
    SearchWord.objects.bulk_create(_rows(counts, sorted(counts)), ignore_conflicts=True, batch_size=BATCH)


def _words_of(article: Article) -> set[str]:
    words = split(f"{article.title} {article.summary} {' '.join(map(str, article.tags))} {text_of(article)}")
    return {word for word in words if len(word) > 2 and not word.isdecimal()}


def _rows(counts: Counter[str], words: Iterable[str]) -> Iterator[SearchWord]:
    return (SearchWord(word=word, first=word[0], length=len(word), article_count=counts[word]) for word in words)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while few := list(islice(rest, BATCH)):
        yield few
