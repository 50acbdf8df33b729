"""What articles mean: their vectors, and which of them lie near a question.

The model reads English. Articles in other languages have no vector, and are found by their words alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from common import embedding
from knowledgebase.models import Article, ArticleVector
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search.engines import Filters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LANGUAGE = "en"
# An article that holds none of the words must be at least so alike to be found: nonsense stays below it.
LEAST_ALIKE = 0.35
ADDED_MOST = 100
# Two whole articles are about the same from here on.
RELATED_LEAST, RELATED_LOOKED_AT = 0.45, 20
ARTICLES_MOST = 50_000  # of which this process keeps the vectors
MADE_WITHIN_SECONDS = 4.0  # one run of the task: others wait no longer for their turn
QUESTIONS_KEPT = 512

nearest = embedding.Nearest(ArticleVector, most=ARTICLES_MOST)


@dataclass(frozen=True)
class Kept:
    """How many published articles have a vector, and how many wait for one."""

    count: int
    waiting_count: int


def kept() -> Kept | None:
    """Return how far the vectors are; None where nothing is found by meaning."""
    if not embedding.is_on():
        return None
    published = ArticleVector.objects.filter(subject__published=True)
    waiting = published.filter(vector=None).count()
    return Kept(published.count() - waiting, waiting)


def want_vectors(articles: Iterable[Article]) -> None:
    """Ask for vectors of those that are new or say something else than before."""
    if embedding.is_on():
        english = [one for one in articles if one.language[:2] == LANGUAGE]
        embedding.want_vectors(ArticleVector, {one.pk: text_of(one) for one in english})


def make_vectors(*, seconds: float = MADE_WITHIN_SECONDS) -> int:
    """Make vectors that are wanted, for so long, and return how many.   Raises: EmbeddingUnavailable."""
    return embedding.make_missing(ArticleVector, _texts, seconds=seconds) if embedding.is_on() else 0


def has_wishes() -> bool:
    return embedding.is_on() and ArticleVector.objects.filter(vector=None).exists()


def alike(text: str, lexical: Sequence[int], articles: ArticleQuerySet, filters: Filters) -> dict[int, float] | None:
    """Return how alike `text` is to the articles found by its words, and to others that are near it.

    Only those with a vector are in it. None where meaning has no say: it is switched off, the question is for another
    language, or the model is still being loaded, which the first question begins.
    """
    if not embedding.is_on() or filters.language[:2] not in ("", LANGUAGE):
        return None
    if not embedding.is_loaded():
        embedding.load_soon()
        return None
    likeness = nearest.likeness(_vector_of(text))
    found = likeness.of(lexical)
    others = likeness.best(least=LEAST_ALIKE, most=ADDED_MOST + len(found))
    new = [key for key in others if key not in found][:ADDED_MOST]
    allowed = set(articles.filter(pk__in=new).values_list("pk", flat=True)) if new else ()
    return found | {key: others[key] for key in new if key in allowed}


def alike_articles(key: int) -> list[int]:
    """Return the keys of articles that mean about the same as this one, the nearest first. Whoever shows them asks who
    may read them. It needs no model: their vectors are there."""
    vector = nearest.vector_of(key) if embedding.is_on() else None
    if vector is None:
        return []
    found = nearest.likeness(vector).best(least=RELATED_LEAST, most=RELATED_LOOKED_AT + 1)
    return [other for other in found if other != key]


@lru_cache(maxsize=QUESTIONS_KEPT)
def _vector_of(text: str) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = embedding.embed([text])[0]
    return vector


def _texts(keys: list[int]) -> dict[int, str]:
    return {one.pk: text_of(one) for one in Article.objects.filter(pk__in=keys)}


def text_of(article: Article) -> str:
    """Return what the model reads of an article."""
    return f"{article.title}\n{article.summary} {article.text}"
