"""Refusals on pages: a PortalError becomes words at the field at fault, or a page with the right status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from common.errors import PortalError, TooMany

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# Error pages that have words of their own; every other status gets the page that repeats the refusal's words.
OWN_PAGES = {404: "404.html", 429: "429.html"}


def page(view: Page[P]) -> Page[P]:
    """Answer with a page for whatever `view` refuses and does not show itself."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except PortalError as refusal:
            return refusal_page(request, refusal)

    return answer


def refusal_page(request: HttpRequest, refusal: PortalError) -> HttpResponse:
    """Return the page that says what was refused."""
    context: dict[str, object] = {"refusal": refusal.message, "status": refusal.http_status}
    if isinstance(refusal, TooMany):
        context["wait_words"] = wait_words(refusal.retry_after)
    template = OWN_PAGES.get(refusal.http_status, "refused.html")
    response = render(request, template, context, status=refusal.http_status)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def show_refusal(form: BaseForm, refusal: PortalError, *, names: Mapping[str, str] | None = None) -> int:
    """Put the refusal's words at the field at fault, or on top of the form, and return the answer's status.

    names: what the form calls a member of the service where the two differ.
    """
    member = getattr(refusal, "field", "")
    field = (names or {}).get(member, member)
    form.add_error(field if field in form.fields else None, refusal.message)
    return refusal.http_status


def wait_words(seconds: int) -> str:
    """Return how long to wait in words: "a minute", "25 minutes", "an hour"."""
    minutes = max(1, -(-seconds // 60))
    if minutes == 1:
        return "a minute"
    return f"{minutes} minutes" if minutes < 55 else "an hour"
