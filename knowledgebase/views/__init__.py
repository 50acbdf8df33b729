"""What everybody can read: the start page, the articles, and the pages about the portal itself."""

from knowledgebase.views.about import accessibility, favicon, privacy, robots
from knowledgebase.views.articles import kb_article, kb_reason, kb_vote
from knowledgebase.views.browsing import home, kb_category, kb_home
from knowledgebase.views.files import kb_file
from knowledgebase.views.searching import kb_search, kb_suggest

__all__ = [
    "accessibility",
    "favicon",
    "home",
    "kb_article",
    "kb_category",
    "kb_file",
    "kb_home",
    "kb_reason",
    "kb_search",
    "kb_suggest",
    "kb_vote",
    "privacy",
    "robots",
]
