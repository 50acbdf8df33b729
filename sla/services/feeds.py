"""Holiday feeds: iCalendar addresses whose days become special days of a calendar, read anew every day.

What a feed says is published by the portal itself, because nobody is there to do it. A draft that somebody is writing
gets the same days and stays a draft.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import F

from accounts.models import User
from common import journal
from common.actors import SYSTEM, Actor
from common.errors import DeliveryError, Invalid, NotAllowed, PortalError
from common.http import fetch
from common.time import now
from sla import events
from sla.feeds import FEED_BYTES_MOST, read_feed
from sla.models import BusinessCalendar, CalendarVersion, HolidayFeed
from sla.rules.hours import CalendarError, SpecialDay, merge_special_days, read_hours, write_hours
from sla.services.rulebook import draft_calendar, publish_calendar

log = structlog.get_logger(__name__)

YEARS_BACK, YEARS_AHEAD = 1, 3
FEEDS_MOST = 20  # of one calendar


@transaction.atomic
def add_feed(calendar: BusinessCalendar, url: str, *, by: Actor) -> HolidayFeed:
    """Let the calendar's special days be read from `url` as well, from the next reading on. Raises: Invalid."""
    _require(by)
    url = url.strip()
    try:
        URLValidator(schemes=["https", "http"])(url)
    except ValidationError as error:
        raise Invalid("Give the feed's whole address, beginning with https://.", field="url") from error
    if len(url) > 500:
        raise Invalid("The address is longer than 500 characters.", field="url")
    if calendar.feeds.filter(url=url).exists():
        raise Invalid("This calendar reads that feed already.", field="url")
    if calendar.feeds.count() >= FEEDS_MOST:
        raise Invalid(f"A calendar reads at most {FEEDS_MOST} feeds. Remove one first.", field="url")
    feed = HolidayFeed.objects.create(calendar=calendar, url=url)
    _record(feed, "added the holiday feed", by)
    return feed


@transaction.atomic
def remove_feed(feed: HolidayFeed, *, by: Actor) -> None:
    """Read the feed no more. The days it gave stay in the calendar until somebody takes them out."""
    _require(by)
    _record(feed, "removed the holiday feed", by)
    feed.delete()


def _record(feed: HolidayFeed, deed: str, by: Actor) -> None:
    data = {"calendar": feed.calendar.name, "what": f"{deed} {feed.url}"}
    journal.record(events.CALENDAR_CHANGED, subject=feed.calendar, by=by, data=data)


def read_feeds(calendar: BusinessCalendar | None = None) -> int:
    """Read the feeds of one calendar, or of all, and return how many calendars changed by it.

    What goes wrong with a feed is written down at it and stops no other; its days stay as they were.
    """
    owners = BusinessCalendar.objects.filter(feeds__isnull=False).distinct().order_by("pk")
    changed = 0
    for owner in owners if calendar is None else [calendar]:
        found = {feed.pk: days for feed in owner.feeds.order_by("pk") if (days := _read(feed)) is not None}
        if not found:
            continue
        try:
            changed += _take_over(owner, found)
        except PortalError as refusal:  # such as days that leave no working time
            HolidayFeed.objects.filter(pk__in=found).update(last_error=refusal.message[:300])
    return changed


def _read(feed: HolidayFeed) -> list[SpecialDay] | None:
    """Return the days of a feed; None, with the reason at the feed, where it has none or cannot be read."""
    days: list[SpecialDay] = []
    error = ""
    try:
        days = _days(feed)
    except (CalendarError, DeliveryError) as refusal:
        error = str(refusal)
    if not days and not error:
        error = "No event of it closes a whole day in these years. The days it gave before stay."
    HolidayFeed.objects.filter(pk=feed.pk).update(read_at=now(), last_error=error[:300])
    log.info("holiday_feed_read", feed=feed.pk, days=len(days), error=error[:100])
    return days or None


def _days(feed: HolidayFeed) -> list[SpecialDay]:
    answer = fetch(feed.url, most_bytes=FEED_BYTES_MOST)
    if answer.status != HTTPStatus.OK:
        raise DeliveryError(f"The address answers with the status {answer.status}.")
    zone_name = _zone_name(feed.calendar)
    return read_feed(answer.body, between=years_read(), zone_name=zone_name, source=source_of(feed.pk))


def years_read() -> tuple[dt.date, dt.date]:
    """Return the first and last day that are read: whole years, so that only the feed changes what is found."""
    year = now().year
    return dt.date(year - YEARS_BACK, 1, 1), dt.date(year + YEARS_AHEAD, 12, 31)


def source_of(feed_id: int) -> str:
    """Return what the days of a feed are marked with."""
    return f"feed:{feed_id}"


@transaction.atomic
def _take_over(calendar: BusinessCalendar, found: dict[int, list[SpecialDay]]) -> bool:
    """Publish the calendar with the days that were found, where they change it; a draft gets them as well."""
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    current = calendar.versions.in_force(now())
    draft = calendar.versions.filter(number=None).first()
    is_changed = current is not None and _differs(current, found)
    if draft is None and not is_changed:
        return False
    drafted = draft is not None and _differs(draft, found)
    if current is not None and is_changed:
        made = draft_calendar(calendar, hours=_merged(current, found), by=SYSTEM, note="Read from its holiday feeds.")
        publish_calendar(made, by=SYSTEM)
    if draft is not None and (is_changed or drafted):
        _put_back(draft, found)
    return is_changed or drafted


def _put_back(draft: CalendarVersion, found: dict[int, list[SpecialDay]]) -> None:
    """Write a person's draft again, with the days that were found, as theirs and of the time when they wrote it."""
    renewed = draft_calendar(draft.calendar, hours=_merged(draft, found), by=SYSTEM, note=draft.note)
    CalendarVersion.objects.filter(pk=renewed.pk).update(created_by=draft.created_by_id, created_at=draft.created_at)


def _differs(version: CalendarVersion, found: dict[int, list[SpecialDay]]) -> bool:
    return bool(_merged(version, found)["special_days"] != write_hours(read_hours(version.as_file()))["special_days"])


def _merged(version: CalendarVersion, found: dict[int, list[SpecialDay]]) -> dict[str, Any]:
    """Return the version's calendar file with the days of each feed in place of those it gave before."""
    hours = read_hours(version.as_file())
    days = list(hours.special_days.values())
    for pk, rows in found.items():
        days = merge_special_days(days, rows, source=source_of(pk), between=years_read())
    return write_hours(replace(hours, special_days={day.date: day for day in days}))


def _zone_name(calendar: BusinessCalendar) -> str:
    newest = calendar.versions.order_by(F("number").desc(nulls_last=True)).first()
    return newest.time_zone if newest else "UTC"


def _require(by: Actor) -> None:
    if isinstance(by, User) and not by.has_perm("sla.change_businesscalendar"):
        raise NotAllowed("Only a supervisor can change the feeds of a calendar.")
