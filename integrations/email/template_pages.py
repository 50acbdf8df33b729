"""What mails say, in the console: the list, and writing own words with a preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from common.console import CONTROL, require
from common.errors import PortalError
from common.pages import show_refusal
from integrations.email.models import MailTemplate
from integrations.email.templating import EDITABLE, reset_template, save_template, try_out
from integrations.email.wording import FILTERS, VARIABLES, WORDS_MOST

VIEW, CHANGE = "integrations.view_mailtemplate", "integrations.change_mailtemplate"
# What stands in the form before somebody writes own words.
STARTS = {
    "ticket_received": (
        "[{{ reference }}] {{ subject }}",
        """Hello {{ name }}, we have your request. Its reference is **{{ reference }}**.

You can add to it with the button below: it shows everything that happens and needs no account.

What you wrote:

{{ message }}""",
    ),
    "new_message": ("[{{ reference }}] {{ subject }}", "**{{ who }}** wrote:\n\n{{ message }}"),
    "ticket_solved": (
        "[{{ reference }}] Solved: {{ subject }}",
        "**{{ who }}** marked this ticket as solved.\n\nIf it is not, say so on its page: that opens it again.",
    ),
    "status_changed": (
        "[{{ reference }}] {{ subject }}",
        "The status of your ticket has changed: **{{ status }}**.",
    ),
    "satisfaction_survey": (
        "[{{ reference }}] How good was our help?",
        "Hello {{ name }}, your ticket was solved. How good was our help? Choose a face; you can add a comment then.",
    ),
    "tracking_link": (
        "[{{ reference }}] {{ subject }}",
        "You asked for the link to your ticket. Here it is. If it was not you, there is nothing to do.",
    ),
}


class WordsForm(forms.Form):
    subject = forms.CharField(max_length=200, widget=forms.TextInput(attrs=CONTROL))
    words = forms.CharField(
        label="Words",
        max_length=WORDS_MOST,
        help_text="Markdown. The frame, the button and the status below stay as they are.",
        widget=forms.Textarea(attrs={**CONTROL, "rows": 14}),
    )


@require_safe
def mail_list(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    require(request, VIEW)
    own = {(row.name, row.language): row for row in MailTemplate.objects.all()}
    rows = [
        (_title(name), language, own.get((name, code)), reverse("admin:integrations_mail", args=[name, code]))
        for name in EDITABLE
        for code, language in settings.LANGUAGES
    ]
    context = {**site_context, "title": "Mails", "rows": rows}
    return TemplateResponse(request, "console/mails/list.html", context)


def mail_page(request: HttpRequest, name: str, language: str, site_context: dict[str, Any]) -> HttpResponse:
    """Show what a mail says, try out other words, keep them, or go back to the built-in ones."""
    require(request, CHANGE)
    if name not in EDITABLE or language not in dict(settings.LANGUAGES):
        raise Http404
    row = MailTemplate.objects.filter(name=name, language=language).first()
    if request.method == "POST" and request.POST.get("deed") == "reset":
        reset_template(name, language, by=_person(request))
        messages.success(request, "The built-in words are sent again.")
        return HttpResponseRedirect(request.path)
    start = (row.subject, row.words) if row else STARTS[name]
    form = WordsForm(request.POST or None, initial=dict(zip(("subject", "words"), start, strict=True)))
    status, preview = 200, None
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                preview = try_out(**form.cleaned_data, name=name)
                if request.POST.get("deed") == "save":
                    save_template(name, language, by=_person(request), **form.cleaned_data)
                    messages.success(request, "Saved. The next mail is sent in these words.")
                    return HttpResponseRedirect(request.path)
                status = 200
            except PortalError as refusal:
                status = show_refusal(form, refusal)
    context = {
        **site_context,
        "title": _title(name),
        "form": form,
        "row": row,
        "preview": preview,
        "variables": VARIABLES.items(),
        "filters": ", ".join(sorted(FILTERS)),
        "list_url": reverse("admin:integrations_mails"),
    }
    return TemplateResponse(request, "console/mails/edit.html", context, status=status)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _person(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


PAGES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("integrations/mails/", mail_list, "integrations_mails"),
    ("integrations/mails/<slug:name>/<slug:language>/", mail_page, "integrations_mail"),
]
