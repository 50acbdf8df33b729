"""Policies and calendars in words: whom one matches, how long it promises, when an office is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.utils.dateformat import format as format_date

from accounts.models import Organization, ProductArea, Team, Tier
from sla.models import EscalationStep, HolidayFeed, PolicyVersion
from sla.rules.hours import WEEKDAYS
from sla.vocabulary import Metric
from sla.words import MINUTE, duration_words
from tickets.vocabulary import Priority, Status

NOT_PROMISED = "not promised"
DAY_NAMES = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
WHOLE_DAY = [["00:00", "24:00"]]

Day = Sequence[Sequence[str]]
"""The hours of a day as a calendar file has them: [["09:00", "17:00"], ...]."""


# --- policies ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """What the ids and keys in conditions stand for."""

    organizations: dict[int, str]
    areas: dict[str, str]
    teams: dict[int, str]


def names_of(versions: Iterable[PolicyVersion]) -> Names:
    """Fetch the names that the conditions of `versions` need."""
    versions = list(versions)
    organizations = {pk for version in versions for pk in version.organizations}
    areas = {key for version in versions for key in version.product_areas}
    teams = {pk for version in versions for pk in version.teams}
    return Names(
        dict(Organization.objects.filter(pk__in=organizations).values_list("pk", "name")) if organizations else {},
        dict(ProductArea.objects.filter(key__in=areas).values_list("key", "name")) if areas else {},
        dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")) if teams else {},
    )


def conditions(version: PolicyVersion, names: Names) -> list[tuple[str, str]]:
    """Return what a ticket must have, all of it: [("Tier", "Enterprise or Professional"), ...]. Empty: nothing."""
    told = [
        ("Tier", _either(Tier(tier).label for tier in version.tiers)),
        ("Organization", _either(names.organizations.get(pk, "one that is gone") for pk in version.organizations)),
        ("Product area", _either(names.areas.get(key, key) for key in version.product_areas)),
        ("Team", _either(names.teams.get(pk, "one that is gone") for pk in version.teams)),
        ("Tag", _either(version.tags)),
    ]
    return [(what, words) for what, words in told if words]


def conditions_words(version: PolicyVersion, names: Names) -> str:
    """Tell whom a policy matches: "Professional, tag vip", "Team Alpha or Beta", "Every ticket"."""
    named = {"Team": "team ", "Tag": "tag "}
    words = ", ".join(f"{named.get(what, '')}{told}" for what, told in conditions(version, names))
    return words[:1].upper() + words[1:] if words else "Every ticket"


def _either(words: Iterable[str]) -> str:
    return " or ".join(str(word) for word in words)


def priority_words(priority: str) -> str:
    """Name a priority as the queue does: "P1 Critical"; none is every."""
    return f"{priority[:2]} {Priority(priority).label}" if priority else "Every priority"


def amount_words(minutes: int) -> str:
    """Tell minutes exactly, as the form takes them: "8 h", "1 h 30 min", "45 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (rest, "min")) if count)


def length_words(minutes: float, *, is_around_the_clock: bool) -> str:
    """Tell minutes as people count them: beyond four days of a clock that never stops, in days."""
    return duration_words(round(minutes * MINUTE), is_around_the_clock=is_around_the_clock)


def step_words(step: EscalationStep) -> str:
    """Tell what a step does, and to whom it hands the ticket: "Hand to a team or person: Alpha"."""
    to = " and ".join(str(one) for one in (step.team, step.person) if one is not None)
    return f"{step.get_action_display()}: {to}" if to else step.get_action_display()


def statuses_words(statuses: Iterable[str]) -> str:
    return _either(Status(status).label for status in statuses) or "never"


def percents_words(percents: Iterable[int]) -> str:
    return ", ".join(f"{percent} %" for percent in sorted(set(percents)))


def metric_words(metric: str) -> str:
    return Metric(metric).label


# --- calendars --------------------------------------------------------------------------------------------------------


def day_words(intervals: Day) -> str:
    """Tell the hours of a day: "09:00 to 12:00 and 13:00 to 17:00", "all day", "closed"."""
    if not intervals:
        return "closed"
    if list(map(list, intervals)) == WHOLE_DAY:
        return "all day"
    return " and ".join(f"{opens} to {closes}" for opens, closes in intervals)


def week_words(weekly: Mapping[str, Day]) -> str:
    """Tell a week in a line: "Mon to Fri 09:00 to 17:00, Sat 10:00 to 12:00"."""
    days = [(day, day_words(weekly.get(day, []))) for day in WEEKDAYS]
    runs = [(words, [day for day, _ in run]) for words, run in groupby(days, key=lambda pair: pair[1])]
    if len(runs) == 1:
        return {"all day": "Day and night", "closed": "Closed but for special days"}.get(
            runs[0][0], f"Daily {days[0][1]}"
        )
    return ", ".join(f"{_span(run)} {words}" for words, run in runs if words != "closed")


def _span(days: Sequence[str]) -> str:
    first, last = days[0].capitalize(), days[-1].capitalize()
    return first if len(days) == 1 else f"{first} to {last}"


def is_around_the_clock(weekly: Mapping[str, Day], special_days: Sequence[Any]) -> bool:
    """Tell whether all time counts, so that long targets may be told in days."""
    return not special_days and all(day_words(weekly.get(day, [])) == "all day" for day in WEEKDAYS)


def date_words(date: dt.date) -> str:
    """Tell a date in full: "Friday 25 December 2026"."""
    return format_date(date, "l j F Y")


def special_day_words(row: Mapping[str, Any]) -> str:
    """Tell what a special day is: "closed, Christmas Day"."""
    name = row.get("name", "")
    return f"{day_words(row['hours'])}, {name}" if name else day_words(row["hours"])


def source_words(source: str, feeds: Mapping[int, HolidayFeed]) -> str:
    """Tell where a special day comes from. feeds: those of the calendar, by id."""
    kind, _, rest = source.partition(":")
    if not source:
        return "written by hand"
    if kind == "feed":
        feed = feeds.get(int(rest)) if rest.isdecimal() else None
        return f"feed of {urlsplit(feed.url).hostname}" if feed else "a feed that was removed"
    return {"holidays": f"public holidays, {rest}", "file": f"file {rest}"}.get(kind, source)
