"""What the scraper and the health check are told of the search."""

from __future__ import annotations

import datetime as dt

import pytest
from prometheus_client.parser import text_string_to_metric_families

from common import health
from common.time import now
from knowledgebase.models import IndexMark
from knowledgebase.search.engines import EngineDown
from knowledgebase.search.engines.elastic import indexes
from knowledgebase.services import flush_searches, note_search, purge_search_texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def scrape(client):
    def scrape() -> dict[str, float]:
        text = client.get("/metrics").content.decode()
        families = text_string_to_metric_families(text)
        return {one.name: one.value for family in families for one in family.samples if one.name.startswith("kb_")}

    return scrape


def test_searches_and_marks_are_told_and_sums_survive_the_purge(scrape):
    assert scrape() == dict.fromkeys(
        ("kb_search_total", "kb_search_results_zero_total", "kb_search_marks", "kb_search_oldest_mark_seconds"), 0
    )
    for visitor, found in (("one", 3), ("two", 0)):
        note_search("token", visitor=visitor, result_count=found)
    flush_searches()
    IndexMark.objects.create(article_id=1, marked_at=now() - dt.timedelta(seconds=90))
    found = scrape()
    assert (found["kb_search_total"], found["kb_search_results_zero_total"], found["kb_search_marks"]) == (2, 1, 1)
    assert found["kb_search_oldest_mark_seconds"] >= 90
    purge_search_texts(now() + dt.timedelta(days=200))
    assert scrape()["kb_search_total"] == 2


def test_without_a_search_server_the_search_is_well():
    indexes.ask_server()


def test_a_search_server_that_is_away_is_told_and_not_vital(away):
    with pytest.raises(EngineDown):
        indexes.ask_server()
    probe, result = health.check()["search"]
    assert (probe.is_vital, result.is_up) == (False, False)


def test_a_search_server_that_answers_is_well(search_server):
    with pytest.raises(EngineDown, match="no index"):
        indexes.ask_server()
    indexes.rebuild([])
    indexes.ask_server()
