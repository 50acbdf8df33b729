"""The outbox: what still has to leave the portal, and every try to send it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.models import Event
from common.time import now
from integrations.querysets import DeliveryQuerySet


class Delivery(models.Model):
    """One event for one destination. Written in the event's own transaction, sent by a worker later.

    kind: the folder that sends it. destination: an address in that kind's own form. payload: what the
    event alone does not say; blanked once sent where it holds a secret (`is_secret`).
    """

    class State(models.TextChoices):
        PENDING = "PENDING", "Waiting"
        DELIVERED = "DELIVERED", "Delivered"
        DEAD = "DEAD", "Given up"
        SKIPPED = "SKIPPED", "Not needed any more"

    kind = models.CharField(max_length=20)
    template = models.CharField(max_length=50)
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="deliveries")
    recipient = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    destination = models.CharField(max_length=320)
    payload = models.JSONField(default=dict, blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=now)
    failed_tries = models.PositiveSmallIntegerField(default=0)
    external_id = models.CharField(max_length=255, blank=True, help_text="The other side's name for it.")
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        permissions = [("redeliver", "Can send a delivery again")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "kind", "destination"], condition=Q(event__isnull=False), name="delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(state="DELIVERED", delivered_at__isnull=False)
                | (~Q(state="DELIVERED") & Q(delivered_at__isnull=True)),
                name="delivery_delivered_at_when_delivered",
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="PENDING"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.template} to {self.destination}"


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
