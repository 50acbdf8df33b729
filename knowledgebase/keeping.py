"""What the room keeps for a while only, and whether its search server is well."""

from __future__ import annotations

from common import health, retention
from knowledgebase import services
from knowledgebase.search.engines.elastic import indexes

retention.register("search texts", services.purge_search_texts)
retention.register("article views", services.purge_views)
retention.register("vote comments", services.purge_comments)
# Not vital: the database answers while the server is away.
health.register("search", indexes.ask_server)
