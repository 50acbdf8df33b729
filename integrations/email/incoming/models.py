"""Mails that became messages, where mail is sent to, and how far each mailbox was read."""

from __future__ import annotations

from django.db import models

from accounts.models import ProductArea, Team
from common.time import now
from integrations.email.incoming.mail import Authentication
from integrations.models.incoming import InboundEvent
from tickets.models import Message


class InboundMail(models.Model):
    """A mail that became a message: what its headers said, and what was folded away.

    internet_id: the mail's Message-ID, or one made of its content. digest: of sender, subject, text and files, so
    that one mail that came two ways is taken once, and two mails with one Message-ID are two.
    quoted: Markdown. spf, dkim, dmarc: "" where nobody said.
    """

    event = models.OneToOneField(InboundEvent, models.SET_NULL, null=True, related_name="mail")
    message = models.OneToOneField(Message, models.CASCADE, related_name="mail")
    internet_id = models.CharField(max_length=255, db_index=True)
    digest = models.CharField(max_length=64)
    sender = models.CharField(max_length=320)
    quoted = models.TextField(blank=True)
    has_html = models.BooleanField(default=False)
    is_suspicious = models.BooleanField(default=False, help_text="SPF, DKIM or DMARC speak against the sender.")
    spf = models.CharField(max_length=10, blank=True)
    dkim = models.CharField(max_length=10, blank=True)
    dmarc = models.CharField(max_length=10, blank=True)
    troubles = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["internet_id", "digest"], name="inbound_mail_once")]
        indexes = [models.Index(fields=["sender", "created_at"], name="inbound_mail_sender")]

    def __str__(self) -> str:
        return f"{self.internet_id} from {self.sender}"

    @property
    def authentication(self) -> Authentication:
        return Authentication(self.spf, self.dkim, self.dmarc)


class MailboxAddress(models.Model):
    """An address that customers write to, and what a ticket that came by it begins with."""

    address = models.EmailField(
        max_length=254,
        unique=True,
        help_text="Such as billing@example.org or support+billing@example.org. Mail for it must reach the portal.",
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    product_area = models.ForeignKey(ProductArea, models.SET_NULL, null=True, blank=True, related_name="+")
    tags = models.JSONField(default=list, blank=True, help_text="One a line.")

    class Meta:
        ordering = ["address"]
        verbose_name_plural = "mailbox addresses"

    def __str__(self) -> str:
        return self.address


class MailFolder(models.Model):
    """How far a folder of an IMAP mailbox was read. A server that renumbers it says so by another UIDVALIDITY."""

    mailbox = models.CharField(max_length=255, help_text="User and server.")
    folder = models.CharField(max_length=255)
    uid_validity = models.BigIntegerField(default=0)
    first_uid = models.BigIntegerField(default=0, help_text="What is not above it was there before we began.")
    last_uid = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    gaps = models.JSONField(default=list, blank=True, help_text="UIDs on the server that were never stored.")
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "folder"], name="mail_folder_once")]

    def __str__(self) -> str:
        return f"{self.folder} of {self.mailbox}"


class FetchedMail(models.Model):
    """A mail of an IMAP folder that was stored. event: None once what was stored was purged."""

    folder = models.ForeignKey(MailFolder, models.CASCADE, related_name="mails")
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    event = models.ForeignKey(InboundEvent, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "uid_validity", "uid"], name="fetched_mail_once")]

    def __str__(self) -> str:
        return f"{self.uid} of {self.folder}"
