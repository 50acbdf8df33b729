"""What the scraper is told of the doors to other systems."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from common import metrics
from common.time import now
from integrations import health


def collect() -> Iterator[Metric]:
    """Tell how deep the queues are, how long their oldest waits, what was given up, and which circuits rest."""
    labelled = {
        "on": GaugeMetricFamily("integration_on", "Whether it is set up.", labels=["integration"]),
        "queue": GaugeMetricFamily("integration_queue_depth", "Deliveries that wait.", labels=["integration"]),
        "age": GaugeMetricFamily(
            "integration_queue_age_seconds",
            "For how long the oldest delivery has been waiting.",
            labels=["integration"],
        ),
        "dead": GaugeMetricFamily("integration_dead_letters", "Given up in the last 30 days.", labels=["integration"]),
        "success": GaugeMetricFamily(
            "integration_last_success_timestamp_seconds", "When it last worked.", labels=["integration"]
        ),
        "resting": GaugeMetricFamily(
            "integration_circuits_resting", "Circuits that rest after failures or by request.", labels=["integration"]
        ),
    }
    at = now()
    for one in health.integrations():
        name = [one.kind.name]
        labelled["on"].add_metric(name, one.is_on)
        labelled["queue"].add_metric(name, one.waiting)
        age = (at - one.oldest_waiting_at).total_seconds() if one.oldest_waiting_at else 0
        labelled["age"].add_metric(name, age)
        labelled["dead"].add_metric(name, one.dead)
        if one.last_success_at:
            labelled["success"].add_metric(name, one.last_success_at.timestamp())
        labelled["resting"].add_metric(name, len(one.resting))
    yield from labelled.values()
    inbox = GaugeMetricFamily(
        "inbound_events", "Messages that came in, by what they wait for.", labels=["source", "state"]
    )
    for way in health.inboxes():
        for state in ("waiting", "held", "failed"):
            inbox.add_metric([way.name, state], getattr(way, state))
    yield inbox


metrics.register(collect)
