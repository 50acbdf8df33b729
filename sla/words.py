"""Time in words, for pages, mails and the API."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.dateformat import format as format_date

from common.templatetags.portal import moment_words

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
DAYS_FROM = 96 * HOUR  # around the clock, from here on people count in days
WEEK = dt.timedelta(days=6)


def duration_words(microseconds: int, *, is_around_the_clock: bool = False) -> str:
    """Tell a length as "39 min", "3 h 30 min" or, around the clock, "14 d 2 h". Less than a minute is "0 min".

    Working time under a calendar with nights is never told in days: nobody knows how long such a day is.
    """
    minutes = abs(microseconds) // MINUTE
    hours, rest = divmod(minutes, 60)
    if is_around_the_clock and abs(microseconds) >= DAYS_FROM:
        days, hours = divmod(hours, 24)
        return f"{days} d {hours} h" if hours else f"{days} d"
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest and hours < 100 else f"{hours} h"


def target_words(microseconds: int) -> str:
    """Tell a target in the sentence of a promise: "8 hours", "30 minutes", "1 hour 30 minutes"."""
    hours, minutes = divmod(microseconds // MINUTE, 60)
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((hours, "hour"), (minutes, "minute")) if count
    ]
    return " ".join(parts) or "0 minutes"


def due_words(instant: dt.datetime) -> str:
    """Tell a deadline as one reads after "by": "today at 14:12", "Friday at 09:33", "Monday 7 December at 10:00"."""
    local = timezone.localtime(instant)
    ahead = local.date() - timezone.localdate()
    if dt.timedelta(days=1) < ahead <= WEEK:
        return f"{format_date(local, 'l')} at {format_date(local, 'H:i')}"
    return moment_words(instant, "sentence")


def short_due_words(instant: dt.datetime) -> str:
    """Tell a deadline for a narrow column: "14:12", "Fri 09:33", "7 Dec 10:00"."""
    local = timezone.localtime(instant)
    ahead = local.date() - timezone.localdate()
    if not ahead:
        return format_date(local, "H:i")
    near = dt.timedelta(0) < ahead <= WEEK
    return format_date(local, "D H:i" if near else "j M H:i")
