"""What is said on a ticket, and the files that come with it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.time import now
from tickets import vocabulary
from tickets.models.tickets import Ticket
from tickets.querysets import AttachmentQuerySet, MessageQuerySet


class Message(models.Model):
    """One entry in the conversation, the description being the first. Append-only."""

    Kind = vocabulary.MessageKind

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=16, choices=vocabulary.MessageKind)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="messages")
    body = models.TextField(help_text="Markdown, as it was written.")
    body_html = models.TextField(help_text="What it was rendered to, sanitized.")
    channel = models.CharField(max_length=8, choices=vocabulary.Channel)
    is_automatic = models.BooleanField(default=False, help_text="Written by a machine: never counts as an answer.")
    external_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "messages"
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["ticket", "created_at", "id"], name="message_conversation")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=vocabulary.MessageKind.values), name="message_kind_known"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="message_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_internal(self) -> bool:
        return self.kind == vocabulary.MessageKind.INTERNAL_NOTE


def attachment_path(attachment: Attachment, _name: str) -> str:
    """Return a path that says nothing of the file and cannot be guessed."""
    return f"attachments/{attachment.uid.hex[:2]}/{attachment.uid.hex}"


class Attachment(models.Model):
    """A file on a ticket. It is seen by whoever sees its message; without a message, `is_internal` decides."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="attachments")
    file = models.FileField(upload_to=attachment_path)
    name = models.CharField(max_length=140)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    is_internal = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
