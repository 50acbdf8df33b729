"""The search page, and what is offered while somebody types."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from knowledgebase import services
from knowledgebase.models import Category
from knowledgebase.search import search_articles, suggest
from knowledgebase.topics import topics
from knowledgebase.views.visitors import searcher_of

RESULTS_PER_PAGE = 10
PAGES_MOST = 50
LETTERS_LEAST = 3
SUGGESTED_MOST = 8
SUGGESTED_SECONDS = 60


@require_GET
def kb_search(request: HttpRequest) -> HttpResponse:
    query = _words(request, "q") or _words(request, "query")
    chosen = Category.objects.filter(slug=_words(request, "category")).first()
    tag = _words(request, "tag")[:60]
    given = request.GET.get("page", "")[:4]
    page = min(max(int(given), 1), PAGES_MOST) if given.isdecimal() else 1
    answer = search_articles(
        query,
        user=request.user,
        category=chosen.slug if chosen else "",
        tags=(tag,) if tag else (),
        limit=RESULTS_PER_PAGE,
        offset=(page - 1) * RESULTS_PER_PAGE,
    )
    if not chosen and not tag:  # narrowed, it is a second look at what was counted already
        services.note_search(query, visitor=searcher_of(request), result_count=answer.total)
    pages = Paginator(range(min(answer.total, PAGES_MOST * RESULTS_PER_PAGE)), RESULTS_PER_PAGE).get_page(page)
    context: dict[str, Any] = {"query": query, "answer": answer, "pages": pages, "chosen": chosen, "tag": tag}
    if answer.found:
        context["categories"] = [] if chosen else Category.objects.filter(parent=None)
    else:
        context["topics"] = topics(request.user)  # counted and ranked, which a page of results need not wait for
    response = render(request, "knowledgebase/search.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_GET
def kb_suggest(request: HttpRequest) -> HttpResponse:
    """Answer the options of a list box, as static/js/combobox.js shows them; empty where nothing fits."""
    query = _words(request, "q")
    found = suggest(query, user=request.user, limit=SUGGESTED_MOST) if len(query) >= LETTERS_LEAST else []
    response = render(request, "knowledgebase/suggest.html", {"suggestions": found})
    patch_cache_control(response, private=True, max_age=SUGGESTED_SECONDS)
    return response


def _words(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:200]
