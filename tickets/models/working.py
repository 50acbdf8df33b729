"""What agents do on a ticket before anything of it is said: looking, writing."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from common.time import now
from tickets import vocabulary
from tickets.models.tickets import Ticket


class Presence(models.Model):
    """That an agent has a ticket open. Its page says so every few seconds, and the row is stale soon after it stops."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_composing = models.BooleanField(default=False)
    seen_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.person} on {self.ticket_id}"


class Draft(models.Model):
    """What an agent has written to a ticket and not sent."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=vocabulary.MessageKind)
    body = models.TextField()
    saved_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "author"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.author} on {self.ticket_id}"


class Habits(models.Model):
    """How an agent likes the console to behave."""

    class Then(models.TextChoices):
        STAY = "STAY", "Stay on the ticket"
        NEXT = "NEXT", "Open the next ticket"
        QUEUE = "QUEUE", "Go back to the queue"

    person = models.OneToOneField(User, models.CASCADE, related_name="+")
    then = models.CharField("after answering", max_length=5, choices=Then, default=Then.STAY)
    uses_keys = models.BooleanField("single keys act", default=True)

    class Meta:
        verbose_name_plural = "habits"

    def __str__(self) -> str:
        return f"habits of {self.person}"
