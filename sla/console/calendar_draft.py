"""Writing a calendar's draft: by hand, out of the public holidays of a country, out of an iCalendar file.

All of it is one form, so that a button that fills something in loses nothing that was typed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from common.console import change_url, changelist_url, require
from common.errors import PortalError
from common.pages import show_refusal
from sla import holidays, services
from sla.console.calendar_form import CalendarDraftForm, FileForm, HolidaysForm
from sla.console.calendar_page import find, standing
from sla.console.fields import errors_of
from sla.console.shared import CHANGE_CALENDAR, refuse_unseen, several
from sla.feeds import read_feed
from sla.models import BusinessCalendar
from sla.rules.hours import (
    NAME_CHARACTERS_MOST,
    CalendarError,
    Hours,
    SpecialDay,
    merge_special_days,
    read_hours,
    write_hours,
)
from sla.services.feeds import years_read

FILL, READ = "holidays", "file"


class CalendarDraft:
    """One request for the form of one calendar's draft."""

    def __init__(self, request: HttpRequest, pk: int, site_context: dict[str, Any]) -> None:
        require(request, CHANGE_CALENDAR)
        self.request = request
        self.site_context = site_context
        self.calendar: BusinessCalendar = find(pk)
        self.begun = standing(self.calendar).newest
        self.deed = request.POST.get("deed", "")
        sent = request.POST if request.method == "POST" else None
        self.form = CalendarDraftForm(sent, version=self.begun)
        self.holidays = HolidaysForm(sent if self.deed == FILL else None)
        self.file = FileForm(*((sent, request.FILES) if self.deed == READ else ()))

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._show()
        extra = {FILL: self.holidays, READ: self.file}.get(self.deed)
        if not (self.form.is_valid() & (extra is None or extra.is_valid())):
            return self._show(422)
        try:
            filled = self._save()
        except CalendarError as error:  # of what was read besides, for the form was checked
            (extra or self.form).add_error(None, error.message)
            return self._show(422)
        except PortalError as refusal:
            return self._show(show_refusal(self.form, refusal))
        return self._go_on(filled)

    @transaction.atomic
    def _save(self) -> str:
        """Write the draft, with what was filled in besides, and tell that."""
        refuse_unseen(self.calendar.versions.select_for_update().filter(number=None).first(), self.form)
        hours, filled = read_hours(self.form.hours()), ""
        if self.deed == FILL:
            hours, filled = with_holidays(hours, self.holidays.cleaned_data)
        elif self.deed == READ:
            hours, filled = with_file(hours, self.file.cleaned_data["file"])
        note = self.form.cleaned_data["note"]
        services.draft_calendar(self.calendar, hours=write_hours(hours), by=self.request.user, note=note)  # type: ignore[arg-type]
        return filled

    def _go_on(self, filled: str) -> HttpResponse:
        if self.form.moved:
            cut = ", ".join(self.form.moved)
            messages.info(
                self.request, f"Hours past midnight were cut at 24:00 and go on from 00:00 of the next day: {cut}."
            )
        if filled:
            messages.success(self.request, filled)
            return HttpResponseRedirect(self._address("draft"))
        if self.deed == "publish":
            return HttpResponseRedirect(self._address("publish"))
        messages.success(
            self.request, f"The draft of {self.calendar} was saved. Nothing changes before it is published."
        )
        return HttpResponseRedirect(change_url(self.calendar))

    def _address(self, page: str) -> str:
        return reverse(f"admin:sla_businesscalendar_{page}", args=[self.calendar.pk])

    def _show(self, status: int = 200) -> HttpResponse:
        context = {
            **self.site_context,
            "title": f"Draft of {self.calendar}",
            "row": self.calendar,
            "row_url": change_url(self.calendar),
            "list_url": changelist_url(BusinessCalendar),
            "list_name": "Calendars",
            "form": self.form,
            "errors": [item for form in (self.form, self.holidays, self.file) for item in errors_of(form)],
            "holidays": self.holidays,
            "file": self.file,
            "begun": self.begun,
            "feed_count": self.calendar.feeds.count(),
        }
        return TemplateResponse(self.request, "console/sla/calendar_draft.html", context, status=status)


def with_holidays(hours: Hours, chosen: dict[str, Any]) -> tuple[Hours, str]:
    """Return `hours` with the public holidays that were chosen in HolidaysForm, and what was done in words."""
    days: list[SpecialDay] = []
    merged = hours
    for year in sorted(chosen["years"]):
        found = holidays.public_holidays(
            chosen["country"],
            subdivision=chosen["subdivision"],
            years=[year],
            half_days=chosen["half_days"],
            weekly=hours.weekly,
        )
        days += found
        merged = _merged(merged, found, (dt.date(year, 1, 1), dt.date(year, 12, 31)))
    part = f", {chosen['subdivision']}" if chosen["subdivision"] else ""
    country = dict(holidays.countries())[chosen["country"]]
    return merged, _told(merged, days, f"of {country}{part}")


def with_file(hours: Hours, file: Any) -> tuple[Hours, str]:
    """Return `hours` with the days of an iCalendar file, and what was done in words. Raises: CalendarError."""
    source = f"file:{file.name}"[:NAME_CHARACTERS_MOST]
    days = read_feed(file.read(), between=years_read(), zone_name=hours.zone_name, source=source)
    if not days:
        first, last = years_read()
        raise CalendarError(f"No event of this file closes a whole day from {first.year} to {last.year}.")
    merged = _merged(hours, days, years_read())
    return merged, _told(merged, days, f"of {file.name}")


def _merged(hours: Hours, days: list[SpecialDay], between: tuple[dt.date, dt.date]) -> Hours:
    if not days:
        return hours
    rows = merge_special_days(hours.special_days.values(), days, source=days[0].source, between=between)
    return replace(hours, special_days={day.date: day for day in rows})


def _told(merged: Hours, days: list[SpecialDay], whose: str) -> str:
    taken = sum(merged.special_days[day.date].source == day.source for day in days)
    kept = len(days) - taken
    words = f"{several(taken, 'special day')} {whose} {'is' if taken == 1 else 'are'} in the draft now. Look them over."
    return words + (f" {several(kept, 'date')} kept the hours that stood there already." if kept else "")
