"""Which tickets changed, in an order that readers can follow without missing one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.time import now


class TicketChange(models.Model):
    """That something happened to a ticket. Written in the transaction in which it happened.

    sequence: its place in the feed, given when the feed is next read; empty until then. The database hands out `id`
    before a transaction is committed, so a row may appear below one that was read already; a sequence never does.
    lost_person, lost_team: who may have lost sight of the ticket by it, and are told that it is gone.
    """

    NO_TEAM = 0  # as lost_team: it had none, and all agents saw it

    ticket_id = models.BigIntegerField()
    sequence = models.BigIntegerField(null=True, unique=True)
    is_creation = models.BooleanField(default=False)
    lost_person = models.BigIntegerField(null=True, db_index=True)
    lost_team = models.BigIntegerField(null=True, db_index=True)
    recorded_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        db_table = "ticket_changes"
        indexes = [models.Index(fields=["id"], condition=Q(sequence=None), name="ticket_change_unnumbered")]

    def __str__(self) -> str:
        return f"change {self.sequence} of {self.ticket_id}"

    @property
    def has_losers(self) -> bool:
        """Whether somebody may have lost sight of the ticket by it, and has to be told."""
        return self.lost_person is not None or self.lost_team is not None


class ChangeFeed(models.Model):
    """The one row that is locked while changes are numbered.

    head: the last sequence given.   floor: the last sequence that was purged; who has not read so far begins anew.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    head = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ticket_change_feed"

    def __str__(self) -> str:
        return f"changes up to {self.head}"
