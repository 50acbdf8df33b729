"""How soon a question of no special urgency is answered, as of now, for the start page of the help centre."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from common.templatetags.portal import moment_words
from common.time import now
from sla import library
from sla.rules.hours import is_always
from sla.rules.promises import Case, Policy, Promise, terms_for
from sla.rules.timetable import NoWorkingTime, Timetable
from sla.vocabulary import Metric
from sla.words import due_words, target_words
from tickets.vocabulary import Priority

NOT_TOLD_TO_GUESTS = "How soon we answer depends on your organization’s plan. Sign in to see it."
NO_TIME = "We answer as soon as we can. No time is promised without a support plan."
SOON = dt.timedelta(days=2)
OFFICIAL = "holidays:"  # where public holidays come from, beside days that people added


def reply_time(reader: User | AnonymousUser) -> SafeString | str | None:
    """Return how soon `reader` gets an answer and why then; None where nobody is promised anything."""
    at = now()
    policies = library.policies_at(at)
    promise = _promise_to(reader, policies)
    if promise is None:
        missing = NO_TIME if reader.is_authenticated else NOT_TOLD_TO_GUESTS
        return missing if policies else None
    hours, target = promise.calendar.timetable.hours, target_words(promise.target_us)
    if is_always(hours):
        return format_html("We reply within <strong>{}</strong>, day and night.", target)
    zone_name = reader.zone_name if isinstance(reader, User) else hours.zone_name
    try:
        with timezone.override(ZoneInfo(zone_name)):
            due = due_words(promise.calendar.timetable.add(at, promise.target_us))
            state = _state(promise.calendar.timetable, at)
    except NoWorkingTime:
        return None
    place = "your time" if isinstance(reader, User) else f"{zone_name.rpartition('/')[2].replace('_', ' ')} time"
    return format_html(
        "We reply within {} of working time. {} Write now and expect an answer by <strong>{}</strong>, {}.",
        *(target, state, due, place),
    )


def _promise_to(reader: User | AnonymousUser, policies: Sequence[Policy]) -> Promise | None:
    organization = reader.organization if isinstance(reader, User) else None
    case = Case(
        Priority.P3_NORMAL,
        organization.tier if organization else "",
        organization.pk if organization else None,
    )
    return terms_for(policies, case).get(Metric.FIRST_RESPONSE)


def _state(timetable: Timetable, at: dt.datetime) -> str:
    """Tell whether somebody is there: until when, since when again, and which holiday is in the way."""
    if timetable.is_working(at):
        first = next(iter(timetable.segments(at, at + SOON)))
        return f"We are here until {_brief(first.end)}." if first.end < at + SOON else "We are here now."
    opens = _brief(timetable.add(at, 1))
    today = timetable.hours.special_days.get(at.astimezone(ZoneInfo(timetable.hours.zone_name)).date())
    if today is None or today.hours:
        return f"We are closed now, until {opens}."
    name = f", {today.name}," if today.name else ""
    if today.source.startswith(OFFICIAL):
        return f"Today is a public holiday{name} and we are back {opens}."
    return f"Today we are closed{name} and back {opens}."


def _brief(instant: dt.datetime) -> str:
    """Tell the time alone where it is today."""
    is_today = timezone.localdate(instant) == timezone.localdate()
    return moment_words(instant, "time") if is_today else due_words(instant)
