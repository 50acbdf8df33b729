"""Rules as rows, what they did, what waits for them, and what agents apply by hand."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Team, User
from common.models import Event
from common.time import now
from tickets.models.tickets import Ticket


class AutomationRule(models.Model):
    """What is done to tickets for which the conditions hold: on an event, or whenever it is looked.

    key: the name of one that the portal came with, for the portal itself.   walked_to: the number of the last ticket
    that a rule on time looked at, where the next look goes on.
    """

    class Kind(models.TextChoices):
        TRIGGER = "TRIGGER", "On an event"
        SCHEDULED = "SCHEDULED", "On time"

    name = models.CharField(max_length=80, unique=True)
    key = models.SlugField(max_length=50, blank=True, editable=False)
    description = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=9, choices=Kind)
    event_kinds = models.JSONField(default=list, blank=True)
    conditions = models.JSONField(default=dict)
    actions = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    walked_to = models.BigIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=now, editable=False)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        ordering = ["position", "id"]
        verbose_name = "automation rule"
        constraints = [models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="automation_rule_key_once")]

    def __str__(self) -> str:
        return self.name


class RuleRun(models.Model):
    """One time that a rule held for a ticket, and what it did.

    name: of the rule, as it was then.   version: of the ticket once it was done; a rule on time does nothing to a
    ticket that still has it.   event: the id of the event that fired it.   refusal: why nothing was done.
    """

    rule = models.ForeignKey(AutomationRule, models.CASCADE, related_name="runs")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="rule_runs")
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    event = models.BigIntegerField(null=True)
    deeds = models.JSONField(default=list)
    refusal = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["rule", "ticket", "version"], name="rule_run_state"),
            models.Index(fields=["ticket", "-id"], name="rule_run_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.ticket_id}"


class FiringEvent(models.Model):
    """An event of another room that rules wait for. A task works it off under the ticket's lock.

    due_at: when to try; a worker that takes it moves it on.   chain: the rules whose actions led to the event.
    """

    event = models.OneToOneField(Event, models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    chain = models.JSONField(default=list)
    due_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return f"{self.event_id} on {self.ticket_id}"


class TeamQuerySet(models.QuerySet[Any]):
    """Rows that belong to a team or to all."""

    def usable_by(self, user: User) -> TeamQuerySet:
        """Return the active ones of everybody and of the person's teams; whoever writes them may use each."""
        rows = self.filter(is_active=True)
        if user.has_perm(f"tickets.change_{self.model._meta.model_name}"):
            return rows
        return rows.filter(Q(team=None) | Q(team__in=user.teams.all()))


class Macro(models.Model):
    """Changes and words that an agent applies by hand. team: whose it is; empty for all."""

    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=300, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    actions = models.JSONField(default=list)
    reply = models.TextField(blank=True)
    is_reply_internal = models.BooleanField("is an internal note", default=False)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    used_count = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=now, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class SavedReply(models.Model):
    """Words for an answer, found by title or keyword. team: whose it is; empty for all."""

    title = models.CharField(max_length=80, unique=True)
    keyword = models.SlugField(max_length=40, unique=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    body = models.TextField()
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=now, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "saved replies"

    def __str__(self) -> str:
        return self.title
