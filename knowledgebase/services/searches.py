"""What is looked for, and which result is opened: counted without anybody's name, and for a while only."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import models, transaction
from django.utils.crypto import salted_hmac

from common.retention import delete_in_batches
from common.time import now
from knowledgebase import spool
from knowledgebase.counting import PLACES_MOST, Day, Figures, count_day, opening_line, search_line
from knowledgebase.models import Article, DailySearch, SearchDay, SearchOpening
from knowledgebase.search.masking import counted_text

Row = TypeVar("Row", bound=models.Model)

TEXTS_MOST = 5000  # of one day: whoever sends nonsense all day long does not fill the database
BATCH = 500
FIGURES = tuple(one.name for one in fields(Figures))

log = structlog.get_logger(__name__)


def note_search(
    text: str, *, visitor: str, result_count: int, is_on_page: bool = True, at: dt.datetime | None = None
) -> None:
    """Remember that `visitor` looked for `text`. It counts once a day, and only when `flush_searches` comes by.

    visitor: as `visitors.reader_of` has it; "" is a robot, which counts for nothing.   is_on_page: the results were
    shown on the search page, so that one of them can be opened.
    """
    words, day = counted_text(text), (at or now()).date()
    if visitor and words:
        line = search_line(
            _digest(day, words, visitor), text=words, result_count=max(0, result_count), is_on_page=is_on_page
        )
        spool.SEARCHES.append(day, line)


def note_opening(article: Article, *, text: str, place: int, visitor: str, at: dt.datetime | None = None) -> None:
    """Remember that `visitor` opened `article`, which stood at `place`, from 1, among the results for `text`."""
    words, day = counted_text(text), (at or now()).date()
    if visitor and words and 1 <= place <= PLACES_MOST:
        line = opening_line(_digest(day, words, visitor), place=place, article=article.pk)
        spool.SEARCHES.append(day, line)


def flush_searches(*, at: dt.datetime | None = None) -> int:
    """Take the searches of today and yesterday into the database and return how many came in. Twice is harmless."""
    today, added = (at or now()).date(), 0
    yesterday = today - dt.timedelta(days=1)
    for day in (yesterday, today):
        added += _take_in(day, count_day(spool.SEARCHES.read(day)))
    spool.SEARCHES.forget_before(yesterday)
    return added


@transaction.atomic
def _take_in(day: dt.date, counted: Day) -> int:
    """Let the rows of `day` say what was counted. What a spool lost meanwhile stays counted: figures only grow."""
    if not counted.texts:
        return 0
    before = SearchDay.objects.filter(day=day).first()
    total = SearchDay(day=day, **asdict(counted.total))
    _keep([total], {(day,): before} if before else {}, key=("day",), figures=FIGURES)
    known = {(row.text,): row for row in DailySearch.objects.filter(day=day)}
    texts = _texts_kept(counted, {text for (text,) in known})
    rows = [DailySearch(day=day, text=text, **asdict(counted.texts[text])) for text in texts]
    _keep(rows, known, key=("text",), figures=FIGURES)
    _take_in_openings(day, counted, set(texts))
    return total.count - (before.count if before else 0)


def _texts_kept(counted: Day, known: set[str]) -> list[str]:
    """Return the texts that have a row or get one: of new ones the most frequent, in one order for all workers."""
    new = sorted(set(counted.texts) - known, key=lambda text: (-counted.texts[text].count, text))
    room = max(0, TEXTS_MOST - len(known))
    if len(new) > room:
        log.warning("search_texts_left_out", count=len(new) - room)
    return sorted([*(known & set(counted.texts)), *new[:room]])


def _take_in_openings(day: dt.date, counted: Day, texts: set[str]) -> None:
    openings = {key: count for key, count in counted.openings.items() if key[0] in texts}
    articles = set(Article.objects.filter(pk__in={key[1] for key in openings}).values_list("pk", flat=True))
    known = {(row.text, row.article_id, row.place): row for row in SearchOpening.objects.filter(day=day)}
    rows = [
        SearchOpening(day=day, text=text, article_id=article, place=place, count=count)
        for (text, article, place), count in sorted(openings.items())
        if article in articles
    ]
    _keep(rows, known, key=("text", "article_id", "place"), figures=("count",))


def _keep(
    rows: list[Row], known: dict[tuple[Any, ...], Row], *, key: tuple[str, ...], figures: tuple[str, ...]
) -> None:
    """Write those of `rows` of which a figure has grown. Two workers at once may write the smaller one: until the next
    minute.

    known: the rows there are, by `key`, which is unique within a day.
    """
    grown = []
    for row in rows:
        before = known.get(tuple(getattr(row, name) for name in key))
        if before is not None:
            for name in figures:
                setattr(row, name, max(getattr(row, name), getattr(before, name)))
        if before is None or any(getattr(row, name) != getattr(before, name) for name in figures):
            grown.append(row)
    if grown:
        unique = {"day", *key}
        type(grown[0])._default_manager.bulk_create(
            grown, update_conflicts=True, unique_fields=sorted(unique), update_fields=[*figures], batch_size=BATCH
        )


def _digest(day: dt.date, words: str, visitor: str) -> str:
    """Return what stands for a visitor and a text on one day. It cannot be turned back, nor put beside another's."""
    return salted_hmac(f"knowledgebase.search.{day}", f"{visitor}/{words}", algorithm="sha256").hexdigest()[:20]


def purge_search_texts(at: dt.datetime) -> int:
    """Delete the texts, and what was opened of them, that are older than PORTAL_SEARCH_TEXT_DAYS; keep the days' sums.

    Returns how many rows that were.
    """
    first = (at - dt.timedelta(days=settings.PORTAL_SEARCH_TEXT_DAYS)).date()
    return sum(delete_in_batches(model.objects.filter(day__lt=first)) for model in (DailySearch, SearchOpening))
