"""Search by plain database matching: any word counts, the title most. Any text is a safe query."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from time import perf_counter

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Lower

from accounts.models import User
from common.richtext import to_plain
from knowledgebase.models import Article

WORDS_MOST = 12
EXCERPT_CHARACTERS = 200


@dataclass(frozen=True)
class Found:
    """One hit. relevance: higher is better, comparable only within one answer. excerpt: safe HTML with <mark>."""

    article: Article
    relevance: int
    excerpt: str


@dataclass(frozen=True)
class Answer:
    """The hits of one page, how many there are in all, and how long it took in milliseconds."""

    query: str
    found: list[Found]
    total: int
    took_ms: int
    backend: str = "database"
    did_you_mean: str | None = None


def search_articles(
    query: str,
    *,
    user: User | AnonymousUser,
    category: str = "",
    tags: tuple[str, ...] = (),
    limit: int = 10,
    offset: int = 0,
) -> Answer:
    """Return the published articles that hold any word of `query`, best first."""
    started = perf_counter()
    words = _words(query)
    articles = Article.objects.visible_to(user).published().select_related("category")
    if category:
        articles = articles.filter(Q(category__slug=category) | Q(category__parent__slug=category))
    hits: list[Article] = []
    total = 0
    if words:
        matching = articles.annotate(
            lower_title=Lower("title"), lower_body=Lower("body"), relevance=_relevance(words)
        ).filter(relevance__gt=0)
        if tags:
            wanted = {tag.lower() for tag in tags}
            rows = matching.values_list("pk", "tags")
            keys = [pk for pk, names in rows if wanted & {str(name).lower() for name in names}]
            matching = matching.filter(pk__in=keys)
        total = matching.count()
        hits = list(matching.order_by("-relevance", "-helpful_votes", "pk")[offset : offset + limit])
    found = [Found(article, article.relevance, _excerpt(article, words)) for article in hits]  # type: ignore[attr-defined]
    return Answer(query, found, total, round((perf_counter() - started) * 1000))


def _words(query: str) -> list[str]:
    """Return the words that count: short ones stand in every text, so they count only where there are no others."""
    words = list(dict.fromkeys(re.findall(r"\w+", query.lower())))
    return ([word for word in words if len(word) > 2] or words)[:WORDS_MOST]


def _relevance(words: list[str]) -> CombinedExpression:
    def score(field: str, word: str, weight: int) -> Case:
        return Case(When(**{f"{field}__contains": word}, then=Value(weight)), default=0, output_field=IntegerField())

    parts = [score("lower_title", word, 3) + score("lower_body", word, 1) for word in words]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _excerpt(article: Article, words: list[str]) -> str:
    """Return the passage around the first hit, escaped, with the words marked."""
    text = to_plain(article.body_html)
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    first = pattern.search(text)
    start = max(0, first.start() - EXCERPT_CHARACTERS // 3) if first else 0
    passage = text[start : start + EXCERPT_CHARACTERS]
    marked, last = [], 0
    for match in pattern.finditer(passage):
        marked += [html.escape(passage[last : match.start()]), f"<mark>{html.escape(match[0])}</mark>"]
        last = match.end()
    marked.append(html.escape(passage[last:]))
    return ("…" if start else "") + "".join(marked) + ("…" if start + EXCERPT_CHARACTERS < len(text) else "")
