"""What a search engine has to do. All text that reaches one has gone through `words`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from knowledgebase.models import Article
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search.words import Question

FOUND_MOST = 1000


class EngineDown(Exception):
    """The engine cannot answer now. It lives outside the database, which answers instead."""


class QuestionRefused(EngineDown):
    """The engine is well and did not take this question. Others need not wait for that."""


@dataclass(frozen=True)
class Filters:
    """Who asks, and what they narrow it to. An engine outside the database makes its own conditions of these."""

    user: User | AnonymousUser
    category: str = ""
    tags: tuple[str, ...] = ()
    product_area: str = ""
    language: str = ""

    @property
    def are_narrow(self) -> bool:
        return bool(self.category or self.tags or self.product_area or self.language)


@dataclass(frozen=True)
class Ranked:
    """The best articles with their scores, best first, and how many there are in all.   scores: key -> above zero."""

    scores: dict[int, float]
    total: int


@dataclass(frozen=True)
class Document:
    """An article as an engine keeps it: every text is words in lower case between single spaces.

    article: for what an engine outside the database has to know besides.
    """

    article: Article
    key: int
    title: str
    tags: str
    body: str
    language: str


class Engine(Protocol):
    """One way to keep and find articles.

    in_transaction: it lives in the portal's database, so that it is written with the article itself.
    Every question comes with `articles`, those that may be found; engines of the database ask within them.
    """

    name: str
    in_transaction: bool

    def find(self, question: Question, articles: ArticleQuerySet, filters: Filters, *, most: int) -> Ranked:
        """Return the `most` best articles that hold any of the question's terms, and all of its phrases."""

    def holds(self, terms: Sequence[str], articles: ArticleQuerySet, filters: Filters) -> set[str]:
        """Return those of `terms` that at least one of `articles` holds."""

    def begins(self, words: Sequence[str], articles: ArticleQuerySet, filters: Filters, *, most: int) -> list[int]:
        """Return the keys of the best titles that hold all the words, the last one as a beginning."""

    def put(self, documents: Sequence[Document]) -> None:
        """Keep the documents, in place of what was kept of those articles."""

    def forget(self, keys: Sequence[int]) -> None: ...

    def keys(self) -> set[int]:
        """Return which articles are kept."""

    def refresh(self) -> None:
        """Count again what ranking needs to know about all articles together."""


def telling(counts: dict[str, int]) -> list[str]:
    """Return the terms that find: from the rarest on, until they find about a thousand articles.

    The commoner ones rank what was found. So a long question is as fast as a short one, and not every article is a hit.
    counts: how many articles hold each term.
    """
    found, so_far = [], 0
    for term in sorted(counts, key=lambda term: counts[term]):
        if so_far and so_far + counts[term] > FOUND_MOST:
            break
        found.append(term)
        so_far += counts[term]
    return found


def attempts(counts: dict[str, int], filters: Filters) -> Iterator[list[str]]:
    """Return the terms that find, and then all of them, for where those find nothing.

    Within narrow filters there are few articles anyway: every term finds.
    """
    first = [*counts] if filters.are_narrow else telling(counts)
    yield first
    if len(first) < len(counts):
        yield [*counts]


def conditions(articles: ArticleQuerySet) -> tuple[str, tuple[Any, ...]]:
    """Return `articles` as a query of one column, `id`, and its parameters."""
    sql, parameters = articles.order_by().values_list("pk").query.sql_with_params()
    return str(sql), tuple(parameters)
