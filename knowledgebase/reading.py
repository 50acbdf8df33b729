"""One article as its reader gets it: a body with anchored headings, its contents, what is near it."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Q, When
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from accounts.models import User
from common.richtext import to_plain
from common.templatetags.portal import fit_in
from knowledgebase.models import Article, SearchTag, Vote, visitor_digest
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search import meaning
from knowledgebase.vocabulary import language_name

HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)
WORDS_PER_MINUTE = 200
CONTENTS_LEAST = 4
RELATED_MOST = 3
# Ids that the page itself has.
TAKEN = (
    *("main", "search-words", "verdict", "contents", "contents-short", "files", "related", "languages", "stuck"),
    *("reason", "comment"),
)


@dataclass(frozen=True)
class Heading:
    """A heading of the body. level: 2 or 3."""

    level: int
    id: str
    text: str

    @property
    def link(self) -> str:
        return "#" + quote(self.id)


@dataclass(frozen=True)
class Body:
    """html: safe. contents: the headings, where there are enough of them to choose from."""

    html: SafeString
    contents: list[Heading]


@dataclass(frozen=True)
class Translation:
    """The same article in another language. is_behind: it is older than the text it was made from."""

    article: Article
    language: str
    is_behind: bool
    source_language: str


def body_of(article: Article) -> Body:
    """Return the body below a page's own heading, every section with an address of its own."""
    used: Counter[str] = Counter(TAKEN)
    headings: list[Heading] = []

    def anchored(match: re.Match[str]) -> str:
        level, inner = int(match[1]), match[2]
        heading = Heading(level, _own_id(to_plain(inner), used), to_plain(inner))
        headings.append(heading)
        # A heading that leads somewhere else already keeps its own link: links do not nest.
        if "<a " in inner:
            return format_html('<h{0} id="{1}">{2}</h{0}>', level, heading.id, SafeString(inner))  # safe before  # nosec B703
        return format_html(
            '<h{0} id="{1}"><a class="anchor" href="{2}">{3}</a></h{0}>',
            level,
            heading.id,
            heading.link,
            SafeString(inner),  # sanitized when it was written  # nosec B703 B308
        )

    body = HEADING.sub(anchored, fit_in(article.body_html, 2))
    return Body(SafeString(body), headings if len(headings) >= CONTENTS_LEAST else [])  # nosec B703 B308


def minutes_to_read(article: Article) -> int:
    return max(1, math.ceil(len(article.text.split()) / WORDS_PER_MINUTE))


def related_to(article: Article, user: User | AnonymousUser) -> ArticleQuerySet:
    """Return up to three that `user` may read: those that mean about the same, the nearest first; after them those of
    the same category or with a tag in common, the most helpful first."""
    alike = meaning.alike_articles(article.pk)
    near = Q(category=article.category_id) | Q(pk__in=alike)
    if article.tags:
        tags = [str(tag).lower() for tag in article.tags]
        near |= Q(pk__in=SearchTag.objects.filter(tag__in=tags).values("article_id"))
    articles = Article.objects.visible_to(user).published().filter(near, language=article.language)
    places = [When(pk=key, then=place) for place, key in enumerate(alike)]
    nearness = [Case(*places, default=len(alike))] if places else []
    ranked = articles.exclude(pk=article.pk).order_by(*nearness, "-helpful_votes", "-view_count", "title")
    return ranked.only("slug", "title")[:RELATED_MOST]


def translations_of(article: Article, user: User | AnonymousUser) -> list[Translation]:
    """Return the article in the other languages that `user` may read."""
    root = article.source_id or article.pk
    articles = Article.objects.visible_to(user).published().filter(Q(pk=root) | Q(source=root)).exclude(pk=article.pk)
    found = articles.select_related("source").defer("body", "body_html", "text", "source__body", "source__body_html")
    return [
        Translation(
            one, language_name(one.language), one.is_behind, language_name(one.source.language) if one.source else ""
        )
        for one in found.order_by("language")
    ]


def vote_of(article: Article, visitor: str) -> Vote | None:
    """Return what `visitor` said of the article; "" has said nothing."""
    return Vote.objects.filter(article=article, visitor=visitor_digest(article, visitor)).first() if visitor else None


def _own_id(words: str, used: Counter[str]) -> str:
    stem = slugify(words, allow_unicode=True)[:80] or "section"
    name = stem
    while name in used:
        used[stem] += 1
        name = f"{stem}-{used[stem]}"
    used[name] += 1
    return name
