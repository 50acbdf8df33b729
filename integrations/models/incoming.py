"""What other systems sent: stored as it came, before anything is made of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.time import now
from integrations.querysets import InboundEventQuerySet
from tickets.models import Ticket


class InboundEvent(models.Model):
    """One message of another system, raw. external_id: the sender's own name for it, so that it is taken once.

    outcome: what was made of it or why nothing was, in words.   due_at: when a worker looks at it next.
    """

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", "Waiting"
        PROCESSED = "PROCESSED", "Done"
        IGNORED = "IGNORED", "Needs nothing"
        HELD = "HELD", "Waits for a decision"
        FAILED = "FAILED", "Could not be used"
        DISCARDED = "DISCARDED", "Put aside"

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=255)
    headers = models.JSONField(default=dict, blank=True)
    body = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes of the body.")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    outcome = models.CharField(max_length=500, blank=True)
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField(default=now)
    failed_tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=now)
    processed_at = models.DateTimeField(null=True, blank=True)

    objects = InboundEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("replay", "Can process what came in again, or put it aside")]
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="inbound_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="RECEIVED"), name="inbound_due"),
            models.Index(fields=["state", "-id"], name="inbound_state"),
            models.Index(fields=["source", "-id"], name="inbound_source"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
