"""The search page, and what is offered while somebody types."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from knowledgebase import services
from knowledgebase.models import Category
from knowledgebase.search import Choice, Facet, Facets, browse_articles, suggest
from knowledgebase.search.words import split
from knowledgebase.slots import OFFERS, Offer, OfferGroup, Typed
from knowledgebase.topics import topics
from knowledgebase.views.visitors import searcher_of
from knowledgebase.vocabulary import language_name

RESULTS_PER_PAGE = 10
PAGES_MOST = 50
LETTERS_LEAST = 3
SUGGESTED_MOST = 8
SUGGESTED_SECONDS = 60


@require_GET
def kb_search(request: HttpRequest) -> HttpResponse:
    query = _words(request, "q") or _words(request, "query")
    chosen = Category.objects.filter(slug=slug).first() if (slug := _words(request, "category")) else None
    choice = Choice(chosen.slug if chosen else "", _words(request, "tag")[:60], _words(request, "language")[:10])
    given = request.GET.get("page", "")[:4]
    page = min(max(int(given), 1), PAGES_MOST) if given.isdecimal() else 1
    offset = (page - 1) * RESULTS_PER_PAGE
    answer = browse_articles(query, user=request.user, choice=choice, limit=RESULTS_PER_PAGE, offset=offset)
    if not choice:  # narrowed, it is a second look at what was counted already
        services.note_search(query, visitor=searcher_of(request), result_count=answer.total)
    pages = Paginator(range(min(answer.total, PAGES_MOST * RESULTS_PER_PAGE)), RESULTS_PER_PAGE).get_page(page)
    context: dict[str, Any] = {
        "query": query,
        "answer": answer,
        "pages": pages,
        "chips": _chips(choice, chosen) if query else [],
        "facets": _links(request, answer.facets) if answer.facets else [],
    }
    if not answer.found:
        context["topics"] = topics(request.user)  # counted and ranked, which a page of results need not wait for
    response = render(request, "knowledgebase/search.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _links(request: HttpRequest, facets: Facets) -> list[tuple[str, str, list[tuple[str, Facet]]]]:
    """Return the kinds of facets there are: parameter, heading, and of each facet the address that chooses it."""
    kinds = (
        ("category", "Topic", facets.topics),
        ("tag", "Tag", facets.tags),
        ("language", "Language", facets.languages),
    )
    found = []
    for name, heading, offered in kinds:
        rest = request.GET.copy()
        for left_out in (name, "page"):
            rest.pop(left_out, None)
        start = rest.urlencode()
        links = [(f"?{start}&{urlencode({name: one.value})}", one) for one in offered]
        if links:
            found.append((name, heading, links))
    return found


def _chips(choice: Choice, category: Category | None) -> list[tuple[str, str, str]]:
    """Return what was chosen: the parameter that holds it, its words, and what leaving it out searches."""
    return [
        *([("category", f"Only {category.name}", "all topics")] if category else []),
        *([("tag", f"Only tagged {choice.tag}", "all tags")] if choice.tag else []),
        *([("language", f"Only in {language_name(choice.language)}", "all languages")] if choice.language else []),
    ]


@require_GET
def kb_suggest(request: HttpRequest) -> HttpResponse:
    """Answer the options of a list box, as static/js/combobox.js shows them; empty where nothing fits."""
    query = _words(request, "q")
    groups = _offers(query, request) if len(query) >= LETTERS_LEAST else []
    response = render(request, "knowledgebase/suggest.html", {"groups": groups})
    patch_cache_control(response, private=True, max_age=SUGGESTED_SECONDS)
    return response


def _offers(query: str, request: HttpRequest) -> list[OfferGroup]:
    found = suggest(query, user=request.user, limit=SUGGESTED_MOST)
    lines = [Offer(reverse("kb-article", args=[one.slug]), one.marked_title) for one in found]
    groups = OFFERS.ask(Typed(request.user, query, tuple(split(query))))
    articles = [OfferGroup("Articles", "file-text", lines)] if lines else []
    first, last = ([group for group in groups if group.comes_first is is_first] for is_first in (True, False))
    return [*first, *articles, *last]


def _words(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:200]
