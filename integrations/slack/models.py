"""What the portal remembers of Slack: its channels, its threads, its people, and what came from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.time import now
from tickets.models import Message, Ticket


class Purpose(models.TextChoices):
    """What a channel is for."""

    CRITICAL = "critical", "Critical tickets"
    ALERTS = "alerts", "Alerts and calls for help"
    SLA = "sla", "Promises that run out"
    METRICS = "metrics", "Daily and weekly figures"
    GENERAL = "general", "Solved tickets"
    INCIDENTS = "incidents", "Incidents"
    TEST = "test", "Trying things out"


class SlackChannel(models.Model):
    """The channel of a purpose, where it is another than the settings name. Empty: nothing is posted for it."""

    purpose = models.CharField(max_length=12, choices=Purpose, unique=True)
    channel = models.CharField(
        max_length=80,
        blank=True,
        help_text="Its id, like C0123456789, or the name of a public channel, like #support-critical. "
        "Empty: nothing is posted.",
    )

    class Meta:
        verbose_name = "Slack channel"
        ordering = ["purpose"]

    def __str__(self) -> str:
        return self.get_purpose_display()


class SlackThread(models.Model):
    """The thread of a ticket in a channel. ts: of its head; "" while `opener` is still posting it.

    opener: the attempt that opens it.   head: template and payload of the notice that the head is drawn from.
    drawn: digest of what the head shows, so that it is not drawn again for nothing.
    destination: what notices for this thread are queued for.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="slack_threads")
    channel_id = models.CharField(max_length=32)
    destination = models.CharField(max_length=320)
    ts = models.CharField(max_length=32, blank=True)
    opener = models.CharField(max_length=60)
    head = models.JSONField(default=dict)
    drawn = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(default=now)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "channel_id"], name="slack_thread_once"),
            models.UniqueConstraint(fields=["channel_id", "ts"], condition=~Q(ts=""), name="slack_thread_head_once"),
        ]

    def __str__(self) -> str:
        return f"thread of {self.ticket_id} in {self.channel_id}"


class SlackUser(models.Model):
    """Who somebody in Slack is here. person: None where they are nobody; `reason` says why, in words for them."""

    slack_id = models.CharField(max_length=32, unique=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.slack_id


class SlackIntake(models.Model):
    """What came from Slack and was worked off, by Slack's own name for it: it is worked off once."""

    key = models.CharField(max_length=120, unique=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return self.key


class SlackDigest(models.Model):
    """A digest that was queued: once for each period and day."""

    period = models.CharField(max_length=8)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "day"], name="slack_digest_once")]

    def __str__(self) -> str:
        return f"{self.period} {self.day}"
