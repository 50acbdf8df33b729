"""The running measures of tickets, and the levels they passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from common.time import now
from sla import vocabulary
from sla.models.calendars import CalendarVersion
from sla.models.policies import EscalationStep, PolicyVersion
from sla.querysets import ClockQuerySet
from sla.vocabulary import ClockState, Metric, StepState
from tickets.models import Ticket
from tickets.vocabulary import Priority, Status

if TYPE_CHECKING:
    from sla.rules.promises import Promise


class Conversation(models.Model):
    """Where a ticket's conversation stands, as far as promises care (sla/rules/book.py says what each holds).

    quiet_until: what was reached before was filled in from the past; nobody is told of it.
    """

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="sla_conversation")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    awaits_first_response = models.BooleanField(default=True)
    unanswered_since = models.DateTimeField(null=True)
    last_reply_at = models.DateTimeField(null=True)
    maintenance_count = models.PositiveSmallIntegerField(default=0)
    quiet_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "sla_conversation"

    def __str__(self) -> str:
        return f"conversation of {self.ticket_id}"


class Clock(models.Model):
    """One measure of one ticket: metric and cycle (sla/rules/clocks.py says what each column holds).

    What a report slices by (judged_by to product_area) follows the ticket until the verdict falls, then stays.
    `due_at` of a stopped clock is the deadline it was judged by.
    """

    State = vocabulary.ClockState

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clocks")
    metric = models.CharField(max_length=16, choices=Metric)
    cycle = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ClockState)
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="clocks")
    calendar_version = models.ForeignKey(CalendarVersion, models.PROTECT, null=True, related_name="clocks")
    priority_row = models.CharField(
        max_length=12, choices=Priority, blank=True, help_text="The policy's row that holds."
    )
    target_us = models.BigIntegerField(null=True)
    banked_us = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    detected_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=10, choices=vocabulary.StoppedBy, blank=True)
    revision = models.PositiveSmallIntegerField(default=0)
    reached_percent = models.PositiveIntegerField(default=0)
    next_step = models.PositiveIntegerField(null=True)
    next_action_at = models.DateTimeField(null=True)
    withdrawn_count = models.PositiveSmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    reopened_at = models.DateTimeField(null=True)
    history = models.JSONField(default=list)
    judged_by = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    tier = models.CharField(max_length=16, blank=True)
    priority = models.CharField(max_length=12, blank=True)
    organization_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    product_area = models.CharField(max_length=50, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        ordering = ["ticket", "metric", "cycle"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric", "cycle"], name="sla_clock_cycle_once"),
            models.UniqueConstraint(
                fields=["ticket", "metric"],
                condition=Q(state__in=vocabulary.OPEN_STATES),
                name="sla_clock_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="RUNNING", running_since__isnull=False)
                | (~Q(state="RUNNING") & Q(running_since__isnull=True)),
                name="sla_clock_running_since_when_running",
            ),
            models.CheckConstraint(
                condition=Q(state="STOPPED", stopped_at__isnull=False)
                | (~Q(state="STOPPED") & Q(stopped_at__isnull=True)),
                name="sla_clock_stopped_at_when_stopped",
            ),
            models.CheckConstraint(
                condition=Q(next_action_at=None) | Q(state="RUNNING"), name="sla_clock_acts_only_when_running"
            ),
            models.CheckConstraint(
                condition=Q(breached_at=None) | Q(due_at__isnull=False), name="sla_clock_breached_was_due"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_action_at"], condition=Q(next_action_at__isnull=False), name="sla_clock_next_action"
            ),
            models.Index(
                fields=["calendar_version"],
                condition=Q(state__in=vocabulary.COUNTING_STATES),
                name="sla_clock_calendar",
            ),
            models.Index(fields=["stopped_at"], condition=Q(state="STOPPED"), name="sla_clock_stopped"),
            models.Index(fields=["breached_at"], condition=Q(breached_at__isnull=False), name="sla_clock_breached"),
            models.Index(fields=["state"], condition=Q(state="ERROR"), name="sla_clock_error"),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.cycle} of {self.ticket_id}"

    @property
    def promise(self) -> Promise | None:
        """What it is measured against, from the versions it names."""
        from sla import library

        if self.policy_version_id is None:
            return None
        return library.promise(self.policy_version_id, self.priority_row, self.metric, self.calendar_version_id)

    @promise.setter
    def promise(self, promise: Promise | None) -> None:
        self.policy_version_id = promise.policy if promise else None
        self.calendar_version_id = promise.calendar.key if promise else None
        self.target_us = promise.target_us if promise else None
        self.priority_row = promise.priority if promise else ""


class ClockEvent(models.Model):
    """A level that a clock passed, once for each revision. reached_at: when; recorded_at: when that was seen.

    suppressed: nobody was told of it by itself: a higher level was passed at the same look, or it was over (`is_past`):
    the answer had come, or it lies in the past of a ticket that was filled in.
    """

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="events")
    revision = models.PositiveSmallIntegerField()
    threshold = models.PositiveIntegerField()
    reached_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=now)
    suppressed = models.BooleanField(default=False)
    is_past = models.BooleanField(default=False)

    class Meta:
        db_table = "sla_event"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "revision", "threshold"], name="sla_event_once"),
        ]
        indexes = [
            models.Index(fields=["recorded_at"], condition=Q(threshold=100, is_past=False), name="sla_event_breaches")
        ]

    def __str__(self) -> str:
        return f"{self.threshold} % of clock {self.clock_id}"


class Storm(models.Model):
    """More breaches within a short time than anybody could read a notice of each: one notice tells them all."""

    began_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)
    breach_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="sla_storm_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="sla_storm_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"storm of {self.began_at:%Y-%m-%d %H:%M}"


class StepRun(models.Model):
    """One escalation step that came due on one ticket, and what became of it. note: why, in words."""

    event = models.ForeignKey(ClockEvent, models.CASCADE, related_name="runs")
    step = models.ForeignKey(EscalationStep, models.PROTECT, related_name="runs")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="escalations")
    storm = models.ForeignKey(Storm, models.SET_NULL, null=True, blank=True, related_name="runs")
    state = models.CharField(max_length=14, choices=StepState, default=StepState.DUE)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now, help_text="When a worker may take it; it moves on with each try.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event", "step"], name="sla_step_run_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="DUE"), name="sla_step_run_due"),
            models.Index(fields=["ticket"], name="sla_step_run_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.step} on {self.ticket_id}"
