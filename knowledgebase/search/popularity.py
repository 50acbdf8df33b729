"""What readers thought of an article, as a small factor of how well it fits."""

from __future__ import annotations

import math

from knowledgebase.models import Article
from knowledgebase.search.keys import among

# A twentieth at most: it decides between articles that fit about equally well, and nothing else.
SHARE = 0.05
FULL = math.log1p(1000)  # so many weighed reads and votes give the whole share; their logarithm counts
READ, VOTE = 0.1, 2.0


def with_popularity(scores: dict[int, float], most: int) -> dict[int, float]:
    """Return `scores` with the first `most` of them raised by their articles' popularity, best first."""
    first = list(scores)[:most]
    if len(first) < 2:
        return scores
    rows = Article.objects.filter(pk__in=among(first)).values_list(
        "pk", "view_count", "helpful_votes", "unhelpful_votes"
    )
    factors = {pk: 1 + SHARE * popularity(*counts) for pk, *counts in rows}
    raised = {key: scores[key] * factors.get(key, 1.0) for key in first}
    best = sorted(raised, key=lambda key: (-raised[key], key))
    return {key: raised[key] for key in best} | {key: scores[key] for key in list(scores)[most:]}


def popularity(views: int, helpful: int, unhelpful: int) -> float:
    """Return 0 to 1."""
    weighed = READ * views + VOTE * max(0, helpful - unhelpful)
    return min(1.0, math.log1p(weighed) / FULL)
