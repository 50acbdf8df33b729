"""The two doors to a ticket: signed in by its reference, or without an account by its secret link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from common.errors import NotFound
from common.pages import page
from tickets import services
from tickets.access import may_work
from tickets.models import Attachment, Ticket
from tickets.querysets import AttachmentQuerySet

SHOWN_WITH = ("label", "requester", "organization", "assignee", "product_area", "merged_into")


@dataclass(frozen=True)
class Visit:
    """Somebody at a ticket. token: of the secret link they came by, empty for whoever is signed in."""

    person: User
    ticket: Ticket
    token: str = ""

    @property
    def via_link(self) -> bool:
        return bool(self.token)

    @property
    def is_onlooker(self) -> bool:
        """Whether this is the support team looking at a customer's page: it answers in the console."""
        return not self.via_link and self.person.pk != self.ticket.requester_id and may_work(self.person)

    def url(self, name: str = "", *args: Any) -> str:
        """Return the address of the ticket's page, or of one of its deeds, behind the same door."""
        if self.via_link:
            return reverse(f"tracking-{name}" if name else "tracking", args=[self.token, *args])
        return reverse(f"ticket-{name or 'detail'}", args=[self.ticket.reference, *args])

    @property
    def page_url(self) -> str:
        return self.url()

    @property
    def reply_url(self) -> str:
        return self.url("reply")

    @property
    def reopen_url(self) -> str:
        return self.url("reopen")

    @property
    def cancel_url(self) -> str:
        return self.url("cancel")

    @property
    def people_url(self) -> str:
        return self.url("people")

    @property
    def merged_url(self) -> str:
        return self.elsewhere(self.ticket.merged_into) if self.ticket.merged_into else ""

    def elsewhere(self, ticket: Ticket) -> str:
        """Return the address of another ticket of the same person, behind the same door."""
        token = services.tracking_token(ticket, self.person) if self.via_link else ""
        return Visit(self.person, ticket, token).url()

    def attachments(self) -> AttachmentQuerySet:
        return Attachment.objects.filter(ticket=self.ticket)


VisitView = Callable[..., HttpResponseBase]


def signed_in(view: VisitView) -> Callable[..., HttpResponseBase]:
    """Open the ticket named by `reference` to whoever is signed in and may see it."""

    @wraps(view)
    def answer(request: HttpRequest, /, reference: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            # After signing in a deed cannot be repeated, so the way leads to the ticket.
            is_page = request.method == "GET"
            return redirect_to_login(request.get_full_path() if is_page else reverse("ticket-detail", args=[reference]))
        response = view(request, Visit(request.user, _ticket_for(request.user, reference)), **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return page(answer)


def by_link(view: VisitView) -> Callable[..., HttpResponseBase]:
    """Open the ticket to whoever holds its secret link, in the name of the person it was made for.

    Exempt from the CSRF check: under no-referrer a browser sends "Origin: null", which that check refuses,
    and the deed rests on the secret in the address alone, which another site cannot know, on no cookie.
    """
    guarded = page(view)

    @wraps(view)
    def answer(request: HttpRequest, /, token: str, **kwargs: Any) -> HttpResponseBase:
        link = services.open_tracking_link(token)
        if link is None:
            response: HttpResponseBase = link_gone(request)
        else:
            if request.method == "GET":
                services.record_link_opened(link)
            timezone.activate(link.person.zone_name)  # nobody is signed in whose zone it could be
            ticket = Ticket.objects.select_related(*SHOWN_WITH).get(pk=link.ticket_id)
            response = guarded(request, Visit(link.person, ticket, token), **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return csrf_exempt(answer)


def _ticket_for(user: User, reference: str) -> Ticket:
    """Return the ticket with what its page shows; else NotFound, also where it is somebody else's."""
    ticket = Ticket.objects.visible_to(user).with_reference(reference).select_related(*SHOWN_WITH).first()
    if ticket is None:
        raise NotFound("There is no such ticket, or it is not yours to see.")
    return ticket


def link_gone(request: HttpRequest) -> HttpResponse:
    """Return the one answer to every link that does not open: wrong, expired and revoked look alike."""
    return render(request, "tickets/link_gone.html", {"is_link_page": True}, status=404)
