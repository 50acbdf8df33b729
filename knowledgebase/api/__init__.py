"""The knowledge base over HTTP: everybody reads, supervisors write."""

from knowledgebase.api.articles import ArticleViewSet
from knowledgebase.api.revisions import RevisionViewSet
from knowledgebase.api.searching import CategoryViewSet, SearchViewSet

__all__ = ["ArticleViewSet", "CategoryViewSet", "RevisionViewSet", "SearchViewSet"]
