"""What offering articles spares, in figures: forms with and without them, and each article."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from common.time import now
from knowledgebase.models import Article
from tickets.deflection.models import WAIT, DeflectionArticle, DeflectionDay, FormSession
from tickets.deflection.sides import Side

COLUMNS = ("begun", "fitting", "opened", "solved", "sent", "returned")
ARTICLE_COLUMNS = ("shown", "opened", "solved")


@dataclass(frozen=True)
class ArticleLine:
    article: Article
    shown: int
    opened: int
    solved: int


def sides(first: dt.date, last: dt.date) -> tuple[Side, Side]:
    """Return what became of the forms begun from `first` to `last`: those with articles offered, those held out."""
    sums = {name: Sum(name) for name in COLUMNS}
    rows = DeflectionDay.objects.filter(day__range=(first, last)).order_by()
    counted = rows.values_list("is_held_out").annotate(**sums)
    found = {is_held_out: Side(*counts) for is_held_out, *counts in counted}
    return found.get(False, Side()), found.get(True, Side())


def days(first: dt.date, last: dt.date) -> Sequence[dict[str, Any]]:
    """Return a row for each day and side. Shape: {"day", "is_held_out", *COLUMNS}."""
    rows = DeflectionDay.objects.filter(day__range=(first, last)).order_by("day", "is_held_out")
    return list(rows.values("day", "is_held_out", *COLUMNS))


def article_lines(first: dt.date, last: dt.date, *, most: int | None = None) -> list[ArticleLine]:
    """Return how often each article was shown, opened and said to have solved it, what solved most first."""
    rows = DeflectionArticle.objects.filter(day__range=(first, last)).order_by()
    ranked = rows.values_list("article").annotate(
        shown_sum=Sum("shown"), opened_sum=Sum("opened"), solved_sum=Sum("solved")
    )
    ranked = ranked.order_by("-solved_sum", "-opened_sum", "-shown_sum", "article")
    counted = list(ranked[:most])
    articles = Article.objects.only("title").in_bulk([key for key, *_ in counted])
    return [ArticleLine(articles[key], *counts) for key, *counts in counted]


def waiting_count(at: dt.datetime | None = None) -> int:
    """Return how many forms are not a week old, so that nobody knows yet what comes of them."""
    return FormSession.objects.filter(begun_at__gte=(at or now()) - WAIT).count()
