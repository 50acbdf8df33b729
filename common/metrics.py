"""Figures for the scraper, at /metrics. Each room registers a function that tells what its tables say now."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator

import prometheus_client
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_prometheus.exports import ExportToDjangoView
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Source = Callable[[], Iterable[Metric]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let `source` be asked at each scrape."""
    if source not in _sources:
        _sources.append(source)


def gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    """Return a figure without labels. words: what it says, for whoever reads the scrape."""
    return GaugeMetricFamily(name, words, value=value)


class Rooms(Collector):
    """What all rooms tell. It is the same in every process, unlike the counters of one."""

    def collect(self) -> Iterator[Metric]:
        for source in _sources:
            yield from source()


_rooms = prometheus_client.CollectorRegistry(auto_describe=False)
_rooms.register(Rooms())


@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the figures as Prometheus text. METRICS_TOKEN, where it is set, must come as a bearer token."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and not hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("Send the token of METRICS_TOKEN.\n", status=401, content_type="text/plain")
    answer: HttpResponse = ExportToDjangoView(request)
    answer.content += prometheus_client.generate_latest(_rooms)
    return answer
