"""When: business calendars, policies, the clocks that run under them, and what happened when they ran out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Team, User
from common.time import now
from sla import vocabulary
from sla.querysets import CalendarVersionQuerySet, ClockQuerySet, PolicyVersionQuerySet
from sla.vocabulary import Action, ClockState, Metric, StepState
from tickets.models import Ticket
from tickets.vocabulary import Priority, Status

if TYPE_CHECKING:
    from sla.rules.promises import Promise

ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # since when the first version of a policy or calendar holds


class Rulebook(models.Model):
    """One row that is another after each change of policies and calendars, so that every process reads them anew.

    Never the same twice, as a count would be after a change that was taken back. Its lock puts changes into one order.
    """

    generation = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sla_rulebook_one_row")]

    def __str__(self) -> str:
        return f"generation {self.generation}"


class Version(models.Model):
    """Something that is never edited: a change makes the next one. Without a number it is a draft."""

    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    effective_from = models.DateTimeField(null=True, blank=True, help_text="Empty: from the moment it is published.")
    note = models.CharField(max_length=200, blank=True, help_text="What changed, and why.")
    created_at = models.DateTimeField(default=now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return self.number is None


def _version_constraints(owner: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(fields=[owner, "number"], name=f"sla_{owner}_version_number_once"),
        models.UniqueConstraint(fields=[owner], condition=Q(number=None), name=f"sla_{owner}_one_draft"),
        models.CheckConstraint(
            condition=Q(number=None) | Q(effective_from__isnull=False), name=f"sla_{owner}_published_has_a_start"
        ),
    ]


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

    objects = CalendarVersionQuerySet.as_manager()

    class Meta:
        db_table = "sla_calendar_version"
        ordering = ["calendar", "-number"]
        constraints = _version_constraints("calendar")

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


class SlaPolicy(models.Model):
    """Who is promised what. The first active policy, by position, whose conditions match a ticket decides."""

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        db_table = "sla_policy"
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(Version):
    """One version of a policy. An empty condition matches every ticket.

    thresholds: per cent of a target at which a warning, the breach and escalations are recorded.
    """

    policy = models.ForeignKey(SlaPolicy, models.CASCADE, related_name="versions")
    tiers = models.JSONField(default=list, blank=True)
    organizations = models.JSONField(default=list, blank=True, help_text="Ids.")
    product_areas = models.JSONField(default=list, blank=True, help_text="Keys.")
    teams = models.JSONField(default=list, blank=True, help_text="Ids.")
    tags = models.JSONField(default=list, blank=True)
    thresholds = models.JSONField(default=list)
    pause_statuses = models.JSONField(default=list)
    honours_maintenance = models.BooleanField(default=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        db_table = "sla_policy_version"
        ordering = ["policy", "-number"]
        constraints = _version_constraints("policy")

    def __str__(self) -> str:
        return f"{self.policy}, {f'version {self.number}' if self.number else 'draft'}"


class SlaTarget(models.Model):
    """How long one metric may take for one priority, counted in a calendar. No row: nothing is promised."""

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="targets")
    priority = models.CharField(max_length=12, choices=Priority)
    metric = models.CharField(max_length=16, choices=Metric)
    minutes = models.PositiveIntegerField()
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, related_name="targets")

    class Meta:
        db_table = "sla_target"
        ordering = ["priority", "metric"]
        constraints = [
            models.UniqueConstraint(fields=["version", "priority", "metric"], name="sla_target_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="sla_target_at_least_a_minute"),
        ]

    def __str__(self) -> str:
        return f"{self.get_priority_display()} {self.get_metric_display()}: {self.minutes} min"


class EscalationStep(models.Model):
    """What is done when a clock of one metric reaches a share of its target. No priority: every priority."""

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="steps")
    metric = models.CharField(max_length=16, choices=Metric, default=Metric.FIRST_RESPONSE)
    priority = models.CharField(max_length=12, choices=Priority, blank=True)
    at_percent = models.PositiveSmallIntegerField(default=100)
    action = models.CharField(max_length=28, choices=Action)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["metric", "at_percent", "id"]
        constraints = [models.CheckConstraint(condition=Q(at_percent__gte=1), name="sla_step_at_least_one_percent")]

    def __str__(self) -> str:
        return f"{self.at_percent} %: {self.get_action_display()}"


class Conversation(models.Model):
    """Where a ticket's conversation stands, as far as promises care (sla/rules/book.py says what each holds).

    quiet_until: what was reached before was filled in from the past; nobody is told of it.
    """

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="sla_conversation")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status)
    awaits_first_response = models.BooleanField(default=True)
    has_begun = models.BooleanField(default=False)
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

    What a report slices by (tier to policy_version) follows the ticket until the verdict falls, then stays.
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
    reopened_count = models.PositiveSmallIntegerField(default=0)
    history = models.JSONField(default=list)
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
                fields=["calendar_version"], condition=Q(state__in=("RUNNING", "PAUSED")), name="sla_clock_calendar"
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

    suppressed: nobody was told of it by itself: a higher level was passed at the same look, the answer had come, or
    it lies in the past of a ticket that was filled in (`is_past`).
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
    subject_id = models.BigIntegerField(null=True, help_text="Calendar or organization.")
    reason = models.CharField(max_length=200)
    effective_at = models.DateTimeField(default=now)
    cursor = models.BigIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(finished_at=None), name="sla_recalculation_due")]

    def __str__(self) -> str:
        return self.reason


class ZoneRules(models.Model):
    """What the shipped time zone data said of a zone when its calendars were last worked out (T8)."""

    zone_name = models.CharField(max_length=64, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    checked_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.zone_name


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
