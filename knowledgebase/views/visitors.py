"""Who reads: the person signed in, or somebody without a name."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from common.ratelimit import client_ip

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


def reader_of(request: HttpRequest) -> str:
    """Return for whom a view is counted; "" for a robot and for a browser that only fetches ahead.

    A guest gets no cookie for reading: address and browser tell people well enough apart for a day's count.
    """
    browser = request.headers.get("User-Agent", "")
    if request.method != "GET" or ROBOT.search(browser) or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return ""
    return f"user:{request.user.pk}" if request.user.is_authenticated else f"{client_ip(request)}/{browser}"
