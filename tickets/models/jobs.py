"""Work on many tickets that a client asked for and a worker does."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import User
from common.time import now


class BulkJob(models.Model):
    """Many tickets to open or to change, for one person.   due_at: when a worker may take it; empty once it is done."""

    class Kind(models.TextChoices):
        CREATE = "CREATE", "Open tickets"
        UPDATE = "UPDATE", "Change tickets"

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waits for a worker"
        RUNNING = "RUNNING", "Is being done"
        FINISHED = "FINISHED", "Done"

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(null=True, default=now)
    created_at = models.DateTimeField(default=now, db_index=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_jobs"
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="bulk_job_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.owner}"


class BulkItem(models.Model):
    """One ticket of a job.   asked: as the client sent it.   problem: why it was not done, as the API says it."""

    class State(models.TextChoices):
        WAITING = "WAITING", "Waits"
        CREATED = "CREATED", "Opened"
        CHANGED = "CHANGED", "Changed"
        SKIPPED = "SKIPPED", "Left as it was"
        FAILED = "FAILED", "Failed"

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    asked = models.JSONField(encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    ticket_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    problem = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        db_table = "bulk_job_items"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="bulk_item_once")]

    def __str__(self) -> str:
        return f"{self.position} of {self.job_id}"
