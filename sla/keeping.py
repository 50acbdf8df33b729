"""What the room keeps for a while only, and whether it is well."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from common import health, retention
from common.time import now
from sla.models import Clock, MonitorPass
from sla.services.monitor import overdue_seconds
from sla.vocabulary import ClockState

MONITOR_PASS_LIFE = dt.timedelta(days=3)


def _purge_passes(at: dt.datetime) -> int:
    return retention.delete_in_batches(MonitorPass.objects.filter(started_at__lt=at - MONITOR_PASS_LIFE))


def monitor_is_well() -> None:
    """Raise where deadlines have been due for longer than a monitor may lag behind."""
    lag = overdue_seconds(now())
    if lag > settings.PORTAL_MONITOR_LAG_SECONDS:
        raise RuntimeError(f"the monitor is {lag:.0f} s behind")


def calendars_are_well() -> None:
    """Raise where a clock cannot run because its calendar has no working time (C12)."""
    if Clock.objects.filter(state=ClockState.ERROR).exists():
        raise RuntimeError("a calendar in use has no working time")


retention.register("monitor passes", _purge_passes)
health.register("sla_monitor", monitor_is_well)
health.register("sla_calendars", calendars_are_well)
