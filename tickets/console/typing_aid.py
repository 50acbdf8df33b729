"""What can be put into a message while it is written: saved replies, articles, and the names of colleagues."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from knowledgebase.search import search_articles
from tickets.access import may_work
from tickets.models import SavedReply, Ticket
from tickets.services import fill_saved_reply

OFFERED_MOST = 8
WORDS_MOST = 80  # characters


def insertions(request: HttpRequest, pk: int) -> JsonResponse:
    """GET kind=reply|article|person&q=: what fits the words. Shape: {"results": [{"label", "detail", "text"}]}.

    text: Markdown that takes the place of what was typed.
    """
    user: User = request.user  # type: ignore[assignment]
    ticket = get_object_or_404(Ticket.objects.visible_to(user).select_related("requester"), pk=pk)
    if not may_work(user, ticket):
        raise PermissionDenied
    read = {"reply": _replies, "article": _articles, "person": _people}.get(request.GET.get("kind", ""))
    words = " ".join(request.GET.get("q", "").split())[:WORDS_MOST]
    return JsonResponse({"results": read(words, ticket, user) if read else []})


def _replies(words: str, ticket: Ticket, user: User) -> list[dict[str, Any]]:
    rows = SavedReply.objects.usable_by(user).filter(Q(title__icontains=words) | Q(keyword__istartswith=words))
    return [
        {"label": row.title, "detail": row.keyword, "text": fill_saved_reply(row, ticket, by=user)}
        for row in rows.order_by("title")[:OFFERED_MOST]
    ]


def _articles(words: str, ticket: Ticket, user: User) -> list[dict[str, Any]]:
    """Only what the customer may read is offered: the link is for them."""
    if not words:
        return []
    found = search_articles(words, user=ticket.requester, limit=OFFERED_MOST).found
    return [
        {"label": one.article.title, "detail": "Article", "text": link_to(one.article.title, one.article.slug)}
        for one in found
    ]


def _people(words: str, ticket: Ticket, user: User) -> list[dict[str, Any]]:
    people = User.objects.staff().filter(name__icontains=words).exclude(pk=user.pk).order_by("name")
    return [{"label": one.name, "detail": one.email, "text": f"@{one.name} "} for one in people[:OFFERED_MOST]]


def link_to(title: str, slug: str) -> str:
    """Return a Markdown link to an article, whatever signs its title has."""
    shown = "".join(f"\\{sign}" if sign in "\\[]*_`<>" else sign for sign in title)
    return f"[{shown}]({settings.SITE_URL}{reverse('kb-article', args=[slug])})"
