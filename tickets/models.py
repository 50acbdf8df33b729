"""What: tickets, their conversation, and what surrounds them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import Organization, ProductArea, Team, User
from common.embedding import StoredVector
from common.time import now
from knowledgebase.models import Article
from tickets import vocabulary
from tickets.deflection.models import DeflectionArticle, DeflectionDay, FormSession  # noqa: F401 - Django looks here
from tickets.querysets import AttachmentQuerySet, MessageQuerySet, TicketQuerySet, TrackingLinkQuerySet
from tickets.rules import FieldRule, TriageWords
from tickets.vocabulary import FINAL_STATUSES, OPEN_STATUSES, PRIORITY_META, STATUS_META, Look


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(name=Lower("name")), name="tag_is_lower_case")]

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    """A further field of every ticket, defined in the console."""

    class Kind(models.TextChoices):
        TEXT = "TEXT", "Text"
        NUMBER = "NUMBER", "Number"
        BOOLEAN = "BOOLEAN", "Yes or no"
        DATE = "DATE", "Date"
        CHOICE = "CHOICE", "One of a list"
        CHOICES = "CHOICES", "Several of a list"

    key = models.SlugField(max_length=50, unique=True)
    label = models.CharField(max_length=80)
    help_text = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(
        default=list, blank=True, help_text='A list of [value, label, help], e.g. [["minor", "Minor", ""]]'
    )
    is_required = models.BooleanField(default=False)
    is_customer_visible = models.BooleanField(default=True)
    is_customer_editable = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.label

    @property
    def rule(self) -> FieldRule:
        values = tuple(str(row[0]) for row in self.choices if row)
        return FieldRule(self.key, self.label, self.kind, values, self.is_required, self.is_customer_editable)


class Ticket(models.Model):
    """One request for help. Its number is its primary key, so a number is never used twice.

    `version` counts the changes; a caller that says which version it read cannot overwrite another's work.
    `next_due_at` belongs to the room that keeps promises, and is null where nothing is promised.
    """

    Status = vocabulary.Status
    Priority = vocabulary.Priority

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=200)
    requester = models.ForeignKey(User, models.PROTECT, related_name="requested_tickets")
    submitter = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, blank=True, related_name="tickets")
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="assigned_tickets")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="tickets")
    status = models.CharField(max_length=10, choices=vocabulary.Status, default=vocabulary.Status.NEW)
    priority = models.CharField(max_length=12, choices=vocabulary.Priority, default=vocabulary.Priority.P3_NORMAL)
    priority_source = models.CharField(
        max_length=10, choices=vocabulary.PrioritySource, default=vocabulary.PrioritySource.DEFAULT
    )
    product_area = models.ForeignKey(ProductArea, models.PROTECT, null=True, blank=True, related_name="tickets")
    environment = models.CharField(max_length=12, choices=vocabulary.Environment, blank=True)
    product_version = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=8, choices=vocabulary.Channel, default=vocabulary.Channel.WEB)
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets")
    custom_fields = models.JSONField(default=dict, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_tickets")
    external_id = models.CharField(max_length=100, blank=True, help_text="Its name in the system it was imported from.")
    first_response_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    class Meta:
        db_table = "tickets"
        ordering = ["-id"]
        permissions = [("work_ticket", "Can answer and change tickets")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=vocabulary.Status.values), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(priority__in=vocabulary.Priority.values), name="ticket_priority_known"),
            models.CheckConstraint(
                condition=Q(status__in=FINAL_STATUSES, closed_at__isnull=False)
                | (~Q(status__in=FINAL_STATUSES) & Q(closed_at__isnull=True)),
                name="ticket_closed_at_when_final",
            ),
            models.CheckConstraint(
                condition=~Q(status="SOLVED") | Q(solved_at__isnull=False), name="ticket_solved_at_when_solved"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(status="CLOSED"), name="ticket_merged_is_closed"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="ticket_not_merged_into_itself"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="ticket_external_id_once"
            ),
        ]
        indexes = [
            models.Index(fields=["status"], name="idx_tickets_status"),
            models.Index(fields=["-updated_at", "-id"], name="idx_tickets_updated"),
            models.Index(fields=["created_at"], name="idx_tickets_created"),
            models.Index(fields=["requester", "-updated_at"], name="idx_tickets_requester"),
            models.Index(fields=["organization", "-updated_at"], name="idx_tickets_organization"),
            models.Index(fields=["assignee", "status"], name="idx_tickets_assignee"),
            models.Index(fields=["team", "status"], name="idx_tickets_team"),
            models.Index(fields=["priority", "status"], name="idx_tickets_priority"),
            models.Index(fields=["next_due_at"], condition=Q(next_due_at__isnull=False), name="idx_tickets_next_due"),
            models.Index(fields=["solved_at"], condition=Q(status="SOLVED"), name="idx_tickets_solved"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"

    @property
    def reference(self) -> str:
        return f"{settings.PORTAL_TICKET_PREFIX}-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    @property
    def status_look(self) -> Look:
        return STATUS_META[self.status]

    @property
    def priority_look(self) -> Look:
        return PRIORITY_META[self.priority]


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


class Follower(models.Model):
    """A person besides requester and assignee who sees the ticket and gets its mails."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="followers")
    person = models.ForeignKey(User, models.CASCADE, related_name="followed_tickets")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="follower_once")]

    def __str__(self) -> str:
        return f"{self.person} on {self.ticket_id}"


class TicketLink(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=vocabulary.LinkKind, default=vocabulary.LinkKind.RELATED)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="links_here")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "other"], name="ticket_link_once"),
            models.CheckConstraint(condition=~Q(ticket=F("other")), name="ticket_link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.get_kind_display()} {self.other_id}"


class TicketArticle(models.Model):
    """The article that was drafted from a ticket."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="article_link")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.article}"


class TrackingLink(models.Model):
    """A secret link by which one person follows one ticket without an account.

    The token is made from `nonce` and the portal's secret key whenever a mail needs it; only its digest
    is kept, so whoever reads the database cannot open a ticket.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="tracking_links")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    objects = TrackingLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "person"], condition=Q(revoked_at=None), name="tracking_link_one_valid"
            )
        ]

    def __str__(self) -> str:
        return f"link of {self.person} to {self.ticket_id}"


class FormPost(models.Model):
    """A form that was sent, by the token it carried: sent twice, it makes one ticket or message."""

    token = models.UUIDField(primary_key=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return str(self.token)


class TriageRule(models.Model):
    """Words that mean a priority where the requester gave none. The first rule that matches decides."""

    name = models.CharField(max_length=80, unique=True)
    words = models.JSONField(default=list, help_text='Whole words or phrases: ["outage", "data loss"]')
    priority = models.CharField(max_length=12, choices=vocabulary.Priority)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> TriageWords:
        return TriageWords(self.name, [str(word) for word in self.words], self.priority)


class BlockedSender(models.Model):
    """An address, or a domain with all below it, from which no ticket is taken."""

    pattern = models.CharField(max_length=254, unique=True, help_text="An address, or a domain like example.org.")
    reason = models.CharField(max_length=200, blank=True)
    blocked_at = models.DateTimeField(default=now, editable=False)
    blocked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        ordering = ["pattern"]
        constraints = [models.CheckConstraint(condition=Q(pattern=Lower("pattern")), name="blocked_sender_lower_case")]

    def __str__(self) -> str:
        return self.pattern

    @staticmethod
    def patterns_of(email: str) -> list[str]:
        """Return every pattern that blocks `email`: itself, its domain, and the domains above."""
        email = email.lower()
        labels = email.rpartition("@")[2].split(".")
        return [email, *(".".join(labels[n:]) for n in range(len(labels)))]


class TicketVector(StoredVector):
    """What a ticket asks for, for finding others like it."""

    subject = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        db_table = "ticket_vectors"
        indexes = [models.Index(fields=["-changed_at"], name="ticket_vector_wanted", condition=Q(vector=None))]
