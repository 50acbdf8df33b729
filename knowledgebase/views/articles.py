"""One article, and what its reader thinks of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from common import ratelimit
from common.errors import Invalid
from common.pages import page, show_refusal
from knowledgebase import linked_data, services
from knowledgebase.models import Article, Reason
from knowledgebase.models.reading import COMMENT_CHARACTERS
from knowledgebase.reading import body_of, minutes_to_read, related_to, translations_of, vote_of
from knowledgebase.slots import INCIDENTS
from knowledgebase.topics import way_to
from knowledgebase.views.visitors import found_by, new_voter, reader_of, remember, voter_of
from knowledgebase.vocabulary import language_name

VERDICT = "#verdict"


class ReasonForm(forms.Form):
    """Why an article did not help."""

    reason = forms.ChoiceField(
        label="What was wrong?",
        choices=Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was wrong", "invalid_choice": "Choose what was wrong from the list"},
    )
    comment = forms.CharField(
        label="What should it say?",
        help_text="Only the people who write articles read this. Leave out passwords and personal data.",
        required=False,
        max_length=COMMENT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_safe
def kb_article(request: HttpRequest, slug: str) -> HttpResponse:
    article = _articles(request).filter(slug=slug).first()
    if article is None:
        return _moved(request, get_object_or_404(_articles(request), redirects__slug=slug))
    reader = reader_of(request)
    # Those who write it open it all the time.
    if reader and article.published and not request.user.has_perm("knowledgebase.change_article"):
        services.note_view(article, visitor=reader)
        if search := found_by(request):
            text, place = search
            services.note_opening(article, text=text, place=place, visitor=reader)
    return _show(request, article)


@page
@require_http_methods(["GET", "POST"])
def kb_vote(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Keep a vote. Its address, opened by hand or by Back, leads to the article."""
    article = _voted_on(request, slug)
    answer = request.POST.get("helpful", "")
    if request.method == "GET" or answer not in ("yes", "no"):
        return _to_verdict(article)
    ratelimit.limit(request, "article-vote", ratelimit.caller_of(request))
    voter, given = voter_of(request), ""
    if not voter:
        voter, given = new_voter()
    services.cast_vote(article, visitor=voter, is_helpful=answer == "yes")
    response = _to_verdict(article)
    if given:
        remember(response, given)
    return response


@page
@require_http_methods(["GET", "POST"])
def kb_reason(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Keep why it did not help."""
    article, voter = _voted_on(request, slug), voter_of(request)
    vote = vote_of(article, voter)
    if request.method == "GET" or vote is None or vote.is_helpful:
        return _to_verdict(article)
    ratelimit.limit(request, "article-vote", ratelimit.caller_of(request))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, article, form=form, status=422)
    try:
        services.explain_vote(article, visitor=voter, **form.cleaned_data)
    except Invalid as refusal:
        return _show(request, article, form=form, status=show_refusal(form, refusal))
    return _to_verdict(article)


def _articles(request: HttpRequest) -> Any:
    return Article.objects.visible_to(request.user).select_related("category__parent", "product_area", "source")


def _voted_on(request: HttpRequest, slug: str) -> Article:
    article: Article | None = _articles(request).published().filter(slug=slug).first()
    if article is None:
        raise Http404
    return article


def _show(request: HttpRequest, article: Article, *, form: ReasonForm | None = None, status: int = 200) -> HttpResponse:
    translations = translations_of(article, request.user)
    vote = vote_of(article, voter_of(request)) if article.published else None
    files, way = list(article.files.all()), [*way_to(article.category), article.category]
    context = {
        "article": article,
        "body": body_of(article),
        "way": way,
        "files": [file for file in files if not file.is_picture],
        "incidents": INCIDENTS.ask([article])[article.pk],
        "linked_data": linked_data.of_article(article, way, files),
        "minutes": minutes_to_read(article),
        "related": related_to(article, request.user),
        "translations": translations,
        "source": next((one for one in translations if one.article.pk == article.source_id), None),
        "source_language": language_name(article.source.language) if article.source else "",
        "vote": vote,
        "form": form or ReasonForm(),
        "canonical": settings.SITE_URL + reverse("kb-article", args=[article.slug]),
        "site_url": settings.SITE_URL,
    }
    return render(request, "knowledgebase/article.html", context, status=status)


def _to_verdict(article: Article) -> HttpResponse:
    return redirect(reverse("kb-article", args=[article.slug]) + VERDICT)


def _moved(request: HttpRequest, article: Article) -> HttpResponse:
    """Lead from an address that the article had before to the one it has."""
    query = request.META.get("QUERY_STRING", "")
    path = reverse("kb-article", args=[article.slug])
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
