"""Self-help: categories, articles with their revisions, and what readers think of them."""

from knowledgebase.models.articles import Article, Category, Revision, SlugRedirect, make_article_id
from knowledgebase.models.files import ArticleFile
from knowledgebase.models.reading import DailyView, Reason, Vote, visitor_digest
from knowledgebase.models.search import ArticleVector, IndexMark, SearchStopWord, SearchSynonym, SearchTag, SearchWord
from knowledgebase.models.searches import DailySearch, SearchDay, SearchOpening

__all__ = [
    "Article",
    "ArticleFile",
    "ArticleVector",
    "Category",
    "DailySearch",
    "DailyView",
    "IndexMark",
    "Reason",
    "Revision",
    "SearchDay",
    "SearchOpening",
    "SearchStopWord",
    "SearchSynonym",
    "SearchTag",
    "SearchWord",
    "SlugRedirect",
    "Vote",
    "make_article_id",
    "visitor_digest",
]
