"""The engines that can answer, and which one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import connection

from knowledgebase.search.engines.base import Document, Engine, EngineDown, Filters, QuestionRefused, Ranked
from knowledgebase.search.engines.breaker import Breaker
from knowledgebase.search.engines.elastic import ElasticEngine
from knowledgebase.search.engines.postgres import PostgresEngine
from knowledgebase.search.engines.sqlite import SqliteEngine

__all__ = [
    "Document",
    "Engine",
    "EngineDown",
    "Filters",
    "Ranked",
    "answer",
    "breaker",
    "database_engine",
    "server_engine",
]

T = TypeVar("T")

breaker = Breaker()
log = structlog.get_logger(__name__)


def database_engine() -> Engine:
    """Return the engine of the portal's own database, which is always there."""
    return PostgresEngine() if connection.vendor == "postgresql" else SqliteEngine()


def server_engine() -> ElasticEngine | None:
    """Return the engine of the search server, where there is one."""
    return ElasticEngine() if settings.ELASTICSEARCH_URL else None


def answer(ask: Callable[[Engine], T]) -> T:
    """Return what the search server answers, or the database where there is none or it is away."""
    server = server_engine()
    if server is not None and breaker.lets_through():
        try:
            said = ask(server)
        except QuestionRefused as error:
            log.error("search_question_refused", reason=str(error))
        except EngineDown as error:
            if breaker.failed(str(error)):
                log.warning("search_server_down", reason=str(error))
        else:
            if breaker.answered():
                log.info("search_server_back")
            return said
    return ask(database_engine())
