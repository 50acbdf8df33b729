"""What is to be done on a ticket, and the time it took."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Organization, User
from common.time import now
from tickets.models.tickets import Ticket


class ChecklistItem(models.Model):
    """One thing to be done before a ticket is over. done_by, done_at: who ticked it, and when; empty until then."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="checklist")
    text = models.CharField(max_length=300)
    done_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class TimeEntry(models.Model):
    """Minutes that somebody spent on a ticket. organization: whose support hours it took, as the ticket was then."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="time_entries")
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=200, blank=True)
    spent_on = models.DateField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-spent_on", "-id"]
        verbose_name_plural = "time entries"
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=1440), name="time_entry_within_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.ticket_id}"
