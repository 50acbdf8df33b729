"""/dev/mail/: reading the mails of the embedded default. Exists only while mail goes to files."""

from __future__ import annotations

import ipaddress

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.email.backend import read_mail, written_mails


def mail_list(request: HttpRequest) -> HttpResponse:
    _only_here(request)
    return render(request, "devmail/list.html", {"mails": written_mails()})


def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    mail = _mail(request, name)
    text = mail.get_body(("plain",))
    headers = [(key, value) for key, value in mail.items() if not key.lower().startswith("content-")]
    context = {"name": name, "mail": mail, "headers": headers, "text": text.get_content() if text else ""}
    return render(request, "devmail/detail.html", context)


@csp_replace({"default-src": "'none'", "style-src": "'unsafe-inline'", "sandbox": "allow-popups"})  # type: ignore[arg-type]
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    markup = _mail(request, name).get_body(("html",))
    return HttpResponse(markup.get_content() if markup else "This mail has no HTML part.")


def _mail(request: HttpRequest, name: str):  # type: ignore[no-untyped-def]
    _only_here(request)
    try:
        return read_mail(name)
    except FileNotFoundError as error:
        raise Http404 from error


def _only_here(request: HttpRequest) -> None:
    """Mails hold sign-in codes: answer only a browser on this machine, and only where mail goes to files."""
    is_local = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0").is_loopback  # noqa: S104 - no binding  # nosec B104
    if "HTTP_X_FORWARDED_FOR" in request.META or not is_local:
        raise Http404
    if settings.EMAIL_BACKEND != "integrations.email.backend.FileBackend":
        raise Http404
