"""What a search gives back."""

from __future__ import annotations

from dataclasses import dataclass

from knowledgebase.models import Article
from knowledgebase.search.facets import Facets


@dataclass(frozen=True)
class Found:
    """One hit. relevance: higher is better, comparable only within one answer. excerpt: safe HTML with <mark>.

    likeness: of what is meant, -1 to 1, comparable between answers; None where meaning had no say.
    """

    article: Article
    relevance: float
    excerpt: str
    likeness: float | None = None


@dataclass(frozen=True)
class Answer:
    """The hits of one page, how many there are in all, and how long it took in milliseconds.

    backend: the engine that answered.
    did_you_mean: the question with other words, where words that no article holds were replaced to answer it.
    facets: what it can be narrowed to, where that was asked.   is_cut: there is more than was counted for them.
    """

    query: str
    found: list[Found]
    total: int
    took_ms: int
    backend: str = ""
    did_you_mean: str | None = None
    facets: Facets | None = None
    is_cut: bool = False


@dataclass(frozen=True)
class Suggestion:
    """An article's title offered while somebody types. marked_title: safe HTML with <mark>."""

    title: str
    slug: str
    marked_title: str
