"""The machine's search server, for the tests that ask one."""

from __future__ import annotations

import os

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.dsl.connections import connections

from common import elastic
from knowledgebase.search.engines import breaker
from knowledgebase.search.engines.elastic.documents import alias
from knowledgebase.search.engines.elastic.engine import client


@pytest.fixture(autouse=True)
def _fresh_breaker():
    breaker.answered()
    yield
    breaker.answered()


@pytest.fixture
def search_server(settings, worker_id):
    """Let the machine's search server answer, from indexes of this worker's own."""
    url = os.environ.get("ELASTICSEARCH_URL", "")
    if not url:
        pytest.skip("ELASTICSEARCH_URL is not set: no search server here")
    settings.ELASTICSEARCH_URL = url
    settings.PORTAL_SEARCH_ALIAS = f"kb_articles_test_{worker_id}"
    _clear()
    yield
    _clear()


@pytest.fixture
def away(settings):
    """Let the search server be one that does not answer."""
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    before = client()
    connections.add_connection("default", Elasticsearch(**elastic.connection(settings.ELASTICSEARCH_URL)))
    yield
    connections.add_connection("default", before)


def _clear() -> None:
    for name in client().indices.get(index=f"{alias()}*", ignore_unavailable=True, allow_no_indices=True):
        client().indices.delete(index=name)
