"""Finding articles: one interface over the engines that can answer."""

from knowledgebase.search.answers import Answer, Found, Suggestion
from knowledgebase.search.searching import search_articles, suggest

__all__ = ["Answer", "Found", "Suggestion", "search_articles", "suggest"]
