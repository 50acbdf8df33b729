"""Who besides requester and assignee sees a ticket."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.time import now
from tickets.models.tickets import Ticket
from tickets.querysets import TrackingLinkQuerySet


class Follower(models.Model):
    """A person besides requester and assignee who sees the ticket and gets its mails."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="followers")
    person = models.ForeignKey(User, models.CASCADE, related_name="followed_tickets")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="follower_once")]

    def __str__(self) -> str:
        return f"{self.person} on {self.ticket_id}"


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
