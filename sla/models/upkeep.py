"""What keeps promises right and tells how they were kept: passes, jobs, months, back-tests."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.time import now
from sla.models.calendars import CalendarVersion
from sla.models.policies import PolicyVersion
from sla.vocabulary import Metric


class MonitorPass(models.Model):
    """One look at what is due. lag_seconds: how late the latest level was seen."""

    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    clock_count = models.PositiveIntegerField(default=0)
    event_count = models.PositiveIntegerField(default=0)
    lag_seconds = models.FloatField(default=0)
    is_complete = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "monitor passes"
        ordering = ["-id"]
        indexes = [models.Index(fields=["started_at"], name="sla_monitor_pass_age")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S}"


class Recalculation(models.Model):
    """A job that takes a change of policy, calendar, tier or zone rules to the open tickets it concerns.

    Resumable: `cursor` is the last ticket that was done. effective_at: from when the change counts.
    """

    class Kind(models.TextChoices):
        POLICY = "POLICY", "Policies applied to open tickets"
        CALENDAR = "CALENDAR", "A calendar changed"
        ORGANIZATION = "ORGANIZATION", "An organization's tier changed"
        ZONE = "ZONE", "The rules of a time zone changed"

    kind = models.CharField(max_length=12, choices=Kind)
    subject_id = models.BigIntegerField(null=True, help_text="Calendar, organization or policy.")
    tier = models.CharField(max_length=16, blank=True, help_text="That an organization has from then on.")
    reason = models.CharField(max_length=200)
    effective_at = models.DateTimeField(default=now)
    cursor = models.BigIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(finished_at=None), name="sla_recalculation_due")]

    def __str__(self) -> str:
        return self.reason


class MonthlyFigure(models.Model):
    """A month's compliance as it stood when the month was closed, so that later corrections can be told (R6)."""

    month = models.DateField(help_text="Its first day.")
    tier = models.CharField(max_length=16, blank=True)
    priority = models.CharField(max_length=12, blank=True)
    metric = models.CharField(max_length=16, choices=Metric)
    met = models.PositiveIntegerField()
    breached = models.PositiveIntegerField()
    taken_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-month", "tier", "priority", "metric"]
        constraints = [
            models.UniqueConstraint(fields=["month", "tier", "priority", "metric"], name="sla_monthly_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.tier} {self.priority} {self.metric}"


class ClosedMonth(models.Model):
    """A month whose figures are taken, also where there were none."""

    month = models.DateField(unique=True, help_text="Its first day.")
    closed_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class BackTest(models.Model):
    """A draft tried on past tickets: how it would have gone under it, and under what is in force.

    result: what sla/backtest.py counts, so far or in all. cursor: the last ticket that was replayed.
    tried, arm: what was tried in words, for when the draft has become another.
    """

    policy = models.ForeignKey(PolicyVersion, models.SET_NULL, null=True, related_name="back_tests")
    calendar = models.ForeignKey(CalendarVersion, models.SET_NULL, null=True, related_name="back_tests")
    tried = models.CharField(max_length=250)
    arm = models.CharField(max_length=40)
    opened_from = models.DateTimeField()
    opened_until = models.DateTimeField()
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(default=now)
    cursor = models.BigIntegerField(default=0)
    ticket_count = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(finished_at=None), name="sla_back_test_due")]
        constraints = [models.CheckConstraint(condition=~Q(tried=""), name="sla_back_test_tries_something")]

    def __str__(self) -> str:
        return f"back-test {self.pk}"
