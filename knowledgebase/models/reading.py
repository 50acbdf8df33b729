"""What readers do with articles: how often they read them, and whether they helped."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from common.time import now
from knowledgebase.models.articles import Article

COMMENT_CHARACTERS = 1000


class Reason(models.TextChoices):
    """Why an article did not help."""

    WRONG = "WRONG", "Something in it is wrong"
    UNCLEAR = "UNCLEAR", "I could not follow it"
    OUTDATED = "OUTDATED", "It is out of date"
    NOT_MY_PROBLEM = "NOT_MY_PROBLEM", "My problem is another one"
    OTHER = "OTHER", "Something else"


class Vote(models.Model):
    """What one visitor thinks of one article.

    visitor: a digest that differs from article to article, so that nobody's votes can be put together.
    """

    Reason = Reason

    article = models.ForeignKey(Article, models.CASCADE, related_name="reader_votes")
    visitor = models.CharField(max_length=64)
    is_helpful = models.BooleanField()
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "kb_votes"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["article", "visitor"], name="vote_once"),
            models.CheckConstraint(condition=Q(is_helpful=False) | Q(reason=""), name="vote_helpful_needs_no_reason"),
        ]
        indexes = [models.Index(fields=["article", "-created_at"], name="vote_latest")]

    def __str__(self) -> str:
        return "It helped" if self.is_helpful else "It did not help"


class DailyView(models.Model):
    """How many visitors read an article on a day, in UTC."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="daily_views")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "kb_daily_views"
        constraints = [models.UniqueConstraint(fields=["article", "day"], name="daily_view_once")]
        indexes = [models.Index(fields=["day", "article", "count"], name="daily_view_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"


def visitor_digest(article: Article, visitor: str) -> str:
    """Return under which name the vote of `visitor` on `article` is kept."""
    return salted_hmac("knowledgebase.vote", f"{article.pk}/{visitor}", algorithm="sha256").hexdigest()
