"""How the search follows what happens to articles, in the transaction in which it happens."""

from __future__ import annotations

from common import embedding, journal, queue
from common.journal import Event
from knowledgebase.search.upkeep import article_changed
from knowledgebase.tasks import index_marked, make_vectors

PREFIX = "article."


def register() -> None:
    journal.subscribe((kind for name, kind in journal.kinds().items() if name.startswith(PREFIX)), follow_article)


def follow_article(event: Event) -> None:
    if event.subject_type == "knowledgebase.article":
        article_changed(event.subject_id)
        queue.nudge("search-index", index_marked.delay)
        if embedding.is_on():
            queue.nudge("article-vectors", make_vectors.delay)
