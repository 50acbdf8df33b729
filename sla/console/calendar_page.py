"""The page of one calendar: when it is open, its coming special days, its feeds, its versions; and publishing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from common.console import change_url, changelist_url, require
from common.errors import Conflict, PortalError
from common.pages import show_refusal
from common.time import now
from sla import services
from sla.console.calendars import special_days_ahead, users_of
from sla.console.changes import NOT_SPECIAL, calendar_facts, compare, entries
from sla.console.forms import FeedForm
from sla.console.shared import (
    CHANGE_CALENDAR,
    Standing,
    back_test_url,
    calendar_versions,
    perform,
    several,
    standing_of,
    tickets_with_clocks,
)
from sla.console.words import DAY_NAMES, date_words, day_words, source_words, special_day_words
from sla.models import BusinessCalendar, CalendarVersion, HolidayFeed
from sla.rules.hours import MICROSECONDS_PER_MINUTE, WEEKDAYS, read_hours, zone
from sla.rules.timetable import Timetable

SHOWN_MOST = 60

Page = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A weekday. spans: (first minute, minutes) of each stretch that is open."""

    name: str
    words: str
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class SpecialLine:
    date: str
    words: str
    source: str


def find(pk: int | str) -> BusinessCalendar:
    calendar = BusinessCalendar.objects.filter(pk=pk).first() if str(pk).isdecimal() else None
    if calendar is None:
        raise Http404
    return calendar


def standing(calendar: BusinessCalendar) -> Standing[CalendarVersion]:
    return standing_of(calendar_versions().filter(calendar=calendar))


def calendar_page(request: HttpRequest, pk: str, site_context: Page) -> HttpResponse:
    """Show a calendar to whoever may see it; a POST throws its draft away, or does something to its feeds."""
    require(request, "sla.view_businesscalendar")
    calendar = find(pk)
    if request.method != "POST":
        return _show(request, calendar, site_context)
    require(request, CHANGE_CALENDAR)
    deed = request.POST.get("deed", "")
    if deed == "add_feed":
        return _add_feed(request, calendar, site_context)
    if deed not in DEEDS:
        raise Http404
    return perform(request, lambda: DEEDS[deed](request, calendar), then=change_url(calendar))


def _discard(request: HttpRequest, calendar: BusinessCalendar) -> str:
    draft = calendar.versions.filter(number=None).first()
    if draft is not None:
        services.discard_draft(draft, by=request.user)  # type: ignore[arg-type]
    return f"The draft of {calendar} was thrown away."


def _remove_feed(request: HttpRequest, calendar: BusinessCalendar) -> str:
    text = request.POST.get("row", "")
    feed = calendar.feeds.filter(pk=text).first() if text.isdecimal() and len(text) < 19 else None
    if feed is not None:  # somebody else may have removed it already
        services.remove_feed(feed, by=request.user)  # type: ignore[arg-type]
    return "The feed is read no more. Its days stay until you take them out of a draft."


def _read_feeds(request: HttpRequest, calendar: BusinessCalendar) -> str:
    changed = services.read_feeds(calendar)
    failed = calendar.feeds.exclude(last_error="").count()
    if failed:
        raise Conflict(f"{several(failed, 'feed')} could not be read; the reason stands beside it.")
    if changed:
        return "The feeds were read, and their days are in the calendar now."
    return "The feeds were read. They say what the calendar has already."


DEEDS = {"discard": _discard, "remove_feed": _remove_feed, "read_feeds": _read_feeds}


def _add_feed(request: HttpRequest, calendar: BusinessCalendar, site_context: Page) -> HttpResponse:
    form, status = FeedForm(request.POST), 422
    if form.is_valid():
        try:
            services.add_feed(calendar, form.cleaned_data["url"], by=request.user)  # type: ignore[arg-type]
        except PortalError as refusal:
            status = show_refusal(form, refusal)
        else:
            messages.success(request, "The feed was added. It is read every night; read it now to see what it says.")
            return HttpResponseRedirect(f"{change_url(calendar)}#feeds")
    return _show(request, calendar, site_context, feed_form=form, status=status)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest,
    calendar: BusinessCalendar,
    site_context: Page,
    feed_form: FeedForm | None = None,
    status: int = 200,
) -> HttpResponse:
    stands = standing(calendar)
    version = stands.current
    feeds = {feed.pk: feed for feed in calendar.feeds.order_by("pk")}
    ahead = special_days_ahead(version) if version else []
    context = {
        **site_context,
        "title": calendar.name,
        "calendar": calendar,
        "version": version,
        "draft": stands.draft,
        "local": local_time(version) if version else None,
        "week": week_bars(version.weekly) if version else [],
        "special_days": [special_line(row, feeds) for row in ahead[:SHOWN_MOST]],
        "special_more": max(0, len(ahead) - SHOWN_MOST),
        "feeds": list(feeds.values()),
        "feed_form": feed_form or FeedForm(),
        "policies": users_of([calendar.pk]).get(calendar.pk, []),
        "clock_tickets": tickets_with_clocks(calendar_version__calendar=calendar),
        "entries": entries(stands, calendar_facts, missing=NOT_SPECIAL),
        "may_change": request.user.has_perm(CHANGE_CALENDAR),
        "try_url": back_test_url(calendar=stands.draft.pk) if stands.draft else "",
        "edit_url": reverse("admin:sla_businesscalendar_draft", args=[calendar.pk]),
        "publish_url": reverse("admin:sla_businesscalendar_publish", args=[calendar.pk]),
    }
    return TemplateResponse(request, "console/sla/calendar.html", context, status=status)


def local_time(version: CalendarVersion) -> Page:
    """Return what the clock of the calendar's zone shows, and whether time counts. Shape: {"at", "is_open"}."""
    at = now()
    is_open = Timetable(read_hours(version.as_file())).is_working(at)
    return {"at": at.astimezone(zone(version.time_zone)).replace(tzinfo=None), "is_open": is_open}


def week_bars(weekly: Mapping[str, Any]) -> list[Bar]:
    hours = read_hours({"tz": "UTC", "weekly": weekly}).weekly
    return [
        Bar(
            DAY_NAMES[day],
            day_words(weekly.get(day, [])),
            [
                (opens // MICROSECONDS_PER_MINUTE, (closes - opens) // MICROSECONDS_PER_MINUTE)
                for opens, closes in intervals
            ],
        )
        for day, intervals in zip(WEEKDAYS, hours, strict=True)
    ]


def special_line(row: Mapping[str, Any], feeds: Mapping[int, HolidayFeed]) -> SpecialLine:
    date = dt.date.fromisoformat(row["date"])
    return SpecialLine(date_words(date), special_day_words(row), source_words(row.get("source", ""), feeds))


# --- publishing -------------------------------------------------------------------------------------------------------


def publish_page(request: HttpRequest, pk: int, site_context: Page) -> HttpResponse:
    """Show what publishing the draft changes, and publish it when that is confirmed."""
    require(request, CHANGE_CALENDAR)
    calendar = find(pk)
    stands = standing(calendar)
    draft = stands.draft
    if draft is None:
        messages.info(request, f"{calendar} has no draft to publish.")
        return HttpResponseRedirect(change_url(calendar))
    if request.method == "POST":
        return perform(request, lambda: _publish(request, draft), then=change_url(calendar))
    before = calendar_facts(stands.current) if stands.current else {}
    context = {
        **site_context,
        "title": f"Publish {calendar}",
        "row": calendar,
        "row_url": change_url(calendar),
        "list_url": changelist_url(BusinessCalendar),
        "list_name": "Calendars",
        "draft": draft,
        "current": stands.current,
        "is_first": stands.current is None,
        "changes": compare(before, calendar_facts(draft), missing=NOT_SPECIAL),
        "consequences": _consequences(calendar, stands),
        "edit_url": reverse("admin:sla_businesscalendar_draft", args=[calendar.pk]),
        "try_url": back_test_url(calendar=draft.pk),
    }
    return TemplateResponse(request, "console/sla/publish.html", context)


def _consequences(calendar: BusinessCalendar, stands: Standing[CalendarVersion]) -> list[str]:
    """Say what follows from publishing."""
    if stands.current is None:
        return ["Policies can count in this calendar from now on."]
    count = tickets_with_clocks(calendar_version__calendar=calendar)
    concerned = "No open ticket has clocks that count in it."
    if count:
        concerned = (
            f"{several(count, 'open ticket')} {'has' if count == 1 else 'have'} clocks that count in it. Their "
            "deadlines are worked out anew at once, by a job in the background."
        )
    return [
        "It holds from now on: what is to come is counted in the new hours, what has passed stays counted as it was.",
        concerned,
        "Recorded breaches stay.",
    ]


def _publish(request: HttpRequest, draft: CalendarVersion) -> str:
    """Publish the draft that was looked at, not one that took its place meanwhile."""
    if request.POST.get("draft") != str(draft.pk):
        raise Conflict("Not published: the draft was changed after you looked at it. Look again at what it changes.")
    published = services.publish_calendar(draft, by=request.user)  # type: ignore[arg-type]
    return (
        f"Version {published.number} of {published.calendar} holds from now on. Running clocks follow; "
        "recorded breaches stay."
    )
