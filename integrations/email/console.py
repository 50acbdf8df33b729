"""What the console shows of mail that does not arrive: beside a ticket, and as a list of addresses held back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from accounts.models import User
from accounts.slots import PERSON_NOTICES
from common.console import ConsoleAdmin, ReadOnly, change_url, changelist_url, glyph_and_word, moment
from common.errors import PortalError
from integrations.email.models import MailEvent, SuppressedAddress
from integrations.email.suppressing import lift_suppression, suppressed
from tickets.models import Ticket
from tickets.slots import Panel, add_panel

LOOKS = {
    MailEvent.Kind.ACCEPTED: ("blue", "clock"),
    MailEvent.Kind.DEFERRED: ("amber", "clock"),
    MailEvent.Kind.DELIVERED: ("green", "circle-check"),
    MailEvent.Kind.BLOCKED: ("amber", "triangle-alert"),
    MailEvent.Kind.BOUNCED: ("red", "octagon-alert"),
    MailEvent.Kind.DROPPED: ("red", "octagon-alert"),
    MailEvent.Kind.COMPLAINED: ("red", "octagon-alert"),
}
MAILS_SHOWN = 8
LIFT = ActionDialog(
    title="Let mail go to this address again?",
    description="What was held back is sent now. Where mail still does not arrive, the address is held back again.",
    form_class=None,
    form_submit_text="Send again",
)


def ticket_panel(ticket: Ticket, reader: User) -> dict[str, Any] | None:
    """Return what became of a ticket's mails, and who of its people is sent nothing; None where all went well."""
    found = MailEvent.objects.filter(
        delivery__event__subject_type=Ticket._meta.label_lower, delivery__event__subject_id=ticket.pk
    ).select_related("delivery__event")
    latest = {row.delivery_id: row for row in found.order_by("occurred_at", "id")}
    newest = sorted(latest.values(), key=lambda row: row.occurred_at, reverse=True)[:MAILS_SHOWN]
    held_back = _held_back(ticket)
    if not newest and not held_back:
        return None
    return {
        "held_back": [(row, change_url(row)) for row in held_back],
        "rows": [
            (row, LOOKS[MailEvent.Kind(row.kind)], _what(row), change_url(row.delivery) if row.delivery else "")
            for row in newest
        ],
    }


def _held_back(ticket: Ticket) -> list[SuppressedAddress]:
    """Return who of a ticket's people is sent nothing."""
    followers = User.objects.filter(followed_tickets__ticket=ticket).values(address=Lower("email"))
    found = Q(address=ticket.requester.email.lower()) | Q(address__in=followers)
    return list(SuppressedAddress.objects.filter(found).order_by("address"))


def _what(row: MailEvent) -> str:
    return row.delivery.template.replace("_", " ") if row.delivery else "mail"


@admin.register(SuppressedAddress)
class SuppressedAddressAdmin(ReadOnly, ConsoleAdmin):
    list_display = ("address", "cause_look", "reason", "since")
    list_filter = ("cause",)
    list_filter_submit = False
    search_fields = ("address",)
    ordering = ("-suppressed_at",)
    actions_detail = ("lift",)
    fields = readonly_fields = ("address", "cause_look", "reason", "since")

    def has_lift_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("integrations.redeliver")

    @display(description="Why", ordering="cause")
    def cause_look(self, row: SuppressedAddress) -> str:
        return glyph_and_word("red", "octagon-alert", row.get_cause_display())

    @display(description="Since", ordering="suppressed_at")
    def since(self, row: SuppressedAddress) -> str:
        return moment(row.suppressed_at)

    @action(description="Send again", permissions=["lift"], dialog=LIFT)
    def lift(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        row = SuppressedAddress.objects.filter(pk=object_id).first()
        if row is not None:
            try:
                count = lift_suppression(row, by=request.user)  # type: ignore[arg-type]
            except PortalError as refusal:
                messages.error(request, refusal.message)
            else:
                again = f" {count} {'mail is' if count == 1 else 'mails are'} on the way." if count else ""
                messages.success(request, f"Mail goes to {row.address} again.{again}")
        return redirect(changelist_url(SuppressedAddress))


def person_notices(people: Sequence[User]) -> dict[int, SafeString]:
    """Return for each person whose address is sent nothing words that say so, with the way to change it."""
    held_back = suppressed(person.email for person in people)
    words = 'Nothing is mailed to {}: {}. <a href="{}">Send again</a>'
    return {
        person.pk: format_html(words, row.address, row.get_cause_display().lower(), change_url(row))
        for person in people
        if (row := held_back.get(person.email.lower()))
    }


add_panel(Panel("mail", "Mail", "integrations.view_delivery", "console/ticket/mail.html", ticket_panel))
PERSON_NOTICES.sign_in(person_notices)
