"""Applying a macro to a ticket: choose one, see what it would change, correct its words, apply it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from common import journal
from common.console import CONTROL, change_url, require
from common.errors import NotFound, PortalError
from common.pages import show_refusal
from tickets import events, services
from tickets.access import ticket_for
from tickets.automation.wording import TEXT_MOST
from tickets.console.trail import Trail, onward_from, ticket_url, url_after
from tickets.models import Macro, Ticket


class ApplyForm(forms.Form):
    """version: of the ticket whose preview was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reply = forms.CharField(
        label="Words", max_length=TEXT_MOST, required=False, widget=forms.Textarea({**CONTROL, "rows": 8})
    )


def macro_use_page(request: HttpRequest, number: str, site_context: dict[str, Any]) -> HttpResponse:
    require(request, "tickets.work_ticket")
    by: User = request.user  # type: ignore[assignment]
    try:
        ticket = ticket_for(by, number)
    except NotFound as error:
        raise Http404 from error
    trail = Trail.read(request.GET)
    usable = Macro.objects.usable_by(by).select_related("team")
    chosen = request.GET.get("macro", "")
    macro = usable.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    form, preview, status = None, None, 200
    try:
        if macro is not None:
            preview = services.preview_macro(macro, ticket, by=by)
            form = ApplyForm(request.POST or None, initial={"version": ticket.version, "reply": preview.reply})
            if form.is_bound:
                status = 422
                if form.is_valid():
                    facts = form.cleaned_data
                    said = {"reply": facts["reply"], "expected_version": facts["version"]}
                    services.apply_macro_and_hold(macro, ticket, by=by, **said)
                    messages.success(request, _applied_words(macro, ticket, by))
                    return HttpResponseRedirect(onward_from(ticket, trail, request) or url_after(ticket, trail, by))
    except PortalError as refusal:
        status = refusal.http_status
        if form is not None:
            show_refusal(form, refusal)
        else:
            messages.error(request, refusal.message)
    context = {
        **site_context,
        "title": "Apply a macro",
        "ticket": ticket,
        "ticket_url": ticket_url(ticket, trail),
        "trail": trail,
        "macros": usable,
        "macro": macro,
        "preview": preview,
        "form": form,
    }
    return TemplateResponse(request, "console/rules/apply.html", context, status=status)


def _applied_words(macro: Macro, ticket: Ticket, by: User) -> SafeString:
    """Say that it was applied, with the way to take it back."""
    own = journal.timeline(ticket).filter(kind=events.MACRO_APPLIED.name, actor_id=by.pk)
    event = own.order_by("-pk").values_list("pk", flat=True)[0]
    url = f"{change_url(ticket)}?undo={event}#undo-macro"
    return format_html('“{}” was applied to {}. <a href="{}">Take it back</a>', macro, ticket.reference, url)
