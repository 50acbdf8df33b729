"""Which articles a form offers: those that fit, and none where the form is held out. Either way the form is counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from common import ratelimit
from common.errors import TooMany
from knowledgebase.models import Article
from tickets import guarding, services
from tickets.access import may_work
from tickets.deflection.fitting import LETTERS_LEAST, fitting_articles
from tickets.deflection.models import FormSession
from tickets.deflection.visitors import form_digest, is_held_out, visitor_of


@dataclass(frozen=True)
class Typed:
    """What a form holds so far. token: its name, signed.   read: the address of an article that led to it, or ""."""

    subject: str
    description: str
    token: str
    read: str = ""

    @property
    def is_begun(self) -> bool:
        return len(self.subject.strip()) >= LETTERS_LEAST or len(self.description.strip()) >= LETTERS_LEAST


def offered_articles(request: HttpRequest, typed: Typed) -> list[Article]:
    """Return up to three articles to offer for what is typed, and count the form. Staff who try it are not counted."""
    if not typed.is_begun:
        return []
    if request.user.is_authenticated and may_work(request.user):
        return _fitting(request, typed)
    visitor = visitor_of(request)
    row = _row(request, typed.token, visitor)
    is_out = row.is_held_out if row else is_held_out(visitor)
    if is_out and (row is None or row.fitting):  # nothing is shown, and there is nothing left to know
        return []
    articles = _fitting(request, typed)
    if row is not None:
        services.note_fitting(row, articles)
    return [] if is_out else articles


def _fitting(request: HttpRequest, typed: Typed) -> list[Article]:
    return fitting_articles(typed.subject, typed.description, user=request.user, without=[typed.read])


def _row(request: HttpRequest, token: str, visitor: str) -> FormSession | None:
    """Return the form's row; None for a form that is not ours, and for more of them than people begin."""
    name = guarding.name_of(token)
    if not name:
        return None
    row = FormSession.objects.filter(form=form_digest(name)).first()
    if row is not None:
        return row
    try:
        ratelimit.hit("form-begun", ratelimit.client_ip(request))
    except TooMany:
        return None
    return services.begin_form(name, visitor=visitor, is_held_out=is_held_out(visitor))
