"""The list of business calendars, and making one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from common.console import changelist_url, require
from common.errors import PortalError
from common.pages import show_refusal
from common.time import now
from sla import services
from sla.console.calendar_form import OFFICE
from sla.console.forms import NameForm
from sla.console.shared import (
    CHANGE_CALENDAR,
    calendar_versions,
    draft_pk,
    newest_pk,
    policies_in_force,
)
from sla.console.words import date_words, special_day_words, week_words
from sla.models import BusinessCalendar, CalendarVersion
from sla.rules.hours import zone

AHEAD = dt.timedelta(days=366)


@dataclass(frozen=True)
class Line:
    """One calendar in the list. next_day: the first special day to come."""

    calendar: BusinessCalendar
    version: CalendarVersion | None
    draft: CalendarVersion | None
    week: str
    local: dt.datetime | None
    special_count: int
    next_day: str
    policies: list[str]


def calendar_list(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    require(request, "sla.view_businesscalendar")
    context = {
        **site_context,
        "title": "Calendars",
        "lines": _lines(),
        "may_add": request.user.has_perm("sla.add_businesscalendar"),
    }
    return TemplateResponse(request, "console/sla/calendars.html", context)


def _lines() -> list[Line]:
    marked = BusinessCalendar.objects.annotate(
        current_pk=newest_pk(CalendarVersion, "calendar"), draft_pk=draft_pk(CalendarVersion, "calendar")
    )
    calendars = [(row, row.current_pk, row.draft_pk) for row in marked]
    versions = calendar_versions().in_bulk([pk for _, *pks in calendars for pk in pks if pk])
    users = users_of([row.pk for row, *_ in calendars])
    return [
        _line(row, versions.get(current), versions.get(draft), users.get(row.pk, []))
        for row, current, draft in calendars
    ]


def _line(
    calendar: BusinessCalendar, version: CalendarVersion | None, draft: CalendarVersion | None, policies: list[str]
) -> Line:
    if version is None:
        return Line(calendar, None, draft, "", None, 0, "", policies)
    ahead = special_days_ahead(version)
    first = ahead[0] if ahead else None
    return Line(
        calendar,
        version,
        draft,
        week_words(version.weekly),
        now().astimezone(zone(version.time_zone)).replace(tzinfo=None),
        len(ahead),
        f"{date_words(dt.date.fromisoformat(first['date']))}: {special_day_words(first)}" if first else "",
        policies,
    )


def special_days_ahead(version: CalendarVersion) -> list[dict[str, Any]]:
    """Return the special days of the next 12 months, the calendar's today among them."""
    today = now().astimezone(zone(version.time_zone)).date()
    first, last = today.isoformat(), (today + AHEAD).isoformat()
    return sorted(
        (row for row in version.special_days if first <= row["date"] < last), key=lambda row: str(row["date"])
    )


def users_of(calendars: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the policies in force that count in each of the calendars, in their order."""
    wanted = set(calendars)
    found: dict[int, dict[str, None]] = {pk: {} for pk in wanted}
    for version in policies_in_force().values():
        for target in version.targets.all():
            if target.calendar_id in wanted:
                found[target.calendar_id][version.policy.name] = None
    return {pk: list(names) for pk, names in found.items()}


def new_calendar(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Ask for a name, make the calendar with office hours as its draft, and go on to that."""
    require(request, "sla.add_businesscalendar", CHANGE_CALENDAR)
    form = NameForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            hours = {"tz": request.user.time_zone or "UTC", "weekly": OFFICE}  # type: ignore[union-attr]
            try:
                made = services.create_calendar(name=form.cleaned_data["name"], hours=hours, by=request.user)  # type: ignore[arg-type]
            except PortalError as refusal:
                status = show_refusal(form, refusal)
            else:
                return HttpResponseRedirect(reverse("admin:sla_businesscalendar_draft", args=[made.pk]))
    context = {
        **site_context,
        "title": "New calendar",
        "form": form,
        "list_url": changelist_url(BusinessCalendar),
        "list_name": "Calendars",
        "help": "Its first draft has office hours in your time zone. Nothing is counted in it before it is published.",
    }
    return TemplateResponse(request, "console/sla/name.html", context, status=status)
