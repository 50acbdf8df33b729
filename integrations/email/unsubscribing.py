"""Leaving the notices about a ticket's status by one click in the mail program (RFC 8058), or on a page.

The link names the person, signed; it stops status notices and nothing else. Answers of people are no notices.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.services import change_preferences

SALT = "integrations.email.unsubscribe"


def headers_for(person: User) -> dict[str, str]:
    """Return the headers that let a mail program offer to unsubscribe."""
    return {"List-Unsubscribe": f"<{url_for(person)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def url_for(person: User) -> str:
    token = signing.dumps(person.pk, salt=SALT)
    return f"{settings.SITE_URL}{reverse('unsubscribe', args=[token])}"


@csrf_exempt  # a mail program posts here, without a page; the link itself is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether status notices are to stop, for some programs open every link; stop them on POST."""
    person = _person(token)
    if request.method == "POST":
        change_preferences(person, by=person, is_mailed_status=False)
    is_over = not person.is_mailed_status or request.method == "POST"
    response = render(request, "portal/unsubscribe.html", {"is_over": is_over, "is_link_page": True})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _person(token: str) -> User:
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    person = User.objects.filter(pk=pk, is_active=True).first()
    if person is None:
        raise Http404
    return person
