"""The knowledge base at a glance: its top categories, how many articles each holds, and the most used of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from accounts.models import ProductArea, User
from common.errors import Invalid
from common.time import now
from knowledgebase.models import Article, Category, DailyView
from knowledgebase.services.reading import MOST_READ

# By a category's slug; one that is not here gets a book.
GLYPHS = {
    "accounts": "key-round",
    "api": "code",
    "billing": "credit-card",
    "catalog": "database",
    "computing": "zap",
    "deployment": "wrench",
    "governance": "shield-check",
    "lineage": "waypoints",
    "plans": "credit-card",
    "quality": "badge-check",
    "service-levels": "clock",
    "troubleshooting": "activity",
}
MONTH = dt.timedelta(days=30)
MOST_READ_SECONDS = 600
# More than are shown: some of them not everybody may read.
MOST_READ_KEPT = 100


@dataclass
class Topic:
    """A category with the articles in it and below it. count: of published articles."""

    category: Category
    count: int = 0
    articles: list[Article] = field(default_factory=list)

    @property
    def glyph(self) -> str:
        return GLYPHS.get(self.category.slug, "book-open")


def topics(user: User | AnonymousUser, *, below: Category | None = None, shown: int = 3) -> list[Topic]:
    """Return the categories right below `below`, the top ones without it, that have something to read.

    Each comes with its `shown` most used articles, wherever below it they are.
    """
    branches = _branches(below)
    if not branches:
        return []
    members = {pk: head.pk for head, pks in branches.items() for pk in pks}
    by_head = [When(category__in=pks, then=Value(head.pk)) for head, pks in branches.items()]
    articles = Article.objects.visible_to(user).published().filter(category__in=members)
    ranked = (
        articles.annotate(head=Case(*by_head, output_field=IntegerField()))
        .annotate(rank=Window(RowNumber(), partition_by=F("head"), order_by=USED))
        .filter(rank__lte=shown)
    )
    shown_in: dict[int, list[Article]] = defaultdict(list)
    for article in ranked.only("slug", "title", "category").order_by("rank"):
        shown_in[members[article.category_id]].append(article)
    counts: dict[int, int] = defaultdict(int)
    for category, count in articles.order_by().values_list("category_id").annotate(n=Count("pk")):
        counts[members[category]] += count
    return [Topic(head, counts[head.pk], shown_in[head.pk]) for head in branches if counts[head.pk]]


def most_read(user: User | AnonymousUser, *, most: int = 5) -> list[Article]:
    """Return what most visitors read in the last thirty days; nothing until somebody has read something."""
    keys: list[int] | None = cache.get(MOST_READ)
    if keys is None:
        recent = DailyView.objects.filter(day__gt=(now() - MONTH).date()).values("article_id")
        ranked = recent.annotate(visitors=Sum("count")).order_by("-visitors", "article")
        keys = [row["article_id"] for row in ranked[:MOST_READ_KEPT]]
        cache.set(MOST_READ, keys, timeout=MOST_READ_SECONDS)
    articles = Article.objects.visible_to(user).published().select_related("category").defer("body", "body_html")
    found = articles.in_bulk(keys)
    return [found[key] for key in keys if key in found][:most]


def most_helpful(user: User | AnonymousUser, *, most: int = 5) -> QuerySet[Article]:
    articles = Article.objects.visible_to(user).published().select_related("category").defer("body", "body_html")
    return articles.order_by(*HELPFUL)[:most]


def articles_in(category: Category, user: User | AnonymousUser) -> QuerySet[Article]:
    """Return what the category itself holds, by title."""
    articles = Article.objects.visible_to(user).published().filter(category=category)
    return articles.only("slug", "title", "summary").order_by("title")


def likely_category(area: ProductArea | None) -> Category:
    """Return where an article on `area` belongs: where most articles on it are, else the first category.

    Raises: Invalid where there is no category at all.
    """
    counted = Category.objects.annotate(n=Count("articles", filter=Q(articles__product_area=area)))
    category = counted.order_by("-n" if area else "position", "position", "pk").first()
    if category is None:
        raise Invalid("Add a category to the knowledge base first.", field="category")
    return category


def way_to(category: Category) -> list[Category]:
    """Return the categories above `category`, the top one first."""
    way: list[Category] = []
    parent = category.parent
    while parent is not None and parent not in way:
        way.insert(0, parent)
        parent = parent.parent
    return way


def _branches(below: Category | None) -> dict[Category, list[int]]:
    """Return each category right below `below` with the ids of itself and of all below it, in their order."""
    children: dict[int | None, list[Category]] = defaultdict(list)
    for category in Category.objects.all():
        children[category.parent_id].append(category)
    branches: dict[Category, list[int]] = {}
    for head in children[below.pk if below else None]:
        keys = [head.pk]
        for key in keys:  # grows while it is walked
            keys += [child.pk for child in children[key] if child.pk not in keys]
        branches[head] = keys
    return branches


HELPFUL = (F("helpful_votes").desc(), F("view_count").desc(), F("title").asc())
USED = (F("view_count").desc(), F("helpful_votes").desc(), F("title").asc())
