"""Storms: when more promises break at once than anybody can read of, one notice tells them all (decision C20)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from common import journal
from common.actors import SYSTEM
from sla import events
from sla.models import ClockEvent, Storm
from sla.rules.clocks import BREACH

LOCK = 7_736_241  # any number that nothing else locks by


@dataclass(frozen=True)
class Weather:
    """recent: breaches within the last minutes, those that are being recorded among them."""

    recent: int
    storm: Storm | None


def read_weather(at: dt.datetime, *, coming: int) -> Weather:
    """Say whether there is a storm, and let one begin where `coming` breaches make it one.

    Of monitors that see it begin at once one writes the storm and its notice; the others find it.
    """
    storm = _present()
    if storm is None and coming:
        _wait_for_others()
        storm = _present()
    recent = recent_breaches(at) + coming
    if storm is None and coming and recent > settings.PORTAL_STORM_BREACHES:
        storm = _begin(at, recent)
    elif storm is not None and coming:
        Storm.objects.filter(pk=storm.pk).update(breach_count=F("breach_count") + coming)
    return Weather(recent, storm)


def recent_breaches(at: dt.datetime) -> int:
    since = at - dt.timedelta(minutes=settings.PORTAL_STORM_MINUTES)
    return ClockEvent.objects.filter(threshold=BREACH, is_past=False, recorded_at__gt=since).count()


def end_storm(at: dt.datetime) -> Storm | None:
    """End the storm that is on, if it has calmed down, and return it."""
    with transaction.atomic():
        storm = Storm.objects.select_for_update().filter(ended_at=None).first()
        if storm is None or recent_breaches(at) > settings.PORTAL_STORM_BREACHES:
            return None
        storm.ended_at = max(at, storm.began_at)
        storm.save(update_fields=["ended_at"])
        journal.record(events.STORM_ENDED, subject=storm, by=SYSTEM, data={"breaches": storm.breach_count})
    return storm


def _wait_for_others() -> None:
    """Look only when no other monitor is about to record breaches that nobody can see yet. Until there is a storm, that
    is; from then on nobody waits. SQLite lets one write at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _present() -> Storm | None:
    return Storm.objects.filter(ended_at=None).first()


def _begin(at: dt.datetime, recent: int) -> Storm:
    try:
        with transaction.atomic():
            storm = Storm.objects.create(began_at=at, breach_count=recent)
    except IntegrityError:
        return Storm.objects.get(ended_at=None)
    data = {"breaches": recent, "minutes": settings.PORTAL_STORM_MINUTES}
    journal.record(events.STORM_BEGAN, subject=storm, by=SYSTEM, at=at, data=data)
    return storm
