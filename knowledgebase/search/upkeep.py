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

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Min

from common import journal
from common.models import Event
from common.time import now
from knowledgebase.models import Article, IndexMark, SearchTag, SearchWord
from knowledgebase.search import meaning
from knowledgebase.search.engines import Document, EngineDown, database_engine, server_engine
from knowledgebase.search.engines.elastic import ElasticEngine, indexes
from knowledgebase.search.words import split

T = TypeVar("T")

BATCH = 200
MARKS_MOST = 1000  # in one run of the task
IN_FLIGHT = 1000  # events that may be committed after later ones

REINDEXED_AT = "search-reindexed-at"
AWAY_SINCE = "search-server-away-since"  # kept by the task, which asks the server every few seconds

log = structlog.get_logger(__name__)
COUNTS_SECONDS = 60  # how often at most words are counted anew: ranking is as good with counts a little old


@dataclass(frozen=True)
class Status:
    """How far the index is. database: its engine.   has_server: whether there is a search server.

    server_count: how many articles it keeps, None where there is none or it is away, for which `server_problem` says
    why, and `away_since` since when that is known.
    oldest_mark_at: None where nothing waits.   vectors: None where nothing is found by meaning.
    reindexed_at: when everything was last indexed anew, if the cache still knows.
    """

    database: str
    published_count: int
    indexed_count: int
    has_server: bool
    server_count: int | None
    server_problem: str
    away_since: dt.datetime | None
    word_count: int
    vectors: meaning.Kept | None
    mark_count: int
    oldest_mark_at: dt.datetime | None
    reindexed_at: dt.datetime | None

    @property
    def answering(self) -> str:
        """Return the engine that answers now."""
        return self.database if self.server_count is None else ElasticEngine.name

    @property
    def is_in_step(self) -> bool:
        """Tell whether every engine that can be asked keeps as many articles as are published."""
        return {self.published_count} == {self.indexed_count, self.server_count} - {None}


def status() -> Status:
    searcher = database_engine()
    server_count, server_problem = _server_status()
    marks = IndexMark.objects.aggregate(count=Count("pk"), oldest=Min("marked_at"))
    return Status(
        database=searcher.name,
        published_count=Article.objects.filter(published=True).count(),
        indexed_count=len(searcher.keys()),
        has_server=server_engine() is not None,
        server_count=server_count,
        server_problem=server_problem,
        away_since=cache.get(AWAY_SINCE) if server_problem else None,
        word_count=SearchWord.objects.count(),
        vectors=meaning.kept(),
        mark_count=marks["count"],
        oldest_mark_at=marks["oldest"],
        reindexed_at=cache.get(REINDEXED_AT),
    )


def _server_status() -> tuple[int | None, str]:
    server = server_engine()
    if server is None:
        return None, ""
    try:
        indexes.ask_server()  # which waits for a moment only
        return len(server.keys()), ""
    except EngineDown as error:
        return None, str(error)


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
    meaning.want_vectors(articles)
    return len(kept)


def document_of(article: Article) -> Document:
    fields = (article.title, " ".join(map(str, article.tags)), f"{article.summary} {article.text}")
    title, tags, body = (" ".join(split(field)) for field in fields)
    return Document(article, article.pk, title, tags, body, article.language)


def index_marked() -> int:
    """Work off the marks, and return how many. An article that is marked again meanwhile keeps its mark."""
    marks = list(IndexMark.objects.order_by("marked_at", "pk")[:MARKS_MOST])
    if not marks:
        _send([])  # a server that is new or lost its index gets one
    for few in _batches(marks):
        keys = [mark.article_id for mark in few]
        index_articles(keys)
        learn_words(Article.objects.filter(pk__in=keys, published=True))
        if not _send(keys):
            break  # the marks stay until the server is back
        for mark in few:
            IndexMark.objects.filter(pk=mark.pk, marked_at=mark.marked_at).delete()
    if marks and cache.add("search-counts", 1, timeout=COUNTS_SECONDS):
        database_engine().refresh()
    return len(marks)


def reindex(progress: Callable[[Iterable[int], int], Iterable[int]] | None = None) -> tuple[int, int]:
    """Index every published article anew, and return how many are published and how many the engine keeps.

    progress: is given the steps of the work and how many there are, and hands them on one by one, as tqdm does.
    There is no empty moment: each article is replaced in its place, and what is no longer published is taken out last;
    a search server gets a new index in the place of its old one.   Raises: EngineDown, the database being indexed.
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
    count = len(searcher.keys()) if server_engine() is None else rebuild_on_server()
    IndexMark.objects.filter(marked_at__lt=started).delete()
    cache.set(REINDEXED_AT, now(), timeout=None)
    return Article.objects.filter(published=True).count(), count


def rebuild_on_server() -> int:
    """Build the search server's index anew and return how many articles it holds.   Raises: EngineDown."""
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    published = Article.objects.filter(published=True).order_by("pk").values_list("pk", flat=True)
    count = indexes.rebuild(_documents(keys) for keys in _batches(list(published)))
    # What changed meanwhile went to the old index.
    kinds = [kind.name for name, kind in journal.kinds().items() if name.startswith("article.")]
    changed = Event.objects.filter(kind__in=kinds, id__gt=last - IN_FLIGHT).values_list("subject_id", flat=True)
    IndexMark.objects.bulk_create([IndexMark(article_id=key) for key in set(changed)], ignore_conflicts=True)
    return count


def _send(keys: list[int]) -> bool:
    """Let the search server, where there is one, keep these articles; return whether it is in step with them."""
    server = server_engine()
    if server is None:
        return True
    try:
        if not indexes.has_index():
            rebuild_on_server()
        if keys:
            documents = _documents(keys)
            server.put(documents)
            server.forget(sorted(set(keys) - {document.key for document in documents}))
            server.refresh()
    except EngineDown as error:
        log.warning("search_server_not_in_step", reason=str(error))
        cache.add(AWAY_SINCE, now(), timeout=None)
        return False
    cache.delete(AWAY_SINCE)
    return True


def _documents(keys: Iterable[int]) -> list[Document]:
    articles = Article.objects.filter(pk__in=keys, published=True)
    return [document_of(one) for one in articles.select_related("category__parent", "product_area")]


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
    words = split(f"{article.title} {article.summary} {' '.join(map(str, article.tags))} {article.text}")
    return {word for word in words if len(word) > 2 and not word.isdecimal()}


def _rows(counts: Counter[str], words: Iterable[str]) -> Iterator[SearchWord]:
    return (SearchWord(word=word, first=word[0], length=len(word), article_count=counts[word]) for word in words)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while few := list(islice(rest, BATCH)):
        yield few
