"""Live tickets for tests of what becomes of them: a Monday at noon, and what happens so many hours later."""

from __future__ import annotations

import datetime as dt

import time_machine

from common.actors import SYSTEM
from sla.models import BusinessCalendar, CalendarVersion, Clock, ClockEvent, MonitorPass
from sla.rules.hours import WEEKDAYS
from sla.services import draft_calendar, publish_calendar, run_monitor
from sla.vocabulary import Metric
from tickets.models import Ticket
from tickets.services import open_ticket
from tickets.vocabulary import Channel

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)  # Monday, 07:00 in New York
HOUR = 3_600_000_000
WHOLE_DAY = [["00:00", "24:00"]]
DAY_AND_NIGHT = "Day and night"  # the seeded calendar of the policy Enterprise


def after(hours: float) -> dt.datetime:
    return NOON + dt.timedelta(hours=hours)


def at(hours: float):
    return time_machine.travel(after(hours), tick=False)


def hours_after(instant: dt.datetime) -> float:
    """Return how many hours after noon that is."""
    return (instant - NOON) / dt.timedelta(hours=1)


def opened(requester, *, hours: float = 0, priority: str = "P1_CRITICAL", **more) -> Ticket:
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=requester,
        channel=Channel.WEB,
        priority=priority,
        at=after(hours),
        **more,
    )


def clock(ticket: Ticket, metric: str = Metric.FIRST_RESPONSE) -> Clock:
    return Clock.objects.filter(ticket=ticket, metric=metric).latest("cycle")


def due(ticket: Ticket, metric: str = Metric.FIRST_RESPONSE) -> float:
    """Return in how many hours from noon the ticket is due."""
    return hours_after(clock(ticket, metric).due_at)


def look(hours: float) -> MonitorPass:
    """Let a monitor look so many hours after noon."""
    with at(hours):
        return run_monitor()


def levels(ticket: Ticket, metric: str = Metric.FIRST_RESPONSE) -> list[tuple[int, int]]:
    """Return (revision, level) of what a clock passed, in the order in which it was seen."""
    found = ClockEvent.objects.filter(clock__ticket=ticket, clock__metric=metric).order_by("id")
    return list(found.values_list("revision", "threshold"))


def around_the_clock(**special_days) -> dict:
    """Return the hours of a calendar without nights: around_the_clock(**{"2026-02-10": []}) is closed on that day."""
    days = [{"date": date, "hours": hours} for date, hours in special_days.items()]
    return {"tz": "UTC", "weekly": dict.fromkeys(WEEKDAYS, WHOLE_DAY), "special_days": days}


def running_out(until: str) -> dict:
    """Return hours that end for ever on Monday at `until`."""
    return {"tz": "UTC", "weekly": {}, "special_days": [{"date": "2026-02-09", "hours": [["00:00", until]]}]}


def publish_hours(hours: dict, *, name: str = DAY_AND_NIGHT) -> CalendarVersion:
    calendar = BusinessCalendar.objects.get(name=name)
    return publish_calendar(draft_calendar(calendar, hours=hours, by=SYSTEM), by=SYSTEM)
