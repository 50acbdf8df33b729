"""What readers look for, open, read and vote, over a stretch of days in UTC, both ends in it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from knowledgebase.models import Article, DailySearch, DailyView, Reason, SearchDay, SearchOpening, Vote

COMMENTS_EACH = 2
COMMENTS_READ = 200
MEAN_PLACE: Any = Sum(F("place") * F("count")) * 1.0 / Sum("count")


@dataclass(frozen=True)
class Days:
    first: dt.date
    last: dt.date

    def __iter__(self) -> Any:
        return (self.first + dt.timedelta(days=number) for number in range((self.last - self.first).days + 1))

    @property
    def since(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), dt.UTC)

    @property
    def until(self) -> dt.datetime:
        """Return when the last day is over."""
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), dt.UTC)


@dataclass(frozen=True)
class Sums:
    """searches: a visitor and a text count once a day.   nothing: those that found nothing.

    offered: those that showed results on the search page; opened: those of them of which one was opened, at `place` on
    average, None where none was.
    """

    searches: int
    nothing: int
    offered: int
    opened: int
    place: float | None


@dataclass(frozen=True)
class Asked:
    """A text that readers look for. results: the most that anybody got.

    is_answered: on the latest day on which somebody looked for it, somebody found something.
    """

    text: str
    searches: int
    nothing: int
    offered: int
    opened: int
    results: int
    is_answered: bool
    place: float | None = None


@dataclass(frozen=True)
class Judged:
    """What readers of an article voted. reasons: why it did not help, and how many said so, the commonest first."""

    key: int
    title: str
    helpful: int
    unhelpful: int
    reasons: list[tuple[str, int]]
    comments: list[str]


def search_days(days: Days) -> dict[dt.date, SearchDay]:
    """Return what was searched for on each day; a day on which nobody did has zeros."""
    found = SearchDay.objects.filter(day__range=(days.first, days.last)).in_bulk()
    return {day: found.get(day) or SearchDay(day=day) for day in days}


def sums_of(days: Days, by_day: dict[dt.date, SearchDay]) -> Sums:
    rows = by_day.values()
    return Sums(
        searches=sum(row.count for row in rows),
        nothing=sum(row.empty_count for row in rows),
        offered=sum(row.offered_count for row in rows),
        opened=sum(row.opened_count for row in rows),
        place=_openings(days).aggregate(mean=MEAN_PLACE)["mean"],
    )


def most_asked(days: Days, *, most: int) -> list[Asked]:
    """Return the most frequent texts."""
    return _asked(days, _texts(days).order_by("-searches", "text")[:most])


def nothing_found(days: Days, *, most: int) -> list[Asked]:
    """Return the texts that found nothing, those first that most people were left alone with."""
    return _asked(days, _texts(days).filter(nothing__gt=0).order_by("-nothing", "-searches", "text")[:most])


def most_read(days: Days, *, most: int) -> list[dict[str, Any]]:
    """Return the articles that most people read. Shape: [{"key", "title", "is_published", "readers"}]."""
    rows = DailyView.objects.filter(day__range=(days.first, days.last)).order_by().values("article")
    named = rows.annotate(readers=Sum("count"), title=F("article__title"), is_published=F("article__published"))
    ranked = named.order_by("-readers", "title", "article")[:most]
    return [
        {"key": row["article"], **{name: row[name] for name in ("title", "is_published", "readers")}} for row in ranked
    ]


def least_helpful(days: Days, *, most: int) -> list[Judged]:
    """Return the articles that most people found unhelpful, with reasons and their latest comments."""
    votes = Vote.objects.filter(created_at__gte=days.since, created_at__lt=days.until)
    counted: Any = (
        votes.order_by()
        .values("article")
        .annotate(
            title=F("article__title"),
            helpful=Count("pk", filter=Q(is_helpful=True)),
            unhelpful=Count("pk", filter=Q(is_helpful=False)),
        )
    )
    ranked = list(counted.filter(unhelpful__gt=0).order_by("-unhelpful", "helpful", "title", "article")[:most])
    against = votes.filter(is_helpful=False, article__in=[row["article"] for row in ranked])
    reasons: dict[int, list[tuple[str, int]]] = defaultdict(list)
    words = dict(Reason.choices)
    given = against.exclude(reason="").order_by().values_list("article", "reason").annotate(count=Count("pk"))
    for article, reason, count in given.order_by("-count", "reason"):
        reasons[article].append((words.get(reason, reason), count))
    comments: dict[int, list[str]] = defaultdict(list)
    said: Any = against.exclude(comment="").order_by("-created_at", "-pk").values_list("article", "comment")
    for article, comment in said[:COMMENTS_READ]:
        comments[article].append(comment)
    return [
        Judged(
            row["article"],
            row["title"],
            row["helpful"],
            row["unhelpful"],
            reasons[row["article"]],
            comments[row["article"]][:COMMENTS_EACH],
        )
        for row in ranked
    ]


def never_opened(days: Days) -> QuerySet[Article]:
    """Return what was published before the first day and what no search led to on any of them, the least read first.

    Articles that readers come to by a suggestion, a topic or a link are among them: their `view_count` tells.
    """
    led_to = SearchOpening.objects.filter(day__range=(days.first, days.last)).values("article_id")
    articles = Article.objects.published().filter(published_at__lt=days.since).exclude(pk__in=led_to)
    return articles.order_by("view_count", "title", "pk").only("title", "view_count", "published_at")


def _openings(days: Days) -> QuerySet[SearchOpening]:
    return SearchOpening.objects.filter(day__range=(days.first, days.last))


def _texts(days: Days) -> Any:
    rows = DailySearch.objects.filter(day__range=(days.first, days.last)).order_by().values("text")
    return rows.annotate(
        searches=Sum("count"),
        nothing=Sum("empty_count"),
        offered=Sum("offered_count"),
        opened=Sum("opened_count"),
        results=Max("result_count"),
        asked_on=Max("day"),
        answered_on=Max("day", filter=Q(result_count__gt=0)),
    )


def _asked(days: Days, rows: Iterable[dict[str, Any]]) -> list[Asked]:
    found = list(rows)
    openings = _openings(days).filter(text__in=[row["text"] for row in found]).order_by().values("text")
    places = dict(openings.annotate(mean=MEAN_PLACE).values_list("text", "mean"))
    return [
        Asked(
            is_answered=row.pop("answered_on") == row.pop("asked_on"),
            place=places.get(row["text"]),
            **{name: row[name] for name in ("text", "searches", "nothing", "offered", "opened", "results")},
        )
        for row in found
    ]
