"""Opening a ticket on behalf of a customer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from accounts.models import User
from accounts.services import find_or_create_person
from common.errors import PortalError
from common.pages import show_refusal
from tickets import services
from tickets.console import shared
from tickets.console.opening_form import NewTicketForm
from tickets.console.trail import url_after
from tickets.models import RequestForm, Ticket
from tickets.vocabulary import Channel


def new_ticket(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    offered = RequestForm.objects.offered_to(user)
    slug = request.POST.get("request_form", "") if request.method == "POST" else request.GET.get("form", "")
    chosen = next((one for one in offered if one.slug == slug), None)
    given: dict[str, Any] = {"areas": shared.choices(request).areas, "offered": offered, "chosen": chosen}
    form = NewTicketForm(request.POST if request.method == "POST" else None, **given)
    status = 200
    if form.is_bound and form.is_choosing:
        form = NewTicketForm(initial=form.typed(), **given)
    elif form.is_bound:
        status = 422
        if form.is_valid():
            try:
                ticket = open_for_customer(form, by=user)
            except PortalError as refusal:
                status = show_refusal(form, refusal, names=form.names())
            else:
                messages.success(request, f"{ticket.reference} was opened for {ticket.requester}.")
                return HttpResponseRedirect(url_after(ticket, None, user))
    context = {**site_context, "title": "New ticket", "form": form}
    return TemplateResponse(request, "console/new_ticket.html", context, status=status)


@transaction.atomic
def open_for_customer(form: NewTicketForm, *, by: User) -> Ticket:
    """Open the ticket of the valid form, once however often the form is sent, and return it."""
    sent = form.cleaned_data

    def work() -> Ticket:
        person = find_or_create_person(email=sent["email"], name=sent["name"], by=by)
        return services.open_ticket(requester=person, by=by, channel=Channel.CONSOLE, **form.ticket_fields())

    return services.once_per_form(sent["token"], work)
