"""Special days out of an iCalendar file (RFC 5545), such as public calendars of holidays are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar, Component

from sla.rules.hours import NAME_CHARACTERS_MOST, CalendarError, SpecialDay, zone

FEED_BYTES_MOST = 2_000_000
FEED_DAYS_MOST = 5_000
SECONDS_MOST = 10  # for a whole feed: its events may repeat as often as they like, and in ways that never come true
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
SHORTEST_DAY = dt.timedelta(hours=20)  # a local date may lose a few hours when clocks change

BEYOND = "it reaches beyond the years 1 to 9999"
Moment = dt.date | dt.datetime
_WHEN = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# What icalendar and dateutil let through when something is wrong in a way they do not expect.
_LIBRARY_ERRORS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, OSError, RecursionError)


@dataclass(frozen=True)
class _Event:
    """One VEVENT. first, length: in the wall clock of `place`; place None: an event of whole days, in no zone.

    replaced: starts of the repetition that another VEVENT moves or cancels.
    """

    component: Component
    first: dt.datetime
    length: dt.timedelta
    place: dt.tzinfo | None
    replaced: set[dt.datetime] = field(default_factory=set)

    @property
    def name(self) -> str:
        return " ".join(str(self.component.get("SUMMARY", "")).split())

    @property
    def is_transparent(self) -> bool:
        return str(self.component.get("TRANSP", "")).upper() == "TRANSPARENT"

    def wall(self, moment: Moment) -> dt.datetime:
        return _wall(moment, self.place)


def read_feed(text: str | bytes, *, between: tuple[dt.date, dt.date], zone_name: str, source: str) -> list[SpecialDay]:
    """Return the days that the events of an iCalendar file close, one row a date, sorted.

    Events of whole days count, single or repeated, and timed ones for the dates of the zone that they cover wholly;
    cancelled ones do not, nor do transparent ones, unless all are: calendars of holidays mark every event so.
    between: first and last day of interest.   source: what the rows are marked with, such as "feed:3".
    Raises: CalendarError for what is no iCalendar file, is damaged or too much.
    """
    floating = zone(zone_name)
    deadline = monotonic() + SECONDS_MOST
    names: dict[dt.date, dict[str, None]] = {}
    for event in _events(_components(text), floating):
        for day in _closed(event, floating, between, deadline):
            names.setdefault(day, {})[event.name] = None
        if len(names) > FEED_DAYS_MOST:
            raise CalendarError(f"This feed closes more than {FEED_DAYS_MOST} days, so it is not one of holidays.")
    return [
        SpecialDay(day, (), " / ".join(filter(None, named))[:NAME_CHARACTERS_MOST], source)
        for day, named in sorted(names.items())
    ]


def _components(text: str | bytes) -> list[Component]:
    if len(text) > FEED_BYTES_MOST:
        raise CalendarError(f"This feed has more than {FEED_BYTES_MOST // 1_000_000} MB.")
    try:
        calendars = [part for part in Calendar.from_ical(text, multiple=True) if part.name == "VCALENDAR"]
    except _LIBRARY_ERRORS as error:
        raise CalendarError(f"This is not an iCalendar file, or it is damaged: {str(error)[:120]}") from error
    if not calendars:
        raise CalendarError("This is not a complete iCalendar file: it has no BEGIN:VCALENDAR ... END:VCALENDAR.")
    return [event for calendar in calendars for event in calendar.subcomponents if event.name == "VEVENT"]


def _events(components: Iterable[Component], floating: dt.tzinfo) -> list[_Event]:
    """Return the events that may close a day."""
    events = [_event(component, floating) for component in components]
    repeated = {str(e.component.get("UID")): e for e in events if "RECURRENCE-ID" not in e.component}
    for event in events:
        moved = _moment(event.component, "RECURRENCE-ID")
        master = repeated.get(str(event.component.get("UID")))
        if moved is not None and master is not None:
            master.replaced.add(master.wall(moved))
    going = [e for e in events if str(e.component.get("STATUS", "")).upper() != "CANCELLED"]
    long = [e for e in going if e.place is None or e.length >= SHORTEST_DAY]
    return [e for e in long if not e.is_transparent] or long


def _event(component: Component, floating: dt.tzinfo) -> _Event:
    for name, problem in component.errors:
        if name in _WHEN:
            raise _damaged(component, f"{name}: {problem}")
    start, end = _moment(component, "DTSTART"), _moment(component, "DTEND")
    if start is None:
        raise _damaged(component, "it has no DTSTART")
    is_timed = isinstance(start, dt.datetime)
    place = (getattr(start, "tzinfo", None) or floating) if is_timed else None
    first = _wall(start, place)
    length = getattr(component.get("DURATION"), "dt", dt.timedelta()) if end is None else _wall(end, place) - first
    if not isinstance(length, dt.timedelta):
        raise _damaged(component, "DURATION is not a length of time")
    return _Event(component, first, length if is_timed else max(length, DAY), place)


def _moment(component: Component, name: str) -> Moment | None:
    value = component.get(name)
    if value is None:
        return None
    moment = getattr(value, "dt", None)
    if not isinstance(moment, dt.date):
        raise _damaged(component, f"{name} is not one date or time")
    return moment


def _wall(moment: Moment, place: dt.tzinfo | None) -> dt.datetime:
    """Return what the clock of `place` shows at the moment, without a zone."""
    if not isinstance(moment, dt.datetime):
        return dt.datetime.combine(moment, dt.time())
    if moment.tzinfo is not None and place is not None:
        try:
            moment = moment.astimezone(place)
        except OverflowError as error:
            raise CalendarError(f"An event cannot be read: {BEYOND}.") from error
    return moment.replace(tzinfo=None)


def _closed(event: _Event, place: dt.tzinfo, between: tuple[dt.date, dt.date], deadline: float) -> Iterator[dt.date]:
    """Yield the days of interest that the event covers, each time it takes place."""
    try:
        for start in _starts(event, between):
            if monotonic() > deadline:
                raise CalendarError("The events of this feed repeat so often that they take too long to work out.")
            yield from _days(event, start, place, between)
    except OverflowError as error:
        raise _damaged(event.component, BEYOND) from error


def _starts(event: _Event, between: tuple[dt.date, dt.date]) -> Iterator[dt.datetime]:
    """Yield the starts of the event that may reach into the days of interest."""
    earliest = _midnight(between[0].toordinal() - event.length.days - 2)
    latest = _midnight(between[1].toordinal() + 2)
    excluded = {event.wall(moment) for moment in _listed(event, "EXDATE")} | event.replaced
    starts = {event.first, *(event.wall(moment) for moment in _listed(event, "RDATE"))}
    for rule in _as_list(event.component.get("RRULE")):
        starts.update(_repeated(event, rule, earliest, latest))
    return (start for start in sorted(starts - excluded) if earliest <= start <= latest)


def _repeated(event: _Event, rule: Any, earliest: dt.datetime, latest: dt.datetime) -> list[dt.datetime]:
    parts = {str(key).upper(): value for key, value in rule.items()}
    if parts.get("FREQ", [""])[0] not in _FREQUENCIES or any(part in parts for part in _WITHIN_A_DAY):
        raise _damaged(event.component, "it repeats by the hour, and special days are whole days")
    if min(_as_list(parts.get("INTERVAL", 1))) < 1:
        raise _damaged(event.component, "it repeats every 0 days")
    try:
        for until in _as_list(parts.get("UNTIL")):
            # Without a zone, as the starts are. A date stands for the whole of it.
            last = event.wall(until) if isinstance(until, dt.datetime) else event.wall(until) + DAY - SECOND
            parts["UNTIL"] = [min(last, latest)]
        repetition = rrulestr(type(rule)(parts).to_ical().decode(), dtstart=event.first)
        return list(repetition.between(earliest, latest, inc=True))
    except _LIBRARY_ERRORS as error:
        raise _damaged(event.component, f"its RRULE cannot be worked out: {str(error)[:120]}") from error


def _listed(event: _Event, name: str) -> Iterator[Moment]:
    for values in _as_list(event.component.get(name)):
        for value in values.dts:
            moment = value.dt[0] if isinstance(value.dt, tuple) else value.dt  # a period: its start
            if not isinstance(moment, dt.date):
                raise _damaged(event.component, f"{name} is not a list of dates or times")
            yield moment


def _days(event: _Event, start: dt.datetime, place: dt.tzinfo, between: tuple[dt.date, dt.date]) -> Iterator[dt.date]:
    """Yield the days of interest that the event covers from midnight to midnight when it starts at `start`."""
    end = start + event.length
    first, last = max(between[0], start.date() - DAY), min(between[1], end.date() + DAY)
    begins, ends = _in_utc(start, event.place or place), _in_utc(end, event.place or place)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        if begins <= _in_utc(_midnight(ordinal), place) and _in_utc(_midnight(ordinal + 1), place) <= ends:
            yield dt.date.fromordinal(ordinal)


def _in_utc(wall: dt.datetime, place: dt.tzinfo) -> dt.datetime:
    return wall.replace(tzinfo=place).astimezone(dt.UTC)


def _midnight(ordinal: int) -> dt.datetime:
    return dt.datetime.fromordinal(min(max(ordinal, 1), dt.date.max.toordinal()))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _damaged(component: Component, problem: str) -> CalendarError:
    name = str(component.get("SUMMARY", "")) or "without a name"
    return CalendarError(f"The event {name[:60]} cannot be read: {problem}.")
