"""The weekly report: which weeks it went out for, and who said whether they want it."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from common.time import now


class WeeklyReport(models.Model):
    """A week whose report was sent. first_on: its Monday; a week is sent once."""

    first_on = models.DateField(unique=True)
    sent_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-first_on"]

    def __str__(self) -> str:
        return f"week of {self.first_on}"


class WeeklyReportWish(models.Model):
    """Whether a person wants the weekly report, where they said so."""

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    is_wanted = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.person_id} {'wants' if self.is_wanted else 'does not want'} it"
