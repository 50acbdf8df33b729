"""The weekly report: when it is due, who gets it, and what it says."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role, User
from accounts.querysets import UserQuerySet
from common.periods import Period, dates_period
from tickets.models import WeeklyReportWish
from tickets.reporting.overview import Overview, flow_before, read_overview
from tickets.reporting.promises import kept_percent
from tickets.reporting.shapes import Asked
from tickets.reporting.words import NO_DATA, length_words

RIGHT = "tickets.view_ticket"


def due_week(at: dt.datetime) -> dt.date | None:
    """Return the Monday of the week whose report should be out at `at`; None but on Mondays from the set hour on."""
    local = at.astimezone(zoneinfo.ZoneInfo(settings.PORTAL_TIME_ZONE))
    if local.weekday() != 0 or local.hour < settings.PORTAL_WEEKLY_REPORT_HOUR:
        return None
    return local.date() - dt.timedelta(days=7)


def week_of(first: dt.date) -> Period:
    return dates_period(first, first + dt.timedelta(days=6))


def readers() -> UserQuerySet:
    """Return who gets the report: supervisors who did not say no, and whoever else may see tickets and said yes."""
    wishes = WeeklyReportWish.objects.filter(person=OuterRef("pk"))
    supervises = Exists(User.groups.through.objects.filter(user=OuterRef("pk"), group__name=Role.SUPERVISOR))
    wanted = Exists(wishes.filter(is_wanted=True)) | (supervises & ~Exists(wishes.filter(is_wanted=False)))
    return User.objects.staff().with_right(RIGHT).filter(wanted).order_by("pk")


def gets_it(person: User) -> bool:
    return readers().filter(Q(pk=person.pk)).exists()


@dataclass(frozen=True)
class Line:
    """One number of the report, in words: that of the week, and that of the week before."""

    name: str
    value: str
    before: str


@dataclass(frozen=True)
class Letter:
    """What the report says."""

    period: Period
    lines: list[Line]
    seen: Overview


def letter_of(asked: Asked) -> Letter:
    """Return the report of `asked.period` for its reader. What is open and waits is as of `asked.at`."""
    seen = read_overview(asked)
    created, solved = flow_before(asked)
    lines = [
        Line("Opened", f"{seen.created:,}", f"{created:,}"),
        Line("Solved", f"{seen.solved:,}", f"{solved:,}"),
        Line("First response, median", *(length_words(one.median) for one in seen.response)),
        Line("First response, 9 in 10 within", *(length_words(one.nine_of_ten) for one in seen.response)),
        Line("Solved, 9 in 10 within", *(length_words(one.nine_of_ten) for one in seen.resolution)),
        Line("Promises kept", _rate(seen.promises(asked.period)), _rate(seen.promises(asked.period.before))),
        Line("Customer rating, of 5", *(_rating(one.average_rating) for one in seen.ratings)),
        Line("Ratings", *(f"{one.total_responses:,}" for one in seen.ratings)),
    ]
    return Letter(asked.period, lines, seen)


def _rate(counts: tuple[int, int]) -> str:
    rate = kept_percent(*counts)
    return NO_DATA if rate is None else f"{rate:.1f}".removesuffix(".0") + " %"


def _rating(mean: float | None) -> str:
    return NO_DATA if mean is None else f"{mean:.1f}"
