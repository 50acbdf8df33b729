"""Forms that were begun, and the sums that are left of them."""

from __future__ import annotations

import datetime as dt

from django.db import models

from common.time import now
from knowledgebase.models import Article

# How long a ticket counts as one that the form, left without sending, did not spare.
WAIT = dt.timedelta(days=7)


class FormSession(models.Model):
    """One form in which somebody began to write. Kept until it is a week old.

    form, visitor: keyed digests, of the form's name and of who began it; neither leads back to a person.
    fitting: ids of the articles that fitted what was written. They were shown, unless the form is held out.
    opened: those of them that were opened.   came_back: whether the visitor has sent a ticket since.
    """

    form = models.CharField(max_length=32, unique=True)
    visitor = models.CharField(max_length=32, db_index=True)
    is_held_out = models.BooleanField()
    fitting = models.JSONField(default=list)
    opened = models.JSONField(default=list)
    solved_by = models.ForeignKey(Article, models.SET_NULL, null=True, related_name="+")
    is_sent = models.BooleanField(default=False)
    came_back = models.BooleanField(default=False)
    begun_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return f"form begun on {self.begun_at:%Y-%m-%d}"


class DeflectionDay(models.Model):
    """What became of the forms that were begun on a day (in UTC), of those held out or of the others.

    All but `begun` count only forms for which an article fitted: the comparison is fair among those.
    returned: left without sending, and a ticket came within a week.
    """

    day = models.DateField()
    is_held_out = models.BooleanField()
    begun = models.PositiveIntegerField(default=0)
    fitting = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    solved = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "day of deflection"
        verbose_name_plural = "deflection"
        constraints = [models.UniqueConstraint(fields=["day", "is_held_out"], name="deflection_day_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.begun}"


class DeflectionArticle(models.Model):
    """In how many forms begun on a day an article was shown, opened, and said to have solved it."""

    day = models.DateField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    shown = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    solved = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "article"], name="deflection_article_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.shown}"
