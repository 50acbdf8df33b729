"""Who begins a form, without keeping who: no cookie is set, and a digest differs from week to week.

People who are signed in are known by their account. Guests are told apart by network and browser, which is good enough
for a share and no name: two who share both count as one.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from common.ratelimit import client_ip, network_of

DAYS_OF_A_KEY = 7
DIGEST_CHARACTERS = 32
BROWSER_CHARACTERS = 300


def visitor_of(request: HttpRequest) -> str:
    """Return for whom a form is counted. It is digested before it is kept anywhere."""
    return person(request.user.pk) if request.user.is_authenticated else guest_of(request)


def guest_of(request: HttpRequest) -> str:
    browser = request.headers.get("User-Agent", "")[:BROWSER_CHARACTERS]
    return f"guest:{network_of(client_ip(request))}/{browser}"


def person(user_id: int) -> str:
    return f"user:{user_id}"


def is_held_out(visitor: str) -> bool:
    """Tell whether `visitor` is offered no articles, so that there is something to compare with.

    Decided by a digest that is kept nowhere: the same visitor is always on the same side.
    """
    digest = salted_hmac("tickets.deflection.side", visitor, algorithm="sha256").hexdigest()
    share: int = settings.PORTAL_SUGGESTIONS_HOLD_OUT_PERCENT
    return int(digest[:8], 16) % 100 < share


def visitor_digest(visitor: str, day: dt.date) -> str:
    """Return under which name `visitor` is kept for forms begun on `day`."""
    return _digest(f"visitor.{day.toordinal() // DAYS_OF_A_KEY}", visitor)


def recent_digests(visitor: str, day: dt.date) -> list[str]:
    """Return the names under which `visitor` may have begun a form in the seven days before `day`, or on it."""
    return [visitor_digest(visitor, day), visitor_digest(visitor, day - dt.timedelta(days=DAYS_OF_A_KEY))]


def form_digest(name: str) -> str:
    return _digest("form", name)


def _digest(purpose: str, value: str) -> str:
    digest = salted_hmac(f"tickets.deflection.{purpose}", value, algorithm="sha256").hexdigest()
    return digest[:DIGEST_CHARACTERS]
