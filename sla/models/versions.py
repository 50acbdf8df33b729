"""What is never edited: a change makes the next version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from common.time import now


class Rulebook(models.Model):
    """One row that is another after each change of policies and calendars, so that every process reads them anew.

    Never the same twice, as a count would be after a change that was taken back. Its lock puts changes into one order.
    """

    generation = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sla_rulebook_one_row")]

    def __str__(self) -> str:
        return f"generation {self.generation}"


class Version(models.Model):
    """Something that is never edited: a change makes the next one. Without a number it is a draft."""

    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    effective_from = models.DateTimeField(null=True, blank=True, help_text="Empty: from the moment it is published.")
    note = models.CharField(max_length=200, blank=True, help_text="What changed, and why.")
    created_at = models.DateTimeField(default=now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return self.number is None


def version_constraints(owner: str) -> list[models.BaseConstraint]:
    """Return what holds for every version: numbered once, one draft, a start where it is published."""
    return [
        models.UniqueConstraint(fields=[owner, "number"], name=f"sla_{owner}_version_number_once"),
        models.UniqueConstraint(fields=[owner], condition=Q(number=None), name=f"sla_{owner}_one_draft"),
        models.CheckConstraint(
            condition=Q(number=None) | Q(effective_from__isnull=False), name=f"sla_{owner}_published_has_a_start"
        ),
    ]
