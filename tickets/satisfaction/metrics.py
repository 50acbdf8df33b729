"""What the scraper is told of ratings."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.cache import cache
from prometheus_client.core import CounterMetricFamily, Metric

from common import metrics
from tickets.satisfaction.reports import rating_counts

SECONDS = 60  # how old the figures may be: they read a row for each rating


def collect() -> Iterator[Metric]:
    """Tell how often each rating was given. No rating is ever taken back, so the counts only grow."""
    family = CounterMetricFamily("csat_rating", "Ratings of solved tickets, from 1 to 5.", labels=["rating"])
    for rating, count in (cache.get_or_set("tickets:ratings", rating_counts, SECONDS) or {}).items():
        family.add_metric([str(rating)], count)
    yield family


metrics.register(collect)
