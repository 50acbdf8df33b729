"""The survey of a ticket, and the rating it brought."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.time import now
from tickets.models.tickets import Ticket
from tickets.satisfaction.vocabulary import FACES, Face, WhyNot


class SurveyQuerySet(models.QuerySet["Survey"]):
    def due_by(self, at: dt.datetime) -> SurveyQuerySet:
        """Return those that wait to be asked and should be by `at`, oldest first."""
        return self.filter(due_at__lte=at).order_by("due_at", "pk")

    def rated(self) -> SurveyQuerySet:
        return self.filter(rated_at__isnull=False)


class Survey(models.Model):
    """Whether the requester of a ticket was asked how good the help was, and what they said. One a ticket, ever.

    due_at: when they are to be asked; null while they are not, and once they were.
    asked_at: when they were; null where they rated without being asked.
    assignee: who had the ticket when it was rated.
    """

    class Via(models.TextChoices):
        """The way in of a rating."""

        MAIL = "MAIL", "the link in the mail"
        PORTAL = "PORTAL", "the ticket's page"
        API = "API", "API"

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="survey")
    due_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    not_asked_because = models.CharField(max_length=12, choices=WhyNot, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True, help_text="For the support team and whoever wrote it, nobody else.")
    rated_at = models.DateTimeField(null=True, blank=True)
    rated_via = models.CharField(max_length=6, choices=Via, blank=True)
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        db_table = "csat_surveys"
        ordering = ["-created_at", "-id"]
        permissions = [("erase_comment", "Can erase what was written with a rating")]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True, rated_at__isnull=True)
                | Q(rating__gte=1, rating__lte=5, rated_at__isnull=False),
                name="survey_rating_from_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(asked_at__isnull=True, rated_at__isnull=True),
                name="survey_due_only_until_asked",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="survey_due"),
            models.Index(fields=["asked_at"], condition=Q(asked_at__isnull=False), name="survey_asked"),
            models.Index(fields=["rated_at", "rating"], condition=Q(rated_at__isnull=False), name="survey_rated"),
        ]

    def __str__(self) -> str:
        return f"survey of {self.ticket_id}"

    @property
    def face(self) -> Face | None:
        return FACES[self.rating] if self.rating else None
