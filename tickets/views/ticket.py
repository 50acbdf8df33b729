"""One ticket as its customers see it, and what they can do with it. Every view serves both doors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import NotAllowed, PortalError
from common.pages import show_refusal
from tickets import services
from tickets.downloads import file_response
from tickets.forms import ColleagueForm, ReplyForm
from tickets.intake import add_colleague
from tickets.models import Survey, Ticket
from tickets.satisfaction.forms import RatingForm
from tickets.satisfaction.showing import PREFIX, offer
from tickets.views.conversation import ticket_context
from tickets.views.doors import Visit
from tickets.vocabulary import Channel, Status

Deed = Callable[..., Ticket]


@require_GET
def ticket_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _show(request, visit, ReplyForm())


@require_POST
def reply(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Send what was written; the button "solved" also ends the ticket, and needs no words."""
    _refuse_onlooker(visit)
    form = ReplyForm(request.POST, request.FILES)
    wants_solved = "solve" in request.POST
    if wants_solved and not request.POST.get("body", "").strip() and not request.FILES and not form.kept_files:
        return solve(request, visit)
    if not form.is_valid():
        form.keep_files()
        return _show(request, visit, form, status=422)
    try:
        ticket = services.once_per_form(form.form_token(), lambda: _post(visit, form, wants_solved))
    except PortalError as refusal:
        status = show_refusal(form, refusal, names={"file": "attachments", "files": "attachments"})
        form.keep_files()
        return _show(request, visit, form, status=status)
    finally:
        form.close()
    messages.success(request, _words_after_reply(visit.ticket, ticket))
    return redirect(visit.url() if ticket.pk == visit.ticket.pk else visit.elsewhere(ticket))


@require_POST
def solve(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    return _do(request, visit, services.solve_ticket, "Thank you. The ticket is solved.")


@require_POST
def reopen(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    return _do(request, visit, services.reopen_ticket, "The ticket is open again. Tell us below what is still wrong.")


@require_POST
def rate(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Record how good the help was, and go back to where it is shown."""
    _refuse_onlooker(visit)
    form = RatingForm(request.POST, auto_id=PREFIX)
    if form.is_valid():
        said = {**form.said(), "by": visit.person, "via": Survey.Via.PORTAL}
        try:
            services.rate_ticket(visit.ticket, **said, via_link=visit.via_link)
        except PortalError as refusal:
            visit.ticket.refresh_from_db()
            return _show(request, visit, ReplyForm(), status=refusal.http_status, refusal=refusal.message)
        return redirect(f"{visit.url()}#satisfaction")
    return _show(request, visit, ReplyForm(), status=422, rating_form=form)


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Ask first, for whoever has no JavaScript to show the question in place; then withdraw the ticket."""
    if request.method == "POST":
        return _do(request, visit, services.cancel_ticket, "The ticket is cancelled. Nobody works on it any more.")
    return render(
        request, "tickets/cancel.html", {"visit": visit, "ticket": visit.ticket, "is_link_page": visit.via_link}
    )


@require_http_methods(["GET", "POST"])
def add_person(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    _refuse_onlooker(visit)
    form = ColleagueForm(request.POST or None)
    status = 200 if request.method == "GET" else 422
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            person = add_colleague(visit.ticket, email=email, by=visit.person, via_link=visit.via_link)
        except PortalError as refusal:
            status = show_refusal(form, refusal, names={"customer_email": "email"})
        else:
            messages.success(request, f"{person.name} now sees this ticket and gets its emails.")
            return redirect(visit.url())
    context = {"visit": visit, "ticket": visit.ticket, "form": form, "is_link_page": visit.via_link}
    return render(request, "tickets/add_person.html", context, status=status)


@require_POST
def remove_person(request: HttpRequest, visit: Visit, person_id: int) -> HttpResponseBase:
    follower = visit.ticket.followers.select_related("person").filter(person=person_id).first()
    if follower is None:
        return redirect(visit.url())
    services.remove_follower(visit.ticket, follower.person, by=visit.person)
    if follower.person_id == visit.person.pk:
        messages.success(request, f"You no longer follow {visit.ticket.reference}.")
        return redirect("ticket-list")
    messages.success(request, f"{follower.person.name} no longer sees this ticket.")
    return redirect(visit.url())


@require_GET
def download(request: HttpRequest, visit: Visit, uid: Any) -> HttpResponseBase:
    """Hand out a file of this ticket: by the link only what its customers see."""
    files = visit.attachments()
    allowed = files.public() if visit.via_link else files.visible_to(visit.person)
    attachment = allowed.filter(uid=uid).first()
    if attachment is None:
        return render(request, "404.html", status=404)
    return file_response(attachment)


def _show(
    request: HttpRequest,
    visit: Visit,
    form: ReplyForm,
    *,
    status: int = 200,
    refusal: str = "",
    rating_form: RatingForm | None = None,
) -> HttpResponse:
    told = {"form": form, "refusal": refusal, "satisfaction": offer(visit, rating_form)}
    context = ticket_context(visit) | told
    return render(request, "tickets/ticket.html", context, status=status)


def _do(request: HttpRequest, visit: Visit, deed: Deed, words: str) -> HttpResponseBase:
    """Do one deed and go back to the ticket, or show the ticket as it is now with what was refused."""
    _refuse_onlooker(visit)
    try:
        deed(visit.ticket, by=visit.person, via_link=visit.via_link)
    except PortalError as refusal:
        visit.ticket.refresh_from_db()
        return _show(request, visit, ReplyForm(), status=refusal.http_status, refusal=refusal.message)
    messages.success(request, words)
    return redirect(visit.url())


def _post(visit: Visit, form: ReplyForm, wants_solved: bool) -> Ticket:
    message = services.post_customer_message(
        visit.ticket,
        body=form.cleaned_data["body"],
        files=form.uploads(),
        by=visit.person,
        channel=Channel.WEB,
        via_link=visit.via_link,
    )
    if wants_solved and message.ticket.pk == visit.ticket.pk:
        return services.solve_ticket(message.ticket, by=visit.person, via_link=visit.via_link)
    return message.ticket


def _words_after_reply(before: Ticket, after: Ticket) -> str:
    if after.pk == before.pk:
        return (
            "Your message was sent. The ticket is solved."
            if after.status == Status.SOLVED
            else "Your message was sent."
        )
    if before.merged_into_id:
        return f"Your message was added to {after.reference}, where this continues."
    state = before.status_look.customer_words.lower()
    return f"{before.reference} is {state}, so your message opened {after.reference}, which follows it up."


def _refuse_onlooker(visit: Visit) -> None:
    if visit.is_onlooker:
        raise NotAllowed("This is the customer's page. Answer and change the ticket in the console.")
