"""How tickets come in: forms sent once, priorities by words, senders that are refused."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import User
from common.time import now
from tickets import vocabulary
from tickets.models.tickets import Ticket
from tickets.rules import TriageWords


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
