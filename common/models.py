from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from common.time import now


class Event(models.Model):
    """One thing that happened. Append-only: the audit trail, the timeline and the source of every notice.

    `id` is the order of events; `uid` is the name outsiders know one by. `actor` is a person's id where a
    person acted, else `actor_kind` says what did. `digest` covers the row as written, so that a later
    check can tell whether it was altered. `subject` is the row itself, for subscribers, while it is recorded.
    """

    subject: models.Model | None = None

    class ActorKind(models.TextChoices):
        PERSON = "person"
        RULE = "rule"
        SYSTEM = "system"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=64)
    occurred_at = models.DateTimeField(default=now)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    actor_kind = models.CharField(max_length=8, choices=ActorKind, default=ActorKind.SYSTEM)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_label = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=16, blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["kind", "id"], name="event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"

    def compute_digest(self) -> str:
        """Return the SHA-256 of what the row says, as 64 hexadecimal digits."""
        content: list[Any] = [
            str(self.uid),
            self.kind,
            self.occurred_at,
            self.subject_type,
            self.subject_id,
            self.actor_kind,
            self.actor_id,
            self.actor_label,
            self.channel,
            self.data,
            self.request_id,
            self.ip_address,
        ]
        written = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()


class IdempotentAnswer(models.Model):
    """The first answer to a POST that carried an Idempotency-Key, kept so that a repeat gets the same one."""

    caller = models.CharField(max_length=80)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True, help_text="Empty while the first request still runs.")
    body = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "route", "key"], name="idempotent_answer_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class RateWindow(models.Model):
    """How often a caller used a limited route in one window; used where there is no Redis to count in."""

    key = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
