"""Articles offered before a question is sent."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from accounts.models import User
from knowledgebase.search import search_articles

LETTERS_LEAST = 3
OFFERED_MOST = 3


def suggestions(subject: str, user: User | AnonymousUser) -> list[dict[str, Any]]:
    """Return up to three articles, as components/suggest.html takes them."""
    if len(subject.strip()) < LETTERS_LEAST:
        return []
    found = search_articles(subject[:200], user=user, limit=OFFERED_MOST).found
    return [
        {
            "url": reverse("kb-article", args=[hit.article.slug]),
            "title": hit.article.title,
            "text": hit.article.summary or hit.article.category.name,
        }
        for hit in found
    ]
