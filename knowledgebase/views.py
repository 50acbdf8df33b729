"""What everybody can read: the start page, the articles, and the pages about the portal itself."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from knowledgebase.models import Article, Category
from knowledgebase.search import search_articles
from knowledgebase.topics import articles_in, most_helpful, topics

TOPICS_MOST = 6
RESULTS_PER_PAGE = 10
PAGES_MOST = 50
# What holds people's own affairs, and what a robot has no business with.
NOT_FOR_ROBOTS = ("/t/", "/tickets", "/profile", "/accounts/", "/admin/", "/api/", "/dev/")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    found = topics(request.user)
    context = {"topics": found[:TOPICS_MOST], "articles": most_helpful(request.user)}
    return render(request, "portal/home.html", context)


@require_GET
def kb_home(request: HttpRequest) -> HttpResponse:
    return render(request, "knowledgebase/home.html", {"topics": topics(request.user)})


@require_GET
def kb_category(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category.objects.select_related("parent"), slug=slug)
    articles = articles_in(category, request.user)
    return render(request, "knowledgebase/category.html", {"category": category, "articles": articles})


@require_GET
def kb_search(request: HttpRequest) -> HttpResponse:
    query = (request.GET.get("q") or request.GET.get("query") or "").replace("\x00", "").strip()[:200]
    page = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    page = min(max(page, 1), PAGES_MOST)
    offset = (page - 1) * RESULTS_PER_PAGE
    answer = search_articles(query, user=request.user, limit=RESULTS_PER_PAGE, offset=offset)
    pages = Paginator(range(min(answer.total, PAGES_MOST * RESULTS_PER_PAGE)), RESULTS_PER_PAGE).get_page(page)
    context = {"query": query, "answer": answer, "pages": pages, "topics": [] if answer.total else topics(request.user)}
    return render(request, "knowledgebase/search.html", context)


@require_GET
def kb_article(request: HttpRequest, slug: str) -> HttpResponse:
    articles = Article.objects.visible_to(request.user).select_related("category", "product_area")
    article = get_object_or_404(articles, slug=slug)
    return render(request, "knowledgebase/article.html", {"article": article})


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "tracking_days": settings.PORTAL_TRACKING_LINK_DAYS,
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
    }
    return render(request, "portal/privacy.html", context)


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@require_GET
@cache_control(max_age=86_400, public=True)
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_GET
@cache_control(max_age=86_400, public=True)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("favicon.svg"))
