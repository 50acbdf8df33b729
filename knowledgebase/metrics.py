"""What the scraper is told of the search."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min, Sum
from prometheus_client.core import CounterMetricFamily, Metric

from common import metrics
from common.metrics import gauge
from common.time import now
from knowledgebase.models import IndexMark, SearchDay


def collect() -> Iterator[Metric]:
    """Tell what was looked for so far, a visitor and a text once a day, and what waits to be indexed."""
    # A row for each day, which is never purged: the sums only grow.
    sums = SearchDay.objects.aggregate(all=Sum("count"), empty=Sum("empty_count"))
    yield CounterMetricFamily("kb_search", "Searches, each visitor's text once a day.", value=sums["all"] or 0)
    words = "Searches that found nothing, each visitor's text once a day."
    yield CounterMetricFamily("kb_search_results_zero", words, value=sums["empty"] or 0)
    marks = IndexMark.objects.aggregate(count=Count("pk"), oldest=Min("marked_at"))
    age = (now() - marks["oldest"]).total_seconds() if marks["oldest"] else 0.0
    yield gauge("kb_search_marks", "Articles that wait to be indexed.", marks["count"])
    yield gauge("kb_search_oldest_mark_seconds", "For how long the oldest of them has been waiting.", max(0.0, age))


metrics.register(collect)
