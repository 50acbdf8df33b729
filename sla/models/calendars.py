"""The hours in which time counts."""

from __future__ import annotations

from typing import Any

from django.db import models

from common.time import now
from sla.models.versions import Version, version_constraints
from sla.querysets import VersionQuerySet


class BusinessCalendar(models.Model):
    """The hours in which time counts. What they are stands in its versions."""

    name = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        db_table = "sla_calendar"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(Version):
    """One version of a calendar. weekly, special_days: as a calendar file has them (docs/sla.md)."""

    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, related_name="versions")
    time_zone = models.CharField(max_length=64)
    weekly = models.JSONField(default=dict)
    special_days = models.JSONField(default=list)

    objects = VersionQuerySet.as_manager()

    class Meta:
        db_table = "sla_calendar_version"
        ordering = ["calendar", "-number"]
        constraints = version_constraints("calendar")

    def __str__(self) -> str:
        return f"{self.calendar}, {f'version {self.number}' if self.number else 'draft'}"

    def as_file(self) -> dict[str, Any]:
        return {"tz": self.time_zone, "weekly": self.weekly, "special_days": self.special_days}


class HolidayFeed(models.Model):
    """An iCalendar address from which a calendar's special days are read again and again."""

    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, related_name="feeds")
    url = models.URLField(max_length=500)
    read_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "url"], name="sla_feed_once")]

    def __str__(self) -> str:
        return self.url


class ZoneRules(models.Model):
    """What the shipped time zone data said of a zone when its calendars were last worked out (T8)."""

    zone_name = models.CharField(max_length=64, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    checked_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.zone_name
