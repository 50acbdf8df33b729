"""Opening a ticket, what is shown right after, and the way back to one that was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from common import ratelimit
from common.errors import PortalError, TooMany
from common.pages import page, refusal_page, show_refusal
from common.time import now
from tickets import guarding, services
from tickets.deflection.offering import Typed, offered_articles
from tickets.deflection.visitors import guest_of
from tickets.fields import name_of
from tickets.forms import FindTicketForm, TicketForm
from tickets.intake import open_guest_ticket
from tickets.models import Message, RequestForm, Ticket
from tickets.slots import EXPECTATIONS, PROMISES
from tickets.views.suggesting import cards
from tickets.vocabulary import Channel

# Under this name the session says which ticket was just sent; see `sent`.
SENT = "sent_ticket"
SENT_LIFE = dt.timedelta(hours=1)


@page
@never_cache
@require_http_methods(["GET", "POST"])
def new_ticket(request: HttpRequest) -> HttpResponseBase:
    user = request.user if request.user.is_authenticated else None
    offered = RequestForm.objects.offered_to(user)
    asked = request.GET.get("form") or request.POST.get("form", "")
    chosen = next((one for one in offered if one.slug == asked), offered[0] if len(offered) == 1 else None)
    if request.method == "GET":
        if len(offered) > 1 and chosen is None:
            return render(request, "tickets/choose_form.html", {"forms": offered, "led_here": _led_here(request)})
        led_here = {"product_area": request.GET.get("topic", ""), "article": request.GET.get("article", "")}
        return _ask(request, TicketForm(user=user, request_form=chosen, initial=led_here))
    form = TicketForm(request.POST, request.FILES, user=user, request_form=chosen)
    if not form.is_valid():
        form.keep_files()
        return _ask(request, form, status=422)
    try:
        ticket = services.once_per_form(form.form_token(), lambda: _open(request, form, user))
    except TooMany as refusal:
        return refusal_page(request, refusal)
    except PortalError as refusal:
        status = show_refusal(form, refusal, names=_form_names(form))
        form.keep_files()
        return _ask(request, form, status=status)
    finally:
        form.close()
    # A guest is known here alone, and somebody who is signed in may have begun as one.
    services.note_sent(guarding.name_of(form.data.get("token", "")), visitor=guest_of(request))
    request.session[SENT] = {"ticket": ticket.pk, "at": now().isoformat(), "is_guest": user is None}
    return redirect("ticket-sent")


@require_GET
@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    """Show what was sent. To a guest the secret link and the text are shown once: the next person at this
    computer gets only the reference."""
    said = request.session.get(SENT, {})
    ticket = Ticket.objects.select_related("requester").filter(pk=said.get("ticket", 0)).first()
    is_fresh = bool(said) and now() - dt.datetime.fromisoformat(said["at"]) < SENT_LIFE
    if ticket is None or not is_fresh:
        return redirect("ticket-list" if request.user.is_authenticated else "ticket-find")
    timezone.activate(ticket.requester.zone_name)
    is_shown = not said["is_guest"] or not said.get("is_seen")
    request.session[SENT] = {**said, "is_seen": True}
    is_link_shown = said["is_guest"] and is_shown
    context = {
        "ticket": ticket,
        "message": Message.objects.filter(ticket=ticket).public().first() if is_shown else None,
        "attachments": list(ticket.attachments.public()) if is_shown else [],
        "tracking_url": services.tracking_url(ticket, ticket.requester) if is_link_shown else "",
        "promises": PROMISES.ask([ticket])[ticket.pk],
        "is_guest": said["is_guest"],
    }
    response = render(request, "tickets/sent.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@page
@never_cache
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponseBase:
    """Mail the secret link again. The answer is the same whether or not reference and address belong together."""
    form = FindTicketForm(request.POST or None, initial={"reference": request.GET.get("reference", "")})
    if request.method == "GET":
        return render(request, "tickets/find.html", {"form": form})
    if not form.is_valid():
        return render(request, "tickets/find.html", {"form": form}, status=422)
    email = form.cleaned_data["email"]
    ratelimit.limit(request, "find-ticket-ip", ratelimit.client_ip(request))
    # Counted apart from tickets, so that asking again and again for somebody cannot stop them from writing to us.
    ratelimit.limit(request, "find-ticket-email", email.lower())
    services.request_tracking_link(reference=form.cleaned_data["reference"], email=email)
    return redirect("ticket-find-sent")


@require_GET
def find_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "tickets/find_sent.html")


def _led_here(request: HttpRequest) -> str:
    """Return what the address says besides the form, to be carried on to it."""
    carried = {name: request.GET[name] for name in ("topic", "article") if request.GET.get(name)}
    return f"&{urlencode(carried)}" if carried else ""


def _ask(request: HttpRequest, form: TicketForm, *, status: int = 200) -> HttpResponse:
    subject, description, token, read = (
        str(form[name].value() or "") for name in ("subject", "description", "token", "article")
    )
    # A form that is shown for the first time holds nothing of the person's.
    articles = offered_articles(request, Typed(subject, description, token, read)) if form.is_bound else []
    told = EXPECTATIONS.ask([request.user])[request.user.pk] if request.user.is_authenticated else []
    context: dict[str, Any] = {
        "form": form,
        "suggestions": cards(articles),
        "article": form.article_of(read),
        "expectations": [row for rows in told for row in rows],
    }
    return render(request, "tickets/new.html", context, status=status)


def _open(request: HttpRequest, form: TicketForm, user: User | None) -> Ticket:
    fields = form.ticket_fields()
    if user is not None:
        return services.open_ticket(requester=user, by=user, channel=Channel.WEB, **fields)
    name, email = form.cleaned_data["name"], form.cleaned_data["email"]
    return open_guest_ticket(request, name=name, email=email, channel=Channel.WEB, **fields)


def _form_names(form: TicketForm) -> dict[str, str]:
    """Return what the form calls the members of the service."""
    custom = {f"custom_fields.{row.key}": name_of(row) for row in form.custom_rows}
    return {"customer_email": "email", "file": "attachments", "files": "attachments", **custom}
