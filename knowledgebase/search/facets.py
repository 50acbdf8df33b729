"""What an answer can be narrowed to: topics, tags and languages of what was found, counted in the database.

So it is the same whichever engine found it, and choosing a facet shows as many articles as it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count

from knowledgebase.models import Article, Category, SearchTag
from knowledgebase.search.keys import among
from knowledgebase.vocabulary import language_name

# Counted are the best ones up to here, which is nearly always all of them; a page says so where there are more.
COUNTED_MOST = 1000
TOPICS_MOST, TAGS_MOST, LANGUAGES_MOST = 8, 8, 8


@dataclass(frozen=True)
class Choice:
    """What somebody narrowed an answer to. category: a slug; its children belong to it."""

    category: str = ""
    tag: str = ""
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.category or self.tag or self.language)


@dataclass(frozen=True)
class Facet:
    """One way to narrow an answer. value: as the address has it. count: of articles that stay."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facets:
    """Each list with the most frequent ones first. counted: over how many articles."""

    topics: list[Facet]
    tags: list[Facet]
    languages: list[Facet]
    counted: int

    def __bool__(self) -> bool:
        return bool(self.topics or self.tags or self.languages)


def facets_of(keys: Sequence[int], choice: Choice) -> Facets:
    """Return what the articles of `keys`, which `choice` has left, can be narrowed to, in three queries.

    What all of them share is left out, and so is what is chosen already; below a chosen topic its parts are offered.
    """
    articles, all_count = Article.objects.filter(pk__in=among(keys)).order_by(), len(keys)
    # Of these columns alone there is an index: the rows themselves, with their texts, are not read.
    counts = list(articles.values_list("category_id", "language").annotate(n=Count("pk")))
    categories = Category.objects.select_related("parent").in_bulk({category for category, _, _ in counts})
    topics: Counter[Category] = Counter()
    languages: Counter[str] = Counter()
    for key, language, count in counts:
        category = categories[key]
        languages[language] += count
        if not choice.category or (category.parent and category.parent.slug == choice.category):
            topics[category] += count
        if category.parent and not choice.category:
            topics[category.parent] += count
    tags = [] if choice.tag else _tags(keys)
    return Facets(
        _best(((one.slug, one.name, count) for one, count in topics.items()), all_count, TOPICS_MOST),
        _best(((tag, tag, count) for tag, count in tags), all_count, TAGS_MOST),
        _best(((code, language_name(code), count) for code, count in languages.items()), all_count, LANGUAGES_MOST),
        all_count,
    )


def _tags(keys: Sequence[int]) -> list[tuple[str, int]]:
    counted = SearchTag.objects.filter(article__in=among(keys)).order_by().values_list("tag")
    # Some are shared by all and fall out.
    return list(counted.annotate(n=Count("pk")).order_by("-n", "tag")[: TAGS_MOST * 2])


def _best(rows: Iterable[tuple[str, str, int]], all_count: int, most: int) -> list[Facet]:
    facets = [Facet(*row) for row in rows if row[2] < all_count]
    return sorted(facets, key=lambda facet: (-facet.count, facet.label.lower()))[:most]
