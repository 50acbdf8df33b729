"""Elasticsearch 8 or OpenSearch 2, through one client."""

from knowledgebase.search.engines.elastic.engine import ElasticEngine

__all__ = ["ElasticEngine"]
