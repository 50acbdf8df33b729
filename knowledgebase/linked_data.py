"""What search engines read of public pages, in the words of schema.org."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from knowledgebase.models import Article, ArticleFile, Category
from knowledgebase.vocabulary import Audience

CONTEXT = "https://schema.org"
HEADLINE_CHARACTERS = 110
PLACE_OF_WORDS = "{search_term_string}"


def of_article(article: Article, way: Sequence[Category], files: Sequence[ArticleFile]) -> dict[str, Any] | None:
    """Return the article and the way to it; None unless everybody may read it."""
    if not article.published or article.audience != Audience.PUBLIC:
        return None
    address = _address("kb-article", article.slug)
    told: dict[str, Any] = {
        "@type": "TechArticle",
        "@id": address,
        "mainEntityOfPage": address,
        "headline": article.title[:HEADLINE_CHARACTERS],
        "inLanguage": article.language,
        "datePublished": (article.published_at or article.created_at).isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "articleSection": article.category.name,
        "author": _portal(),
        "publisher": _portal(),
    }
    if article.summary:
        told["description"] = article.summary
    if article.tags:
        told["keywords"] = [str(tag) for tag in article.tags]
    if images := [f"{settings.SITE_URL}{file.url}" for file in files if file.is_picture]:
        told["image"] = images
    steps = [("Help articles", _address("kb-home"))]
    steps += [(category.name, _address("kb-category", category.slug)) for category in way]
    return {"@context": CONTEXT, "@graph": [told, _crumbs([*steps, (article.title, address)])]}


def of_site() -> dict[str, Any]:
    """Return the portal with its search."""
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": settings.PORTAL_NAME,
        "url": _address("home"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{_address('kb-search')}?q={PLACE_OF_WORDS}"},
            "query-input": "required name=search_term_string",
        },
    }


def _crumbs(steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": address}
        for number, (name, address) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _portal() -> dict[str, str]:
    return {"@type": "Organization", "name": settings.PORTAL_NAME, "url": _address("home")}


def _address(name: str, *args: Any) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"
