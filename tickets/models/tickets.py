"""A ticket, and what it is sorted by."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import Organization, ProductArea, Team, User
from common.embedding import StoredVector
from common.time import now
from tickets import vocabulary
from tickets.querysets import TicketQuerySet
from tickets.rules import FieldRule
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


class StatusLabel(models.Model):
    """A name of one's own for a part of a status: "Waiting for the vendor" is one kind of on hold.

    Every rule, promise and report looks at the status alone.   customer_name: what customers read, empty for the
    status's own words.
    """

    status = models.CharField(
        max_length=10,
        choices=[(one.value, one.label) for one in vocabulary.Status if one not in FINAL_STATUSES],
        help_text="What the portal takes it for.",
    )
    name = models.CharField(max_length=40, unique=True)
    customer_name = models.CharField("what customers read", max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField("can be chosen", default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


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
    label = models.ForeignKey(StatusLabel, models.SET_NULL, null=True, blank=True, related_name="tickets")
    priority = models.CharField(max_length=12, choices=vocabulary.Priority, default=vocabulary.Priority.P3_NORMAL)
    priority_source = models.CharField(
        max_length=10, choices=vocabulary.PrioritySource, default=vocabulary.PrioritySource.DEFAULT
    )
    product_area = models.ForeignKey(ProductArea, models.PROTECT, null=True, blank=True, related_name="tickets")
    request_form = models.ForeignKey(
        "tickets.RequestForm", models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
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
    snoozed_until = models.DateTimeField(null=True, blank=True, help_text="Out of the queue until then.")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    class Meta:
        db_table = "tickets"
        ordering = ["-id"]
        permissions = [
            ("work_ticket", "Can answer and change tickets"),
            ("see_every_ticket", "Can see the tickets of every team, not only of their own"),
            ("work_every_ticket", "Can answer and change the tickets of every team, not only of their own"),
        ]
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
            models.Index(
                fields=["next_due_at", "priority", "id"],
                condition=Q(status__in=OPEN_STATUSES),
                name="idx_tickets_urgency",
            ),
            models.Index(
                fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="idx_tickets_snoozed"
            ),
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
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None

    @property
    def status_words(self) -> str:
        """What the support team calls its status."""
        return str(self.label or self.get_status_display())

    @property
    def status_look(self) -> Look:
        look = STATUS_META[self.status]
        return replace(look, customer_words=self.label.customer_name or look.customer_words) if self.label else look

    @property
    def priority_look(self) -> Look:
        return PRIORITY_META[self.priority]


class TicketVector(StoredVector):
    """What a ticket asks for, for finding others like it."""

    subject = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        db_table = "ticket_vectors"
        indexes = [models.Index(fields=["-changed_at"], name="ticket_vector_wanted", condition=Q(vector=None))]
