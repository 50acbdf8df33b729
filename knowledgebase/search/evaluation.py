"""How good the search is, on documents and questions of which is known which belong together.

The documents are put into the index in a transaction that is rolled back: the portal's own articles stand aside for it
and are back afterwards.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from common import embedding
from common.richtext import render, to_plain
from common.time import now
from knowledgebase.models import Article, Category
from knowledgebase.search import meaning
from knowledgebase.search.engines import Engine, Filters, database_engine, server_engine
from knowledgebase.search.engines.elastic import indexes
from knowledgebase.search.meaning import make_vectors
from knowledgebase.search.searching import search_in
from knowledgebase.search.upkeep import reindex

DEPTH = 10


@dataclass(frozen=True)
class Figures:
    """Means over all questions of what the first ten hits are worth, and how long a search took.

    backend: the engine.   order: "words", or "words and meaning".
    """

    backend: str
    order: str
    document_count: int
    query_count: int
    ndcg_at_10: float
    mrr_at_10: float
    recall_at_10: float
    p50_ms: float
    p95_ms: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Run:
    """What one question's hits are worth. first: one over the place of the first good one."""

    ndcg: float
    first: float
    recall: float
    milliseconds: float


def evaluate(documents: Iterable[dict[str, Any]], queries: Iterable[dict[str, Any]]) -> list[Figures]:
    """Return the figures of each engine that is here, by words alone and, where that is on, with meaning.

    documents: {id, title, text} or {slug, title, body_markdown}.   queries: {id, text, relevant: {id: grade}}.
    Raises: EngineDown for a search server that is away, EmbeddingUnavailable.
    """
    with transaction.atomic(), indexes.aside():  # there is no rolling back on the search server
        names, asked = _put_in(list(documents)), list(queries)
        by_meaning = embedding.is_on()
        if by_meaning:
            embedding.load()
            while make_vectors():
                pass
        meaning.nearest.forget()
        try:
            return [
                _figures(engine, asked, names, words_alone=words_alone)
                for engine in filter(None, (database_engine(), server_engine()))
                for words_alone in ([True, False] if by_meaning else [True])
            ]
        finally:
            transaction.set_rollback(True)
            meaning.nearest.forget()


def _figures(engine: Engine, queries: list[dict[str, Any]], names: dict[int, str], *, words_alone: bool) -> Figures:
    runs = [_run(engine, query, names, words_alone=words_alone) for query in queries]
    times, count = sorted(run.milliseconds for run in runs), max(1, len(runs))
    return Figures(
        backend=engine.name,
        order="words" if words_alone else "words and meaning",
        document_count=len(names),
        query_count=len(runs),
        ndcg_at_10=round(sum(run.ndcg for run in runs) / count, 4),
        mrr_at_10=round(sum(run.first for run in runs) / count, 4),
        recall_at_10=round(sum(run.recall for run in runs) / count, 4),
        p50_ms=round(percentile(times, 0.5), 2),
        p95_ms=round(percentile(times, 0.95), 2),
    )


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def ndcg(ranked: list[str], relevant: dict[str, int]) -> float:
    """Return the discounted gain of the first ten hits as a share of the best possible one."""
    gains = [2 ** relevant.get(name, 0) - 1 for name in ranked[:DEPTH]]
    best = sorted((2**grade - 1 for grade in relevant.values()), reverse=True)[:DEPTH]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def _discounted(gains: list[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def _put_in(documents: list[dict[str, Any]]) -> dict[int, str]:
    """Put the documents in the place of all articles, and return the name of each."""
    Article.objects.update(published=False, state=Article.State.ARCHIVED)
    category, _ = Category.objects.get_or_create(slug="evaluation", defaults={"name": "Evaluation"})
    articles, names = [], []
    for number, document in enumerate(documents):
        names.append(str(document.get("id") or document["slug"]))
        rendered = render(document.get("text") or document.get("body_markdown") or "")
        articles.append(
            Article(
                title=document["title"][:200],
                slug=f"evaluation-{number}",
                body="",
                body_html=rendered,
                text=to_plain(rendered),
                category=category,
                state=Article.State.PUBLISHED,
                published=True,
                published_at=now(),
            )
        )
    made = Article.objects.bulk_create(articles, batch_size=200)
    reindex()
    return {article.pk: name for article, name in zip(made, names, strict=True)}


def _run(engine: Engine, query: dict[str, Any], names: dict[int, str], *, words_alone: bool) -> Run:
    relevant = query["relevant"]
    grades = relevant if isinstance(relevant, dict) else dict.fromkeys(relevant, 1)
    started = perf_counter()
    answer = search_in(engine, query["text"], Filters(AnonymousUser()), DEPTH, words_alone=words_alone)
    milliseconds = (perf_counter() - started) * 1000
    ranked = [names[hit.article.pk] for hit in answer.found]
    good = [place for place, name in enumerate(ranked, 1) if grades.get(name, 0) > 0]
    wanted = sum(grade > 0 for grade in grades.values())
    first, recall = (1 / good[0], len(good) / wanted) if good else (0.0, 0.0)
    return Run(ndcg(ranked, grades), first, recall, milliseconds)
