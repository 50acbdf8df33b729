"""What the scraper is told of promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.cache import cache
from prometheus_client.core import GaugeMetricFamily, Metric

from common import metrics
from common.metrics import gauge
from common.time import now
from sla.models import Clock, MonitorPass, Storm
from sla.reports import compliance
from sla.services.monitor import overdue_seconds
from sla.vocabulary import ClockState

DAYS = 30
SECONDS = 60  # how old figures may be that read many rows


def collect() -> Iterator[Metric]:
    """Tell how the monitor does, what is late now, and how promises were kept in the last 30 days."""
    at = now()
    last = MonitorPass.objects.filter(finished_at__isnull=False).first()
    if last is not None and last.finished_at is not None:
        seconds = (last.finished_at - last.started_at).total_seconds()
        yield gauge(
            "sla_monitor_last_pass_timestamp_seconds", "When the last pass ended.", last.finished_at.timestamp()
        )
        yield gauge("sla_monitor_last_pass_duration_seconds", "How long the last pass took.", seconds)
        yield gauge("sla_monitor_last_pass_lag_seconds", "How late its latest level was seen.", last.lag_seconds)
        yield gauge("sla_monitor_last_pass_events", "How many levels it passed.", last.event_count)
    yield gauge("sla_monitor_lag_seconds", "For how long a level has been waiting for a pass.", overdue_seconds(at))
    late = cache.get_or_set("sla:late", lambda: Clock.objects.late_at(at).count(), SECONDS) or 0
    yield gauge("sla_clocks_late", "Open clocks whose promise is broken.", late)
    in_error = Clock.objects.filter(state=ClockState.ERROR).count()
    yield gauge("sla_clocks_in_error", "Clocks without working time to count.", in_error)
    is_storm = Storm.objects.filter(ended_at=None).exists()
    yield gauge("sla_breach_storm", "1 while many promises break at once.", float(is_storm))
    yield _rates(at)


def _rates(at: dt.datetime) -> GaugeMetricFamily:
    words = f"Promises kept in the last {DAYS} days, per cent of those judged."
    family = GaugeMetricFamily("sla_compliance_rate", words, labels=["support_tier", "priority", "metric"])
    for labels, rate in cache.get_or_set("sla:rates", lambda: _read_rates(at), SECONDS) or ():
        family.add_metric(labels, rate)
    return family


def _read_rates(at: dt.datetime) -> list[Any]:
    groups = ("tier", "priority", "metric")
    report = compliance(since=at - dt.timedelta(days=DAYS), until=at, at=at, group_by=groups)
    return [
        ([told[name] for name in groups], figures.rate_percent)
        for told, figures in report.rows
        if figures.rate_percent is not None
    ]


metrics.register(collect)
