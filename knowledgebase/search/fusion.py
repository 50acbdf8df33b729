"""Two orders made into one, by reciprocal rank.

A place counts 1 / (SLACK + place), from the order by words and from that by meaning. How well an engine's scores and
likenesses compare is nothing that anybody has to know. Where an article has no vector, its place by meaning is that by
words: it neither gains nor loses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SLACK = 5.0
# Few words are mostly names of things to be matched; a sentence is a question with a meaning.
SHORT, LONG = 4, 8
OF_SHORT, OF_LONG = 0.4, 1.2


def fuse(by_words: Sequence[int], alike: Mapping[int, float], *, word_count: int) -> dict[int, float]:
    """Return all of both with their scores, best first.

    by_words: keys, best first.   alike: of those with a vector, and of others that are near.
    word_count: of the question, with the little words that make a sentence.
    """
    weight, places = weight_of_meaning(word_count), {key: place for place, key in enumerate(by_words, 1)}
    by_meaning = sorted(alike, key=lambda key: (-alike[key], key))
    near = {key: place for place, key in enumerate(by_meaning, 1)}
    scores = {
        key: _worth(places.get(key)) + weight * _worth(near.get(key, places.get(key)))
        for key in dict.fromkeys([*by_words, *by_meaning])
    }
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def weight_of_meaning(word_count: int) -> float:
    """Return how much the order by meaning counts against that by words."""
    share = (min(max(word_count, SHORT), LONG) - SHORT) / (LONG - SHORT)
    return OF_SHORT + share * (OF_LONG - OF_SHORT)


def _worth(place: int | None) -> float:
    return 0.0 if place is None else 1 / (SLACK + place)
