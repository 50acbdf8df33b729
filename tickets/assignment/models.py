"""Who had the last turn, and which new tickets wait to be given to somebody."""

from __future__ import annotations

from django.db import models

from accounts.models import Strategy, Team, User
from common.time import now


class AssignmentTurn(models.Model):
    """Who was chosen in turn last, for each team and for everybody. Whoever chooses holds its lock.

    scope: "everybody", or "team-" and the team's id.
    """

    EVERYBODY = "everybody"

    scope = models.CharField(primary_key=True, max_length=32)
    team = models.OneToOneField(Team, models.CASCADE, null=True, related_name="+")
    agent = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "assignment_turns"

    def __str__(self) -> str:
        return f"{self.scope}: {self.agent or 'nobody yet'}"


class AssignmentWish(models.Model):
    """A new ticket that a task gives to somebody. Gone once that was tried."""

    ticket = models.OneToOneField("tickets.Ticket", models.CASCADE, primary_key=True, related_name="+")
    strategy = models.CharField(max_length=16, choices=Strategy)
    wanted_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "assignment_wishes"
        ordering = ["wanted_at", "ticket_id"]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.get_strategy_display()}"
