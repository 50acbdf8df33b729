"""Words with a slip of the finger: the nearest word that an article holds which the person may read.

What is offered must be held by such an article: a word of a hidden one would give it away.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.embedding import is_word
from knowledgebase.models import SearchWord
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search.engines import Engine, Filters
from knowledgebase.search.words import Question

LETTERS_LEAST = 4
LETTERS_FOR_TWO_SLIPS = 6
CORRECTED_MOST = 5  # words of one question
LOOKED_AT_MOST = 4000
TRIED_MOST = 8


def corrections(
    question: Question, engine: Engine, articles: ArticleQuerySet, filters: Filters, *, words: Iterable[str] = ()
) -> dict[str, str]:
    """Return a better word for each word of `question` (or of `words`) that no article holds, where there is one."""
    every = list(words or question.words)
    asked = [word for word in every if len(word) >= LETTERS_LEAST and not word.isdecimal()]
    known = set(SearchWord.objects.filter(word__in=asked).values_list("word", flat=True)) if asked else set()
    asked = [word for word in asked if word not in known]  # which spares the engine the usual question
    held = engine.holds(asked, articles, filters) if asked else set()
    missing = [word for word in asked if word not in held]
    # A real word that no article holds is no slip: it is one only where otherwise nothing is left to look for.
    slips = [word for word in missing if not is_word(word)] or (missing if len(missing) == len(every) else [])
    better = {}
    for word in slips[:CORRECTED_MOST]:
        candidates = nearest(word)
        for few in filter(None, (candidates[:1], candidates[1:])):  # nearly always the first one will do
            readable = engine.holds(few, articles, filters)
            if readable:
                better[word] = next(candidate for candidate in few if candidate in readable)
                break
    return better


def nearest(word: str, *, most: int = TRIED_MOST) -> list[str]:
    """Return the known words with at most one slip, two in long ones: the nearest first, of equals the commonest."""
    slips = 2 if len(word) >= LETTERS_FOR_TWO_SLIPS else 1
    known = SearchWord.objects.filter(
        first__in=set(word[:2]), length__gte=len(word) - slips, length__lte=len(word) + slips
    ).order_by("-article_count", "word")
    letters, near = set(word), []
    for other, count in known.values_list("word", "article_count")[:LOOKED_AT_MOST]:
        # Each slip changes at most two letters of the set: a quick look spares most of the counting.
        if len(letters ^ set(other)) <= 2 * slips and (far := distance(word, other, slips)) <= slips:
            near.append((far, other[0] != word[0], -count, other))
    return [other for *_, other in sorted(near)[:most] if other != word]


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters were left out, added, changed or swapped with their neighbour; most + 1 for more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, theirs in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)
