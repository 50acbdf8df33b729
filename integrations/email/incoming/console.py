"""A mail in the console: what it says, what speaks for and against its sender, and what an agent makes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from common.console import ConsoleAdmin, LinesField, add_pages, change_url, require
from common.errors import Invalid, PortalError
from common.richtext import render
from integrations import services
from integrations.console.incoming import LOOKS
from integrations.email.incoming import deciding, finding, intake, markup
from integrations.email.incoming.composing import compose
from integrations.email.incoming.mail import Mail
from integrations.email.incoming.models import InboundMail, MailboxAddress
from integrations.email.incoming.redacting import without_secrets
from integrations.email.incoming.showing import warning
from integrations.inbound import Unusable
from integrations.models import InboundEvent
from tickets.access import may_work, ticket_for
from tickets.models import Message, Ticket

SEE = "integrations.view_inboundevent"
ACT = "integrations.replay"
# Nothing runs, nothing is sent, and nothing is fetched: an image tells its owner who reads, and when.
BARE = {
    "default-src": "'none'",
    "script-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "'none'",
    "sandbox": "allow-popups",
}
WITH_IMAGES = {**BARE, "img-src": "https: http:"}


class AcceptForm(forms.Form):
    """As a message of whom, on which ticket."""

    reference = forms.CharField(label="Ticket", max_length=30)
    person = forms.ModelChoiceField(
        User.objects.none(), required=False, label="As a message of", empty_label="The requester"
    )

    def __init__(self, *args: Any, ticket: Ticket | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].initial = ticket.reference if ticket else ""
        people = [ticket.requester_id, *ticket.followers.values_list("person", flat=True)] if ticket else []
        self.fields["person"].queryset = User.objects.filter(pk__in=people)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def mail_page(request: HttpRequest, number: int, site_context: dict[str, Any]) -> HttpResponse:
    """Show a mail; a POST makes of it what the agent decided."""
    row = _row(request, number)
    mail, reason = _read(row)
    found = finding.find_ticket(mail).ticket if mail else None
    form = AcceptForm(request.POST if "accept" in request.POST else None, ticket=found)
    status = 200
    if request.method == "POST":
        require(request, ACT)
        try:
            return HttpResponseRedirect(_decide(request, row, form))
        except PortalError as refusal:
            messages.error(request, refusal.message)
            status = refusal.http_status
    by: User = request.user  # type: ignore[assignment]
    context = {
        **site_context,
        "title": "Mail",
        "row": row,
        "look": (*LOOKS[InboundEvent.State(row.state)], row.get_state_display()),
        "mail": mail,
        "reason": reason,
        "warning": warning(mail.authentication) if mail and mail.authentication.is_failing else "",
        "form": form,
        "list_url": reverse("admin:integrations_inboundevent_changelist"),
        "ticket_url": change_url(row.ticket) if row.ticket else "",
        "raw_url": reverse("admin:inbound_mail_raw", args=[row.pk]),
        "html_url": reverse("admin:inbound_mail_html", args=[row.pk]),
        "may_decide": by.has_perm(ACT) and may_work(by) and _is_open(row),
        "may_act": by.has_perm(ACT) and row.state != InboundEvent.State.RECEIVED,
        **(_said(mail) if mail else {}),
    }
    return TemplateResponse(request, "console/mail/page.html", context, status=status)


def _is_open(row: InboundEvent) -> bool:
    return row.state in deciding.DECIDABLE and not InboundMail.objects.filter(event=row).exists()


def _said(mail: Mail) -> dict[str, Any]:
    """Return what the mail says, as a message would show it."""
    composed = compose(mail, is_opening=False)
    return {
        "body": render(composed.body),
        "folded": render(composed.quoted) if composed.quoted else "",
        "facts": [(name, value) for name, value in _facts(mail) if value],
    }


def _facts(mail: Mail) -> list[tuple[str, str]]:
    sender = f"{mail.sender.name} <{mail.sender.email}>".strip() if mail.sender else "Nobody, or several"
    return [
        ("From", sender),
        ("To", ", ".join(one.email for one in mail.recipients[:20])),
        ("Delivered to", ", ".join(without_secrets(one) for one in mail.delivered_to[:10])),
        ("Sent", mail.sent_at.strftime("%d %b %Y, %H:%M UTC") if mail.sent_at else "It does not say"),
        ("Checks of the sender", mail.authentication.words or "The receiving server says nothing"),
        ("Written by a machine", mail.automatic.why),
        ("Mailing list", mail.list_id),
        ("Message-ID", mail.message_id if mail.has_own_message_id else "It has none"),
    ]


def _decide(request: HttpRequest, row: InboundEvent, form: AcceptForm) -> str:
    """Do what the agent chose, and return where to go on.

    Raises: PortalError.
    """
    by: User = request.user  # type: ignore[assignment]
    deed = next((name for name in ("accept", "open", "replay", "discard") if name in request.POST), "")
    if deed == "accept":
        return _done(request, _accept(row, form, by))
    if deed == "open":
        return _done(request, deciding.open_from_mail(row, by=by))
    if deed not in ("replay", "discard"):
        raise Http404
    act = services.replay if deed == "replay" else services.discard
    act(row, by=by)
    messages.success(request, "It is on its way again." if deed == "replay" else "It is put aside.")
    return reverse("admin:inbound_mail", args=[row.pk])


def _accept(row: InboundEvent, form: AcceptForm, by: User) -> Message:
    if not form.is_valid():
        raise Invalid(" ".join(str(error) for errors in form.errors.values() for error in errors))
    ticket = ticket_for(by, form.cleaned_data["reference"])
    person = form.cleaned_data["person"] or ticket.requester
    return deciding.accept_as_message(row, ticket, person=person, by=by)


def _done(request: HttpRequest, message: Message) -> str:
    messages.success(request, f"It is a message of {message.ticket.reference} now.")
    return f"{change_url(message.ticket)}#message-{message.pk}"


@require_safe
def raw_mail(request: HttpRequest, number: int, site_context: dict[str, Any]) -> HttpResponse:
    """Give the mail as it came, to be saved and never shown."""
    row = _row(request, number)
    answer = HttpResponse(bytes(row.body), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="mail-{row.pk}.eml"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
def html_original(request: HttpRequest, number: int, site_context: dict[str, Any]) -> HttpResponse:
    """Show the HTML of a mail, cleaned, in a page where nothing can run; its images only when asked for."""
    mail, _reason = _read(_row(request, number))
    if mail is None or not mail.html:
        raise Http404
    with_images = request.GET.get("images") == "1"
    html = markup.shown_html(without_secrets(mail.html), with_images=with_images)
    context = {"html": html, "subject": mail.subject, "with_images": with_images, "path": request.path}
    answer = TemplateResponse(request, "console/mail/original.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    answer._csp_replace = WITH_IMAGES if with_images else BARE  # type: ignore[attr-defined]
    return answer


def _row(request: HttpRequest, number: int) -> InboundEvent:
    require(request, SEE)
    row = InboundEvent.objects.select_related("ticket").filter(pk=number, source="email").first()
    if row is None:
        raise Http404
    return row


def _read(row: InboundEvent) -> tuple[Mail | None, str]:
    """Return the mail, or why it cannot be read."""
    try:
        return intake.read(row), ""
    except Unusable as reason:
        return None, str(reason)


class MailboxAddressForm(forms.ModelForm):
    tags = LinesField(required=False, help_text="One a line; every ticket that comes by this address gets them.")

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).lower()


@admin.register(MailboxAddress)
class MailboxAddressAdmin(ConsoleAdmin):
    form = MailboxAddressForm
    list_display = ("address", "team", "product_area")
    list_select_related = ("team", "product_area")
    search_fields = ("address",)
    fields = ("address", "team", "product_area", "tags")


add_pages(
    [
        ("integrations/mail/<int:number>/", mail_page, "inbound_mail"),
        ("integrations/mail/<int:number>/raw", raw_mail, "inbound_mail_raw"),
        ("integrations/mail/<int:number>/html", html_original, "inbound_mail_html"),
    ]
)
