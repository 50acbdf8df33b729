"""Stories of tickets for tests of the pure rules: days of one week, in office hours of UTC or around the clock."""

from __future__ import annotations

import datetime as dt

from sla.rules import clocks
from sla.rules.book import Book, Conversation, Opening
from sla.rules.clocks import Clock
from sla.rules.hours import ALWAYS, read_hours
from sla.rules.promises import Calendar, Promise
from sla.rules.timetable import Timetable
from sla.vocabulary import Metric

MONDAY = dt.datetime(2026, 2, 9, tzinfo=dt.UTC)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE, HOUR = 60_000_000, 3_600_000_000

OFFICE = Calendar(
    1,
    Timetable(
        read_hours({"tz": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}),
        "Office",
    ),
    "Office",
    1,
)
ROUND_THE_CLOCK = Calendar(2, Timetable(ALWAYS, "Always"), "Always", 2)


def when(text: str) -> dt.datetime:
    """Return "Tue 09:30" of the week, "+Tue 09:30" of the next one."""
    weeks, text = text.count("+"), text.lstrip("+")
    day, _, time = text.partition(" ")
    instant = dt.time.fromisoformat(time)
    since = dt.timedelta(hours=instant.hour, minutes=instant.minute, seconds=instant.second)
    since += dt.timedelta(microseconds=instant.microsecond, weeks=weeks, days=DAYS.index(day))
    return MONDAY + since


def promise(metric: str, hours: float, calendar: Calendar = OFFICE, **values: object) -> Promise:
    return Promise(metric=metric, target_us=round(hours * HOUR), calendar=calendar, **values)


def terms(calendar: Calendar = OFFICE, **hours: float) -> dict[str, Promise]:
    """terms(first_response=4, resolution=16): a promise of so many hours for each metric."""
    return {name.upper(): promise(name.upper(), amount, calendar, policy=1) for name, amount in hours.items()}


class Story:
    """A ticket whose clocks can be looked at at any time."""

    def __init__(self, opened: str, promised: dict[str, Promise], opening: Opening = Opening.CUSTOMER) -> None:
        self.terms = promised
        at = when(opened)
        self.talk = Conversation(opened_at=at, changed_at=at)
        self.clocks: list[Clock] = []
        self.book = Book(self.talk, self.clocks, self._start)
        self.book.clocks = self.clocks
        self.book.opened(at, promised, opening)

    def _start(self, metric: str, at: dt.datetime) -> Clock:
        return Clock(metric, 1 + sum(clock.metric == metric for clock in self.clocks), at)

    def customer(self, at: str) -> Story:
        self.book.customer_spoke(when(at), self.terms)
        return self

    def reply(self, at: str) -> Story:
        self.book.answered(when(at), self.terms)
        return self

    def status(self, at: str, status: str) -> Story:
        self.book.status_changed(when(at), status, self.terms)
        return self

    def promised(self, at: str, promised: dict[str, Promise]) -> Story:
        self.terms = promised
        self.book.terms_changed(when(at), promised)
        return self

    def maintenance(self, at: str, *, is_on: bool) -> Story:
        self.book.maintenance_changed(when(at), is_on=is_on)
        return self

    def withdrawn(self, at: str) -> Story:
        self.book.withdrawn(when(at))
        return self

    def monitor(self, at: str) -> list[tuple[str, int]]:
        """Pass what is reached, and return (metric, level) of it."""
        return [(clock.metric, level.percent) for clock in self.clocks for level in clocks.advance(clock, when(at))]

    def all(self, metric: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.metric == metric.upper()]

    def one(self, metric: str) -> Clock:
        (clock,) = self.all(metric)
        return clock

    @property
    def first(self) -> Clock:
        return self.one(Metric.FIRST_RESPONSE)

    @property
    def resolution(self) -> Clock:
        return self.one(Metric.RESOLUTION)
