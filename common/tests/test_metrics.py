"""Figures for the scraper."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from common import metrics


@pytest.fixture
def scrape(client, db):
    def scrape(**headers) -> dict[str, float]:
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        families = text_string_to_metric_families(answer.content.decode())
        return {sample.name: sample.value for family in families for sample in family.samples}

    return scrape


def test_figures_of_the_process_and_of_the_rooms(scrape):
    found = scrape()
    assert "python_info" in found
    assert found["sla_monitor_lag_seconds"] == 0


def test_a_token_is_asked_for_where_it_is_set(client, scrape, settings, db):
    settings.METRICS_TOKEN = "s3cret"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert scrape(Authorization="Bearer s3cret")
    assert client.post("/metrics").status_code == 405


def test_a_source_is_asked_once_however_often_it_registers(scrape, monkeypatch):
    monkeypatch.setattr(metrics, "_sources", [])

    def source():
        yield metrics.gauge("rooms_asked", "For this test.", 1)

    metrics.register(source)
    metrics.register(source)
    assert scrape()["rooms_asked"] == 1
