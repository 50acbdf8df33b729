"""Who is promised what, and what is done when it is not kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Team, User
from common.time import now
from sla.models.calendars import BusinessCalendar
from sla.models.versions import Version, version_constraints
from sla.querysets import VersionQuerySet
from sla.vocabulary import Action, Metric
from tickets.vocabulary import Priority


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

    objects = VersionQuerySet.as_manager()

    class Meta:
        db_table = "sla_policy_version"
        ordering = ["policy", "-number"]
        constraints = version_constraints("policy")

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
