"""What the ticket's page says by itself while it is open: that somebody is there, and what they have written so far."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from accounts.models import User
from common import journal
from common.console import change_url
from common.errors import Conflict, Invalid
from common.journal import Event
from common.richtext import render as render_text
from common.templatetags.portal import fit_in
from tickets import services
from tickets.access import may_work
from tickets.console.conversation import UNTOLD
from tickets.console.timeline import line
from tickets.models import Ticket
from tickets.services.text import BODY_CHARACTERS_MOST
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
    sending = ticket.held_replies.filter(refusal="").exclude(author=user).select_related("author")
    told = [line(event) for event in news.filter(pk__gt=int(seen)).order_by("pk")[:NEWS_MOST]] if is_known else []
    return render(
        request, "console/ticket/beside.html", {"others": others, "sending": sending, "news": told, "ticket": ticket}
    )


@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what is written as its reader will see it."""
    _at_work(request, pk)
    return HttpResponse(fit_in(render_text(request.POST.get("body", "")[:BODY_CHARACTERS_MOST]), 3))


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is written so far, and answer when that was; discard it where nothing is left of it."""
    user, ticket = _at_work(request, pk)
    kind = MessageKind.INTERNAL_NOTE if request.POST.get("mode") == "note" else MessageKind.PUBLIC_REPLY
    body, token = request.POST.get("body", ""), _token(request.POST.get("token", ""))
    kept = services.save_draft(ticket, by=user, kind=kind, body=body, token=token)
    return render(request, "console/ticket/draft.html", {"draft": kept})


@require_POST
def undo_send(request: HttpRequest, pk: int, held: int) -> HttpResponse:
    """Take a reply back into the composer, above what is written there now, which the composer sends along."""
    user, ticket = _at_work(request, pk)
    written, is_note = request.POST.get("body", ""), request.POST.get("mode") == "note"
    keep_files(request, ticket, request.FILES.getlist("files"))
    try:
        services.undo_send(ticket, held, by=user, written=written, is_note=is_note)
        messages.success(request, "Your reply is back. Nobody has seen it.")
    except Conflict as refusal:
        kind = MessageKind.INTERNAL_NOTE if is_note else MessageKind.PUBLIC_REPLY
        services.save_draft(ticket, by=user, kind=kind, body=written)
        messages.error(request, refusal.message)
    return HttpResponseRedirect(f"{change_url(ticket)}#composer")


def keep_files(request: HttpRequest, ticket: Ticket, files: Sequence[UploadedFile]) -> list[str]:
    """Keep files that were sent along for the composer as it is shown again, and return their uids.

    A browser forgets which ones were chosen. What cannot be attached is said.
    """
    user: User = request.user  # type: ignore[assignment]
    kept = []
    for file in files:
        try:
            kept += [str(row.uid) for row in services.keep_files(ticket, [file], by=user)]
        except Invalid as refusal:
            messages.error(request, refusal.message)
    return kept


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
