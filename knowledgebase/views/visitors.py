"""Who reads: the person signed in, or somebody without a name."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from common.ratelimit import AnyRequest, client_ip

# Set with the first vote and read on the help pages alone; it holds a random id and nothing else.
COOKIE = "reader"
COOKIE_LIFE = timedelta(days=180)
GIVEN = re.compile(r"[\w-]{22}", re.ASCII)
ROBOT = re.compile(r"bot|crawl|spider|slurp|preview|curl|wget|monitor", re.IGNORECASE)


def voter_of(request: HttpRequest) -> str:
    """Return under whose name a vote is kept; "" for a guest who has not voted yet."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    given = request.COOKIES.get(COOKIE, "")
    return f"reader:{given}" if GIVEN.fullmatch(given) else ""


def new_voter() -> tuple[str, str]:
    """Return a name for a guest's votes and what the cookie is to hold."""
    given = secrets.token_urlsafe(16)
    return f"reader:{given}", given


def remember(response: HttpResponse, given: str) -> None:
    response.set_cookie(
        COOKIE,
        given,
        max_age=COOKIE_LIFE,
        path=reverse("kb-home"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def reader_of(request: AnyRequest) -> str:
    """Return for whom a view is counted; "" for a robot and for a browser that only fetches ahead.

    A guest gets no cookie for reading: address and browser tell people well enough apart for a day's count.
    """
    browser = request.headers.get("User-Agent", "")
    if request.method != "GET" or ROBOT.search(browser) or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return ""
    return f"user:{request.user.pk}" if request.user.is_authenticated else f"{client_ip(request)}/{browser}"


def searcher_of(request: AnyRequest) -> str:
    """Return for whom a search is counted; "" for a robot, and for those who write, who look for their own articles.

    Through the API a program with somebody's credentials searches for that person, whatever it is called.
    """
    if request.user.has_perm("knowledgebase.change_article"):
        return ""
    is_known = request.method == "GET" and request.user.is_authenticated
    return f"user:{request.user.pk}" if is_known else reader_of(request)


def found_by(request: HttpRequest) -> tuple[str, int] | None:
    """Return the text that our search page was asked, and at which place of it this article stood, if it led here.

    The link says the place alone. The text comes with the browser's referrer, which stays on this site: so the address
    of an article that is passed on tells nobody what was looked for.
    """
    given = request.GET.get("at", "")[:4]
    page, _, query = request.headers.get("Referer", "")[:4000].partition("?")
    if not given.isdecimal() or page.partition("://")[2] != request.get_host() + reverse("kb-search"):
        return None
    asked = dict(parse_qsl(query))
    if any(asked.get(name) for name in ("category", "tag", "language")):
        return None
    return asked.get("q") or asked.get("query") or "", int(given)
