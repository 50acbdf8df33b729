"""Self-help: categories and articles."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from accounts.models import ProductArea
from common.time import now
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


class Article(models.Model):
    """One answer. `body` is Markdown, `body_html` what it was rendered to when it was saved."""

    article_id = models.CharField(max_length=20, unique=True, default=make_article_id, editable=False)
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    summary = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    body_html = models.TextField(editable=False)
    category = models.ForeignKey(Category, models.PROTECT, related_name="articles")
    product_area = models.ForeignKey(ProductArea, models.SET_NULL, null=True, blank=True, related_name="articles")
    tags = models.JSONField(default=list, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    published = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    view_count = models.PositiveIntegerField(default=0, editable=False)
    helpful_votes = models.PositiveIntegerField(default=0, editable=False)
    unhelpful_votes = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        db_table = "kb_articles"
        ordering = ["title"]
        indexes = [models.Index(fields=["published", "-updated_at"], name="article_published")]

    def __str__(self) -> str:
        return self.title
