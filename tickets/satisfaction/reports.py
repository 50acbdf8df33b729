"""How satisfied requesters were, in figures: for the API, the digest and the scraper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Q

from tickets.models import Survey
from tickets.satisfaction.rules import GOOD_RATING_LEAST, is_low, percent
from tickets.satisfaction.vocabulary import FACES

Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Figures:
    """The ratings given in a period, and what became of the surveys sent in it.

    distribution: rating -> how many.   surveys_answered: of those sent in the period, how many were rated since.
    """

    distribution: dict[int, int]
    surveys_sent: int
    surveys_answered: int

    @property
    def total_responses(self) -> int:
        return sum(self.distribution.values())

    @property
    def average_rating(self) -> float | None:
        """Return the mean of the ratings, with two decimals; None without any."""
        total = self.total_responses
        return round(sum(rating * count for rating, count in self.distribution.items()) / total, 2) if total else None

    @property
    def csat_score(self) -> float | None:
        """Return how many of the ratings are good, in per cent; None without any."""
        good = sum(count for rating, count in self.distribution.items() if rating >= GOOD_RATING_LEAST)
        return percent(good, self.total_responses)

    @property
    def low_count(self) -> int:
        return sum(count for rating, count in self.distribution.items() if is_low(rating))

    @property
    def response_rate(self) -> float | None:
        """Return how many of the surveys sent were answered, in per cent; None where none was sent."""
        return percent(self.surveys_answered, self.surveys_sent)


def satisfaction(since: dt.datetime, until: dt.datetime, *, organization: int | None = None) -> Figures:
    """Return the figures of the period from `since` up to `until`. organization: of its tickets alone."""
    (figures,) = satisfaction_in([(since, until)], organization=organization)
    return figures


def satisfaction_in(spans: Sequence[Span], *, organization: int | None = None) -> list[Figures]:
    """Return the figures of several periods, each from its first instant up to its second, in one query."""
    asked = [Q(asked_at__gte=since, asked_at__lt=until) for since, until in spans]
    rated = [Q(rated_at__gte=since, rated_at__lt=until) for since, until in spans]
    rows = Survey.objects.filter(reduce(or_, [*asked, *rated]))
    if organization is not None:
        rows = rows.filter(ticket__organization=organization)
    counts = rows.aggregate(
        **{
            f"rated_{rating}_{place}": Count("pk", filter=condition & Q(rating=rating))
            for place, condition in enumerate(rated)
            for rating in FACES
        },
        **{f"sent_{place}": Count("pk", filter=condition) for place, condition in enumerate(asked)},
        **{
            f"answered_{place}": Count("pk", filter=condition & Q(rated_at__isnull=False))
            for place, condition in enumerate(asked)
        },
    )
    return [
        Figures(
            {rating: counts[f"rated_{rating}_{place}"] for rating in FACES},
            counts[f"sent_{place}"],
            counts[f"answered_{place}"],
        )
        for place in range(len(spans))
    ]


def rating_counts() -> dict[int, int]:
    """Return how often each rating was given since the beginning."""
    found = dict(Survey.objects.rated().order_by().values_list("rating").annotate(Count("pk")))
    return {rating: found.get(rating, 0) for rating in FACES}
