"""A stretch of days that a page asks for by its name or by two dates. Days are those of the reader's zone."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.dateformat import format as format_date

from common.console import CONTROL

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
DAYS_MOST = 1830
DATES = "dates"


@dataclass(frozen=True)
class Period:
    """first, last: days, both of them in it. since, until: its instants, `until` no more in it."""

    first: dt.date
    last: dt.date
    words: str

    @property
    def month(self) -> dt.date | None:
        """Return its first day where it is one whole month."""
        end = self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        return self.first if self.first.day == 1 and self.last == end else None

    @property
    def before(self) -> Period:
        """Return as many days directly before it; before a whole month, the month before."""
        if self.month:
            return dates_period(*_month_before(self.first))
        last = self.first - dt.timedelta(days=1)
        return dates_period(last - (self.last - self.first), last)

    @property
    def since(self) -> dt.datetime:
        return _midnight(self.first)

    @property
    def until(self) -> dt.datetime:
        return _midnight(self.last + dt.timedelta(days=1))


def named_period(name: str) -> Period:
    """Return "7d" and the like, "6m" and the like, "this_month" or "last_month", counted from today."""
    today = timezone.localdate()
    if name == "this_month":
        return Period(today.replace(day=1), today, "this month")
    if name == "last_month":
        return dates_period(*_month_before(today))
    number, unit = int(name[:-1]), name[-1]
    if unit == "d":
        return Period(today - dt.timedelta(days=number - 1), today, f"last {number} days")
    return Period(_months_before(today, number), today, "past month" if number == 1 else f"past {number} months")


def dates_period(first: dt.date, last: dt.date) -> Period:
    """Return the days from `first` to `last`: "February 2026", "1 February to 3 March 2026"."""
    period = Period(first, last, "")
    if period.month:
        return Period(first, last, format_date(first, "F Y"))
    start = format_date(first, "j F" if first.year == last.year else "j F Y")
    end = format_date(last, "j F Y")
    return Period(first, last, end if first == last else f"{start} to {end}")


class ListedField(forms.ChoiceField):
    """One of a list, in words that also fit an address somebody typed."""

    default_error_messages = {"invalid_choice": "There is no “%(value)s” in this list."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select(attrs=CONTROL), **kwargs)


class PeriodForm(forms.Form):
    """A form with a choice of periods, and two dates that count where "dates" is chosen."""

    use_required_attribute = False
    periods: tuple[tuple[str, str], ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = dict(self.fields)
        self.fields.clear()
        self.fields["period"] = ListedField(choices=(*self.periods, (DATES, "Dates")))
        self.fields["from"] = _day_field("From")
        self.fields["to"] = _day_field("To, with that day")
        self.fields.update(own)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("period")
        if chosen == DATES:
            cleaned["span"] = self._dates(cleaned)
        elif chosen:
            cleaned["span"] = named_period(chosen)
        return cleaned

    def _dates(self, cleaned: dict[str, Any]) -> Period | None:
        first, last = cleaned.get("from"), cleaned.get("to")
        for name in ("from", "to"):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "Give both dates.")
        if first is None or last is None:
            return None
        if last < first:
            self.add_error("to", "The period ends before it begins.")
            return None
        if (last - first).days > DAYS_MOST:
            self.add_error("to", "Choose at most five years.")
            return None
        return dates_period(first, last)


def _day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={**CONTROL, "type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
        error_messages={"invalid": "Write a date such as 2026-02-09."},
    )


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _months_before(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_before(day: dt.date) -> tuple[dt.date, dt.date]:
    last = day.replace(day=1) - dt.timedelta(days=1)
    return last.replace(day=1), last
