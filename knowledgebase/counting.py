"""From the lines of a day to what was looked for: pure, so that a day can be counted again at any time.

A line of a search is `digest s|a total text`: on the search page, or through the API. A line of a result that was
opened is `digest o place article`. The digest stands for one visitor, text and day, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

ON_PAGE, BY_API, OPENED = "s", "a", "o"
PLACES_MOST = 500


@dataclass
class Figures:
    """Of how many visitors something is true on a day, each counted once a text.

    count: looked for it.   empty_count: found nothing.   offered_count: were shown results on the search page.
    opened_count: opened one of them.   result_count: the most results that anybody was told of.
    """

    count: int = 0
    empty_count: int = 0
    offered_count: int = 0
    opened_count: int = 0
    result_count: int = 0


@dataclass
class Day:
    """total: of all texts.   openings: (text, article's key, place) -> how many visitors opened it there."""

    total: Figures = field(default_factory=Figures)
    texts: dict[str, Figures] = field(default_factory=dict)
    openings: dict[tuple[str, int, int], int] = field(default_factory=dict)


@dataclass
class Search:
    """What became of one visitor's text. places: article's key -> the best place at which it was opened."""

    text: str = ""
    is_on_page: bool = False
    result_count: int = 0
    places: dict[int, int] = field(default_factory=dict)


def search_line(digest: str, *, text: str, result_count: int, is_on_page: bool) -> str:
    return f"{digest} {ON_PAGE if is_on_page else BY_API} {result_count} {text}"


def opening_line(digest: str, *, place: int, article: int) -> str:
    return f"{digest} {OPENED} {place} {article}"


def count_day(lines: Iterable[str]) -> Day:
    """Return what the lines say. An opening without its search, as by a link that was passed on, is nothing."""
    day = Day()
    for search in _searches(lines):
        figures = day.texts.setdefault(search.text, Figures())
        for one in (day.total, figures):
            _add(one, search)
        for article, place in search.places.items():
            key = (search.text, article, place)
            day.openings[key] = day.openings.get(key, 0) + 1
    return day


def _searches(lines: Iterable[str]) -> list[Search]:
    found: dict[str, Search] = {}
    for line in lines:
        parts = line.split(" ", 3)
        if len(parts) != 4 or not parts[2].isdecimal():
            continue
        digest, kind, number, rest = parts
        search = found.setdefault(digest, Search())
        if kind == OPENED and rest.isdecimal() and 1 <= int(number) <= PLACES_MOST:
            search.places[int(rest)] = min(int(number), search.places.get(int(rest), PLACES_MOST))
        elif kind in (ON_PAGE, BY_API):
            search.text = rest
            search.is_on_page |= kind == ON_PAGE
            search.result_count = max(search.result_count, int(number))
    return [search for search in found.values() if search.text]


def _add(figures: Figures, search: Search) -> None:
    is_offered = search.is_on_page and search.result_count > 0
    figures.count += 1
    figures.empty_count += not search.result_count
    figures.offered_count += is_offered
    figures.opened_count += is_offered and bool(search.places)
    figures.result_count = max(figures.result_count, search.result_count)
