"""What agents do on a ticket before anything of it is said: looking, writing."""

from __future__ import annotations

import uuid

from django.db import models

from accounts.models import User
from common.time import now
from tickets import vocabulary
from tickets.models.tickets import StatusLabel, Ticket


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
    status = models.CharField(max_length=10, choices=vocabulary.Status, blank=True, db_default="")
    label = models.ForeignKey(StatusLabel, models.SET_NULL, null=True, related_name="+")
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


class HeldReply(models.Model):
    """A public reply that was sent and has not left: until `leaves_at` its author may take it back.

    status: what the ticket is set to with it, or "".   label: the kind of it, if one was chosen.
    refusal: why it could not leave, in words; it waits then for its author.
    request_id, ip_address: where it was sent from, for the journal.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="held_replies")
    author = models.ForeignKey(User, models.CASCADE, related_name="+")
    body = models.TextField()
    status = models.CharField(max_length=10, choices=vocabulary.Status, blank=True)
    label = models.ForeignKey(StatusLabel, models.SET_NULL, null=True, related_name="+")
    held_at = models.DateTimeField(default=now)
    leaves_at = models.DateTimeField(db_index=True)
    refusal = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64)
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name_plural = "held replies"

    def __str__(self) -> str:
        return f"held reply of {self.author} on {self.ticket_id}"

    @property
    def then_words(self) -> str:
        """What the ticket is set to with it, in words."""
        return self.label.name if self.label else self.get_status_display().lower()


def reply_file_path(file: ReplyFile, _name: str) -> str:
    return f"unsent/{file.uid.hex}"


class ReplyFile(models.Model):
    """A file of what is not sent: of a held reply, or of its author's draft where `held` is empty."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    author = models.ForeignKey(User, models.CASCADE, related_name="+")
    held = models.ForeignKey(HeldReply, models.CASCADE, null=True, related_name="files")
    file = models.FileField(upload_to=reply_file_path)
    name = models.CharField(max_length=140)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
