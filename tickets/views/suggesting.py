"""Articles offered before a question is sent, and what comes of the offer.

What is being written is sent by POST alone: an address would stand in logs and histories.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common import ratelimit
from common.pages import page
from knowledgebase.models import Article
from knowledgebase.services import cast_vote
from knowledgebase.steps import first_steps
from tickets import guarding, services
from tickets.deflection.offering import Typed, offered_articles


@require_POST
@never_cache
def suggest(request: HttpRequest) -> HttpResponse:
    """Return a part of the form while it is filled in; 204 where what is shown already is what there is to show."""
    said = request.POST
    typed = Typed(*(said.get(name, "") for name in ("subject", "description", "token", "article")))
    articles = offered_articles(request, typed)
    if [article.slug for article in articles] == said.getlist("shown"):
        return HttpResponse(status=204)
    return render(request, "tickets/suggestions.html", {"suggestions": cards(articles), "is_part": True})


@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """Count that an offered article was opened in the form. The answer is the same whether or not it was offered."""
    article = _article(request, request.POST.get("opened", ""))
    name = guarding.name_of(request.POST.get("token", ""))
    if article is not None and name:
        services.note_opened(name, article)
    return HttpResponse(status=204)


@page
@never_cache
@require_http_methods(["GET", "POST"])
def solved(request: HttpRequest) -> HttpResponseBase:
    """End a form without a ticket: an article had the answer."""
    if request.method == "GET":
        return render(request, "tickets/solved.html", {"article": _article(request, request.GET.get("article", ""))})
    article = _article(request, request.POST.get("article", ""))
    if article is None:
        raise Http404
    ratelimit.limit(request, "article-vote", ratelimit.caller_of(request))
    name = guarding.name_of(request.POST.get("token", ""))
    # Only a form that showed the article has a vote on it, and each has one.
    if name and services.note_opened(name, article, is_solved=True):
        voter = f"user:{request.user.pk}" if request.user.is_authenticated else f"form:{name}"
        cast_vote(article, visitor=voter, is_helpful=True)
    return redirect(f"{reverse('ticket-solved')}?article={article.slug}")


def cards(articles: list[Article]) -> list[dict[str, Any]]:
    """Return articles as components/suggest.html takes them, each to be read in place."""
    bodies = dict(Article.objects.filter(pk__in=[article.pk for article in articles]).values_list("pk", "body_html"))
    return [
        {
            "url": reverse("kb-article", args=[article.slug]),
            "title": article.title,
            "text": article.summary or article.category.name,
            "slug": article.slug,
            "steps": first_steps(bodies[article.pk]),
            "language": article.language,
        }
        for article in articles
    ]


def _article(request: HttpRequest, slug: str) -> Article | None:
    return Article.objects.visible_to(request.user).published().filter(slug=slug[:220]).first()
