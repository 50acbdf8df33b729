"""Views of the queue that somebody keeps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Team, User
from common.time import now
from tickets.querysets import SavedViewQuerySet


class SavedView(models.Model):
    """Filters, order and columns under a name: one person's, one team's, or everybody's.

    filters: {name: [values]}, as finding.READERS has them.   sort: of finding.SORTS, empty for the default.
    columns: names of the queue's columns, empty for the usual ones.   glyph: of unfold's side bar.
    """

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="saved_views")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="saved_views")
    filters = models.JSONField(default=dict, blank=True)
    sort = models.CharField(max_length=20, blank=True)
    columns = models.JSONField(default=list, blank=True)
    glyph = models.CharField(max_length=40, default="filter_list")
    position = models.PositiveSmallIntegerField(default=100)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(owner=None) | Q(team=None), name="saved_view_one_circle"),
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(owner__isnull=False), name="saved_view_owner_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def circle(self) -> str:
        """Tell whose it is, in words."""
        return "yours alone" if self.owner_id else f"of the team {self.team}" if self.team else "everybody's"
