"""What the scraper is told of promises."""

from __future__ import annotations

import datetime as dt

import time_machine
from prometheus_client.parser import text_string_to_metric_families

from common.time import now
from sla.services import run_monitor
from tickets.services import post_public_reply


def test_monitor_late_clocks_and_rates(client, ticket, agnes):
    post_public_reply(ticket, body="Please reindex.", by=agnes)
    with time_machine.travel(now() + dt.timedelta(days=8), tick=False):
        run_monitor()
        told = client.get("/metrics").content.decode()
    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    found = {sample.name: sample.value for sample in samples}
    assert found["sla_clocks_late"] == 1  # seven days were promised for a solution
    assert found["sla_monitor_last_pass_events"] == 2
    assert found["sla_breach_storm"] == 0
    rates = [sample for sample in samples if sample.name == "sla_compliance_rate"]
    assert {sample.labels["metric"]: sample.value for sample in rates} == {"First response": 100, "Resolution": 0}
    assert {sample.labels["support_tier"] for sample in rates} == {"Enterprise"}
