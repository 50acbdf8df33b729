"""Categories, articles, and what they were before."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models import ProductArea
from common.time import now
from knowledgebase import vocabulary
from knowledgebase.querysets import ArticleQuerySet


def make_article_id() -> str:
    return f"kb_{secrets.token_hex(4)}"


class Category(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        db_table = "kb_categories"
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a place below the category itself."""
        above = self.parent
        while above is not None and self.pk is not None:
            if above.pk == self.pk:
                raise ValidationError({"parent": "A category cannot stand below itself."})
            above = above.parent


class Article(models.Model):
    """One answer. `body` is Markdown, `body_html` what it was rendered to, `text` what it says in plain words.

    revision counts its versions; what they were is in `Revision`.   source: the article that this one translates;
    source_revision: which version of it was translated, so that a translation that fell behind is known.
    """

    State = vocabulary.State
    Audience = vocabulary.Audience

    article_id = models.CharField(max_length=20, unique=True, default=make_article_id, editable=False)
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    summary = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    body_html = models.TextField(editable=False)
    text = models.TextField(editable=False, default="")
    category = models.ForeignKey(Category, models.PROTECT, related_name="articles")
    product_area = models.ForeignKey(ProductArea, models.SET_NULL, null=True, blank=True, related_name="articles")
    product_versions = models.JSONField(default=list, blank=True)
    tags = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=10, default="en")
    source = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="translations")
    source_revision = models.PositiveIntegerField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=vocabulary.State, default=vocabulary.State.DRAFT)
    published = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    audience = models.CharField(max_length=10, choices=vocabulary.Audience, default=vocabulary.Audience.PUBLIC)
    tiers = models.JSONField(default=list, blank=True, help_text="Of the organizations that may read it.")
    publish_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True, help_text="When somebody should read it again.")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_note = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    view_count = models.PositiveIntegerField(default=0, editable=False)
    helpful_votes = models.PositiveIntegerField(default=0, editable=False)
    unhelpful_votes = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        db_table = "kb_articles"
        ordering = ["title"]
        permissions = [("review_article", "Can approve articles")]
        constraints = [
            models.CheckConstraint(
                condition=Q(published=True, state="PUBLISHED") | (Q(published=False) & ~Q(state="PUBLISHED")),
                name="article_published_is_its_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="SCHEDULED") | Q(publish_at__isnull=False), name="article_scheduled_has_a_time"
            ),
            models.UniqueConstraint(
                fields=["source", "language"], condition=Q(source__isnull=False), name="article_translation_once"
            ),
        ]
        indexes = [
            models.Index(fields=["published", "-updated_at"], name="article_published"),
            models.Index(fields=["published", "audience", "tiers", "id"], name="article_readable"),
            # Read alone, without the rows and their texts: what of a thousand hits may be seen, and what it is about.
            models.Index(
                fields=["id", "published", "audience", "tiers", "category", "language"], name="article_counted"
            ),
            models.Index(fields=["publish_at"], condition=Q(state="SCHEDULED"), name="article_scheduled"),
            models.Index(fields=["expires_at"], condition=Q(published=True), name="article_expiring"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_behind(self) -> bool:
        """Whether this translation was made from an older version of its source."""
        return self.source is not None and (self.source_revision or 0) < self.source.revision


class Revision(models.Model):
    """What an article said at one time. note: what was changed, and why."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "kb_revisions"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="article_revision_once")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class SlugRedirect(models.Model):
    """An address that an article had before."""

    slug = models.SlugField(max_length=220, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="redirects")
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "kb_redirects"

    def __str__(self) -> str:
        return self.slug
