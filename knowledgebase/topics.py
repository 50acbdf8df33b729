"""The knowledge base at a glance: its top categories, how many articles each holds, and the most helpful of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import User
from knowledgebase.models import Article, Category


@dataclass
class Topic:
    """A top category with the articles of its children. count: of published articles."""

    category: Category
    count: int = 0
    articles: list[Article] = field(default_factory=list)


def topics(user: User | AnonymousUser, *, shown: int = 3) -> list[Topic]:
    """Return the categories that have something to read, each with its `shown` most helpful articles."""
    articles = Article.objects.visible_to(user).published()
    ranked = articles.annotate(
        root=Coalesce("category__parent", "category"),
        rank=Window(RowNumber(), partition_by=Coalesce("category__parent", "category"), order_by=HELPFUL),
    ).filter(rank__lte=shown)
    by_root: dict[int, list[Article]] = defaultdict(list)
    for article in ranked.order_by("rank"):
        by_root[article.root].append(article)
    counts = dict(articles.order_by().values_list(Coalesce("category__parent", "category")).annotate(n=Count("pk")))
    roots = Category.objects.filter(parent=None)
    return [Topic(root, counts[root.pk], by_root[root.pk]) for root in roots if counts.get(root.pk)]


def most_helpful(user: User | AnonymousUser, *, most: int = 5) -> QuerySet[Article]:
    articles = Article.objects.visible_to(user).published().select_related("category")
    return articles.order_by(*HELPFUL)[:most]


def articles_in(category: Category, user: User | AnonymousUser) -> QuerySet[Article]:
    """Return what the category and its children hold, by title."""
    articles = Article.objects.visible_to(user).published()
    return articles.filter(Q(category=category) | Q(category__parent=category)).order_by("title")


HELPFUL = (F("helpful_votes").desc(), F("view_count").desc(), F("title").asc())
