"""The outbox: what still has to leave the portal, every try to send it, and how the other side is doing."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.models import Event
from common.time import now
from integrations.querysets import DeliveryQuerySet


class Circuit(models.Model):
    """One other side that can be well or ill by itself: the mail server, a Slack channel, a webhook's receiver.

    last_sequence: the number given to its latest delivery.   purged_through: deliveries up to this number were
    deleted because they were old.   A circuit rests until `paused_until`, for the reason told.
    """

    key = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=20)
    last_sequence = models.PositiveBigIntegerField(default=0)
    purged_through = models.PositiveBigIntegerField(default=0)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True)
    window_started_at = models.DateTimeField(null=True, blank=True)
    window_count = models.PositiveIntegerField(default=0)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One event for one destination. Written in the event's own transaction, sent by a worker later.

    kind: the folder that sends it.   destination: an address in that kind's own form.   payload: what the
    event alone does not say; blanked once sent where it holds a secret (`is_secret`).
    stream: deliveries of one destination and stream go out one after the other, in the order of their making.
    sequence: its number in its circuit, without a gap, given when a worker first takes it.
    claimed_at: when a worker took it; stays until the outcome of that try is known.
    """

    class State(models.TextChoices):
        PENDING = "PENDING", "Waiting"
        DELIVERED = "DELIVERED", "Delivered"
        DEAD = "DEAD", "Given up"
        SKIPPED = "SKIPPED", "Not needed any more"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    circuit = models.CharField(max_length=80)
    template = models.CharField(max_length=50)
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="deliveries")
    recipient = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    destination = models.CharField(max_length=320)
    stream = models.CharField(max_length=60, blank=True)
    sequence = models.PositiveBigIntegerField(null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    failed_tries = models.PositiveSmallIntegerField(default=0)
    redelivered = models.PositiveSmallIntegerField(default=0, help_text="How often somebody sent it again by hand.")
    external_id = models.CharField(max_length=255, blank=True, help_text="The other side's name for it.")
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    # Whether an earlier try may have reached the other side. Said by the claim, which knows; no column.
    may_have_gone = False

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        permissions = [("redeliver", "Can send a delivery again")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "kind", "destination"], condition=Q(event__isnull=False), name="delivery_once"
            ),
            models.UniqueConstraint(fields=["circuit", "sequence"], name="delivery_number_once"),
            models.CheckConstraint(
                condition=Q(state="DELIVERED", delivered_at__isnull=False)
                | (~Q(state="DELIVERED") & Q(delivered_at__isnull=True)),
                name="delivery_delivered_at_when_delivered",
            ),
        ]
        indexes = [
            models.Index(fields=["circuit", "due_at", "id"], condition=Q(state="PENDING"), name="delivery_due"),
            models.Index(
                fields=["circuit", "destination", "stream", "id"],
                condition=Q(state="PENDING") & ~Q(stream=""),
                name="delivery_stream",
            ),
            models.Index(fields=["circuit", "-id"], name="delivery_log"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="delivery_external"),
            models.Index(fields=["kind", "created_at"], condition=Q(state="DEAD"), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.template} to {self.destination}"

    @property
    def attempt_id(self) -> str:
        """Return the name of this sending: the same for each retry, another once somebody sends it again by hand."""
        return f"{self.uid}.{self.redelivered}"


class Attempt(models.Model):
    """One try to send a delivery."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField(default=now)
    milliseconds = models.PositiveIntegerField()
    is_success = models.BooleanField()
    answer = models.TextField(blank=True, help_text="What the other side said, at most 2 kB.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.delivery_id} at {self.started_at:%Y-%m-%d %H:%M:%S}"
