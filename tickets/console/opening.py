"""Opening a ticket on behalf of a customer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from accounts.models import ProductArea, User
from accounts.services import find_or_create_person
from common.errors import PortalError
from common.pages import show_refusal
from tickets import services
from tickets.console import shared
from tickets.console.forms import NewTicketForm
from tickets.console.trail import url_after
from tickets.models import Ticket
from tickets.vocabulary import Channel


def new_ticket(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    form = NewTicketForm(request.POST if request.method == "POST" else None, areas=shared.choices(request).areas)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                ticket = open_for_customer(form.cleaned_data, by=request.user)  # type: ignore[arg-type]
            except PortalError as refusal:
                status = show_refusal(form, refusal, names={"customer_email": "email"})
            else:
                messages.success(request, f"{ticket.reference} was opened for {ticket.requester}.")
                return HttpResponseRedirect(url_after(ticket, None, request.user))  # type: ignore[arg-type]
    context = {**site_context, "title": "New ticket", "form": form}
    return TemplateResponse(request, "console/new_ticket.html", context, status=status)


@transaction.atomic
def open_for_customer(fields: dict[str, Any], *, by: User) -> Ticket:
    """Open the ticket of the form, once however often the form is sent, and return it."""

    def work() -> Ticket:
        person = find_or_create_person(email=fields["email"], name=fields["name"], by=by)
        return services.open_ticket(
            subject=fields["subject"],
            description=fields["description"],
            requester=person,
            by=by,
            channel=Channel.CONSOLE,
            priority=fields["priority"] or None,
            product_area=ProductArea.objects.filter(pk=fields["product_area"] or 0).first(),
        )

    return services.once_per_form(fields["token"], work)
