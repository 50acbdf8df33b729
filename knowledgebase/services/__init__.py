"""Every write to the knowledge base."""

from knowledgebase.services.files import add_file, remove_file
from knowledgebase.services.publishing import (
    archive_article,
    keep_dates,
    mark_reviewed,
    publish_article,
    review_article,
    submit_article,
)
from knowledgebase.services.reading import cast_vote, explain_vote, flush_views, note_view, purge_comments, purge_views
from knowledgebase.services.searches import flush_searches, note_opening, note_search, purge_search_texts
from knowledgebase.services.writing import (
    change_article,
    create_article,
    mark_translated,
    restore_revision,
    unused_address,
)

__all__ = [
    "add_file",
    "archive_article",
    "cast_vote",
    "change_article",
    "create_article",
    "explain_vote",
    "flush_searches",
    "flush_views",
    "keep_dates",
    "mark_reviewed",
    "mark_translated",
    "note_opening",
    "note_search",
    "note_view",
    "publish_article",
    "purge_comments",
    "purge_search_texts",
    "purge_views",
    "remove_file",
    "restore_revision",
    "review_article",
    "submit_article",
    "unused_address",
]
