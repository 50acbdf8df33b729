"""What became of our mails, and the addresses that are sent nothing more."""

from __future__ import annotations

from django.db import models

from common.time import now


class SuppressedAddress(models.Model):
    """An address that is sent nothing more. reason: words of its mail server, or of the service that sends our mail."""

    class Cause(models.TextChoices):
        BOUNCE = "BOUNCE", "Mail does not reach it"
        COMPLAINT = "COMPLAINT", "Its reader called our mail spam"

    address = models.CharField(max_length=320, unique=True, help_text="In lower case.")
    cause = models.CharField(max_length=10, choices=Cause, default=Cause.BOUNCE)
    reason = models.CharField(max_length=400, blank=True)
    suppressed_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-suppressed_at"]
        verbose_name_plural = "suppressed addresses"

    def __str__(self) -> str:
        return self.address


class MailEvent(models.Model):
    """What the service that sends our mail told of one mail. external_id: its own name for what it told.

    delivery: the mail, where it is known.   attempt_id: the sending of it that was told of (`Delivery.attempt_id`).
    """

    class Kind(models.TextChoices):
        ACCEPTED = "ACCEPTED", "On its way"
        DEFERRED = "DEFERRED", "Put off by its mail server"
        DELIVERED = "DELIVERED", "Arrived"
        BLOCKED = "BLOCKED", "Refused for now"
        BOUNCED = "BOUNCED", "Bounced"
        DROPPED = "DROPPED", "Not sent on"
        COMPLAINED = "COMPLAINED", "Called spam"

    delivery = models.ForeignKey(
        "integrations.Delivery", models.CASCADE, null=True, blank=True, related_name="mail_events"
    )
    attempt_id = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=320)
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=400, blank=True)
    external_id = models.CharField(max_length=120, unique=True)
    occurred_at = models.DateTimeField()

    class Meta:
        ordering = ["occurred_at", "id"]
        indexes = [
            models.Index(fields=["attempt_id"], condition=~models.Q(attempt_id=""), name="mail_event_attempt"),
            models.Index(fields=["occurred_at"], name="mail_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"


class MailTemplate(models.Model):
    """Words of a mail in one language that somebody wrote in the console, in place of the built-in ones.

    name: of the mail.   words: Markdown with the variables of integrations/email/wording.py.
    last_error: why the built-in words were sent instead; empty while all is well.
    """

    name = models.CharField(max_length=50)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200)
    words = models.TextField()
    last_error = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["name", "language"]
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="mail_template_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
