"""Filters of promises: lengths and spans of time as the console tells them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date

from common.time import now

register = template.Library()


@register.filter
def unlocalised(number: float) -> str:
    """Write a number for an attribute: always with a point."""
    return f"{number:g}"


@register.filter
def clock_span(start: dt.datetime, end: dt.datetime) -> str:
    """Tell a stretch of time: "08:52 to 09:31" today, else "Fri 08:52 to 09:31" or "Fri 17:00 to Mon 09:00"."""
    first, last, today = timezone.localtime(start), timezone.localtime(end), timezone.localdate()
    is_one_day = first.date() == (last - dt.timedelta(microseconds=1)).date()
    is_near = abs(first.date() - today) < dt.timedelta(days=7)
    day = "" if first.date() == last.date() == today else format_date(first, "D " if is_near else "j M ")
    begin = f"{day}{format_date(first, 'H:i')}"
    if abs(end - now()) < dt.timedelta(seconds=1):
        return f"{begin} to now"
    if is_one_day:
        return f"{begin} to {'24:00' if last.date() != first.date() else format_date(last, 'H:i')}"
    return f"{begin} to {format_date(last, 'D H:i' if is_near else 'j M H:i')}"
