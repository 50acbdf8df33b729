"""Where members of the support team say that they are away, until when, and who stands in for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date

from accounts import services
from accounts.models import User
from common.console import CONTROL
from common.errors import PortalError
from common.pages import show_refusal


def colleagues(person: User) -> QuerySet[User]:
    """Return who can stand in for `person`: the active members of the support team but themselves."""
    return User.objects.staff().exclude(pk=person.pk).order_by("name")


def absence_words(person: User) -> str:
    """Tell an absence in the current zone: "Away until 24 December 2026, 09:00, stand-in Bruno Costa"."""
    until = f" until {moment_words(person.away_until)}" if person.away_until else ""
    return f"Away{until}{f', stand-in {person.stand_in}' if person.stand_in else ''}"


def moment_words(instant: dt.datetime) -> str:
    return format_date(timezone.localtime(instant), "j F Y, H:i")


class AbsenceForm(forms.Form):
    until = forms.DateTimeField(
        label="Away until",
        required=False,
        widget=forms.DateTimeInput(attrs={**CONTROL, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Enter a day and a time, like 2026-12-24 09:00."},
    )
    stand_in = forms.ModelChoiceField(
        User.objects.none(),
        label="Stand-in",
        required=False,
        empty_label="Nobody",
        help_text="Is mailed what customers write on your tickets meanwhile.",
        widget=forms.Select(attrs=CONTROL),
        error_messages={"invalid_choice": "Choose somebody of the list: this person is not in the support team."},
    )

    use_required_attribute = False

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "until"
        ].help_text = (
            f"In your time zone, {person.zone_name}. Leave it empty if you do not know yet, and come back here by hand."
        )
        self.fields["stand_in"].queryset = colleagues(person)  # type: ignore[attr-defined]


def page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show how the reader's own absence stands; POST with `deed` "away" or "back" changes it."""
    person: User = request.user  # type: ignore[assignment]
    if not person.is_staff:
        raise PermissionDenied
    is_sent = request.method == "POST" and request.POST.get("deed") != "back"
    initial = {"until": person.away_until, "stand_in": person.stand_in} if person.is_away else {}
    form = AbsenceForm(request.POST if is_sent else None, person=person, initial=initial)
    status = 200
    if request.method == "POST" and not is_sent:
        services.come_back(person, by=person)
        return _told(request, "Welcome back. You are given new tickets again.")
    if is_sent:
        status = 422
        if form.is_valid():
            try:
                services.go_away(person, by=person, **form.cleaned_data)
            except PortalError as refusal:
                status = show_refusal(form, refusal, names={"away_until": "until"})
            else:
                return _told(request, "You are away now, and are given no new tickets.")
    words = f"{absence_words(person)}." if person.is_away else ""
    context = {**site_context, "title": "Out of office", "form": form, "person": person, "words": words}
    return TemplateResponse(request, "console/out_of_office.html", context, status=status)


def _told(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("admin:accounts_out_of_office"))
