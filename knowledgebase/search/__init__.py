"""Finding articles: one interface over the engines that can answer."""

from knowledgebase.search.answers import Answer, Found, Suggestion
from knowledgebase.search.facets import Choice, Facet, Facets
from knowledgebase.search.searching import browse_articles, search_articles, suggest

__all__ = [
    "Answer",
    "Choice",
    "Facet",
    "Facets",
    "Found",
    "Suggestion",
    "browse_articles",
    "search_articles",
    "suggest",
]
