"""What the ticket's page says by itself while it is open: that somebody is there, and what they have written so far."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from accounts.models import User
from common import journal
from common.journal import Event
from tickets import services
from tickets.access import may_work
from tickets.console.conversation import UNTOLD
from tickets.console.timeline import line
from tickets.models import Ticket
from tickets.vocabulary import MessageKind

# Opening a secret link is no news; a message is, though the conversation tells it without a line of its own.
QUIET = {name for name in UNTOLD if not name.startswith("message.")}
NEWS_MOST = 5


@require_POST
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the person is there, writing or not, and answer who else is, and what happened since `seen`."""
    user, ticket = _at_work(request, pk)
    if "leaving" in request.POST:
        services.leave_ticket(ticket, by=user)
        return HttpResponse(status=204)
    others = services.note_presence(ticket, by=user, is_composing=request.POST.get("composing") == "1")
    seen = request.POST.get("seen", "")
    news = journal.timeline(ticket).exclude(kind__in=QUIET).exclude(actor_kind=Event.ActorKind.PERSON, actor_id=user.pk)
    is_known = seen.isascii() and seen.isdecimal() and len(seen) < 19
    told = [line(event) for event in news.filter(pk__gt=int(seen)).order_by("pk")[:NEWS_MOST]] if is_known else []
    return render(request, "console/ticket/beside.html", {"others": others, "news": told, "ticket": ticket})


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is written so far, and answer when that was; discard it where nothing is left of it."""
    user, ticket = _at_work(request, pk)
    kind = MessageKind.INTERNAL_NOTE if request.POST.get("mode") == "note" else MessageKind.PUBLIC_REPLY
    body, token = request.POST.get("body", ""), _token(request.POST.get("token", ""))
    kept = services.save_draft(ticket, by=user, kind=kind, body=body, token=token)
    return render(request, "console/ticket/draft.html", {"draft": kept})


def _token(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _at_work(request: HttpRequest, pk: int) -> tuple[User, Ticket]:
    user: User = request.user  # type: ignore[assignment]
    if not may_work(user):
        raise PermissionDenied
    ticket = get_object_or_404(Ticket.objects.visible_to(user), pk=pk)
    if not may_work(user, ticket):
        raise PermissionDenied
    return user, ticket
