"""The start page, and the ways to an article by topic."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from knowledgebase import linked_data
from knowledgebase.models import Category
from knowledgebase.reading import minutes_to_read
from knowledgebase.slots import REPLY_TIMES, STATE
from knowledgebase.topics import articles_in, most_helpful, most_read, topics, way_to

TOPICS_MOST = 6
ARTICLES_PER_PAGE = 30


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    read = most_read(request.user)
    articles = read or list(most_helpful(request.user))
    found = topics(request.user)
    context = {
        "topics": found[:TOPICS_MOST],
        "topic_count": len(found),
        "articles": [(article, minutes_to_read(article)) for article in articles],
        "is_by_views": bool(read),
        "banners": STATE.ask(request.user),
        "reply_times": REPLY_TIMES.ask(request.user),
        "linked_data": linked_data.of_site(),
    }
    return render(request, "portal/home.html", context)


@require_GET
def kb_home(request: HttpRequest) -> HttpResponse:
    return render(
        request, "knowledgebase/home.html", {"topics": topics(request.user), "linked_data": linked_data.of_site()}
    )


@require_GET
def kb_category(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category.objects.select_related("parent"), slug=slug)
    context = {
        "category": category,
        "way": way_to(category),
        "topics": topics(request.user, below=category),
        "pages": Paginator(articles_in(category, request.user), ARTICLES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "knowledgebase/category.html", context)
