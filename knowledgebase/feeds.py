"""What machines read of the help pages: new articles as RSS, and the map of what everybody may read."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from knowledgebase.models import Article, Category

NEWEST = 30
MAPPED_MOST = 45_000  # the format allows 50,000 addresses in a file
GUEST = AnonymousUser()


@require_safe
@cache_control(max_age=900, public=True)
def feed(request: HttpRequest) -> HttpResponse:
    here = settings.SITE_URL + reverse("kb-feed")
    rss = Rss201rev2Feed(
        title=f"{settings.PORTAL_NAME}: new help articles",
        link=settings.SITE_URL + reverse("kb-home"),
        description="Help articles, the newest first.",
        language=settings.LANGUAGE_CODE,
        feed_url=here,
    )
    articles = Article.objects.visible_to(GUEST).published().select_related("category").defer("body", "body_html")
    for article in articles.order_by("-published_at", "-pk")[:NEWEST]:
        address = settings.SITE_URL + reverse("kb-article", args=[article.slug])
        rss.add_item(
            title=article.title,
            link=address,
            description=article.summary or article.text[:300],
            unique_id=article.article_id,
            unique_id_is_permalink=False,
            pubdate=article.published_at or article.created_at,
            updateddate=article.updated_at,
            categories=[article.category.name],
        )
    return HttpResponse(rss.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")


@require_safe
@cache_control(max_age=3600, public=True)
def sitemap(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.visible_to(GUEST).published().only("slug", "updated_at").order_by("pk")
    context = {
        "site_url": settings.SITE_URL,
        "categories": _categories(),
        "articles": articles[:MAPPED_MOST],
    }
    return render(request, "knowledgebase/sitemap.xml", context, content_type="application/xml; charset=utf-8")


def _categories() -> list[str]:
    """Return the slugs of the categories in or below which a guest finds something."""
    known: dict[int | None, Category] = {category.pk: category for category in Category.objects.all()}
    holding = Article.objects.visible_to(GUEST).published().order_by().values_list("category_id", flat=True).distinct()
    found: set[Category] = set()
    for key in holding:
        category: Category | None = known[key]
        while category is not None and category not in found:
            found.add(category)
            category = known.get(category.parent_id)
    return sorted(category.slug for category in found)
