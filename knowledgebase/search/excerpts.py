"""Passages for a list of hits: the one that holds the most of the question's words, escaped, with the words marked."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from knowledgebase.search.words import WORD, root, split

CHARACTERS = 200
TEXT_MOST = 60_000  # characters of an article that are looked through
PLACES_MOST = 500
LEAD = 40  # characters shown before the first marked word
NOTHING = re.compile(r"(?!)")
# Latin letters without their accents, one for one: places in the plain text are places in the text.
ACCENTED = (chr(code) for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)))
PLAIN = {ord(letter): base for letter in ACCENTED if (base := unicodedata.normalize("NFD", letter)[0]).isascii()}


def marker(terms: Iterable[str]) -> Marker:
    return Marker(word for term in terms for word in term.split())


class Marker:
    """Finds the inflections of some words in texts."""

    def __init__(self, words: Iterable[str]) -> None:
        self.roots = {root(word) for word in words}
        # A cheap pattern proposes, the comparison of roots decides.
        starts = "|".join(sorted(map(re.escape, self.roots), key=len, reverse=True))
        self.pattern = re.compile(rf"(?<![^\W_])(?:{starts})[^\W_]*", re.IGNORECASE) if starts else NOTHING

    def places(self, text: str) -> list[tuple[int, int, str]]:
        """Return where words stand, with their roots: start, end, root."""
        found = []
        for match in self.pattern.finditer(text if text.isascii() else text.translate(PLAIN)):
            hit = root(match[0].lower())
            if hit in self.roots:
                found.append((match.start(), match.end(), hit))
                if len(found) == PLACES_MOST:
                    break
        return found

    def excerpt(self, text: str) -> str:
        """Return the best passage of `text`, about 200 characters of words, as safe HTML."""
        text = text[:TEXT_MOST]
        places = self.places(text)
        start, end = _passage(text, _best(places))
        inside = [(one, other) for one, other, _ in places if start <= one and other <= end]
        dots = ("…" if start else "", "…" if end < len(text) else "")
        return dots[0] + _marked(text, start, end, inside) + dots[1]

    def mark(self, text: str) -> str:
        """Return the whole of `text` as safe HTML."""
        return _marked(text, 0, len(text), [(start, end) for start, end, _ in self.places(text)])


def mark_beginnings(text: str, beginnings: Iterable[str]) -> str:
    """Return `text` as safe HTML with the words marked that begin like one of `beginnings`."""
    wanted = tuple(beginnings)
    places = [
        (match.start(), match.end())
        for match in WORD.finditer(text)
        if any(word.startswith(wanted) for word in split(match[0]))
    ]
    return _marked(text, 0, len(text), places)


def _best(places: list[tuple[int, int, str]]) -> int:
    """Return where the stretch of text begins that holds the most distinct words; of equals, the first."""
    best, most, first = 0, 0, 0
    counts: dict[str, int] = {}
    for start, end, hit in places:
        counts[hit] = counts.get(hit, 0) + 1
        while end - places[first][0] > CHARACTERS - LEAD:
            left = places[first][2]
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
            first += 1
            if places[first - 1][0] == start:
                break
        if len(counts) > most:
            best, most = places[first][0], len(counts)
    return best


def _passage(text: str, at: int) -> tuple[int, int]:
    """Return a stretch of whole words around `at`."""
    if len(text) <= CHARACTERS:
        return 0, len(text)
    start = max(0, min(at - LEAD, len(text) - CHARACTERS))
    if start:
        blank = text.find(" ", start, max(at, start))
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), start + CHARACTERS)
    if end < len(text):
        blank = text.rfind(" ", start + CHARACTERS // 2, end)
        end = blank if blank >= 0 else end
    return start, end


def _marked(text: str, start: int, end: int, places: Iterable[tuple[int, int]]) -> str:
    parts, last = [], start
    for one, other in places:
        parts += [html.escape(text[last:one]), f"<mark>{html.escape(text[one:other])}</mark>"]
        last = other
    return "".join([*parts, html.escape(text[last:end])])
