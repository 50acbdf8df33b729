"""What the API says of articles, and what it takes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import ProductArea
from common.serializers import InstantField, RowField, StrictSerializer, TextField, canonical
from knowledgebase.models import Article, Category
from knowledgebase.search import Found

ARTICLE_EXAMPLE = {
    "article_id": "kb_1f2e3d4c",
    "title": "Repair a broken pipeline connection",
    "slug": "repair-a-broken-pipeline-connection",
    "summary": "What to check when a pipeline cannot reach its source.",
    "category": "troubleshooting",
    "product_area": "DATA_CATALOG",
    "tags": ["connectivity"],
    "url": "https://support.example/help/repair-a-broken-pipeline-connection",
    "published": True,
    "published_at": "2026-01-05T09:00:00Z",
    "view_count": 245,
    "helpful_votes": 32,
    "unhelpful_votes": 3,
    "created_at": "2026-01-05T09:00:00Z",
    "updated_at": "2026-02-01T09:00:00Z",
}
WHOLE_EXAMPLE = {
    **ARTICLE_EXAMPLE,
    "body": "Check the *host* first.",
    "body_html": "<p>Check the <em>host</em> first.</p>\n",
}
HIT_EXAMPLE = {
    "article_id": "kb_1f2e3d4c",
    "title": "Repair a broken pipeline connection",
    "slug": "repair-a-broken-pipeline-connection",
    "excerpt": "Check the host of the <mark>pipeline</mark> first.",
    "category": "troubleshooting",
    "tags": ["connectivity"],
    "url": "https://support.example/help/repair-a-broken-pipeline-connection",
    "relevance_score": 4.0,
    "updated_at": "2026-02-01T09:00:00Z",
}
SEARCH_EXAMPLE = {
    "query": "pipeline",
    "total": 1,
    "took_ms": 3,
    "backend": "database",
    "did_you_mean": None,
    "results": [HIT_EXAMPLE],
}
CATEGORY_EXAMPLE = {"slug": "troubleshooting", "name": "Troubleshooting", "parent": None, "article_count": 12}


def url_of(article: Article) -> str:
    return f"{settings.SITE_URL}{reverse('kb-article', args=[article.slug])}"


class ArticleFactsSerializer(serializers.Serializer[Article]):
    article_id = serializers.CharField()
    title = serializers.CharField()
    slug = serializers.CharField()
    summary = serializers.CharField()
    category = serializers.CharField(source="category.slug")
    product_area = serializers.CharField(source="product_area.key", default=None, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    url = serializers.SerializerMethodField()
    published = serializers.BooleanField()
    published_at = InstantField(allow_null=True)
    view_count = serializers.IntegerField()
    helpful_votes = serializers.IntegerField()
    unhelpful_votes = serializers.IntegerField()
    created_at = InstantField()
    updated_at = InstantField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, article: Article) -> str:
        return url_of(article)


@extend_schema_serializer(examples=[OpenApiExample("An article", ARTICLE_EXAMPLE, response_only=True)])
class ArticleLineSerializer(ArticleFactsSerializer):
    """An article without its text."""


@extend_schema_serializer(examples=[OpenApiExample("An article", WHOLE_EXAMPLE, response_only=True)])
class ArticleSerializer(ArticleFactsSerializer):
    """An article with its text."""

    body = serializers.CharField(help_text="Markdown.")
    body_html = serializers.CharField(help_text="Sanitized HTML.")


class HitSerializer(serializers.Serializer[Found]):
    """An article that was found. excerpt: safe HTML with <mark>. relevance_score: comparable within one answer."""

    article_id = serializers.CharField(source="article.article_id")
    title = serializers.CharField(source="article.title")
    slug = serializers.CharField(source="article.slug")
    excerpt = serializers.CharField()
    category = serializers.CharField(source="article.category.slug")
    tags = serializers.ListField(child=serializers.CharField(), source="article.tags")
    url = serializers.SerializerMethodField()
    relevance_score = serializers.FloatField(source="relevance")
    updated_at = InstantField(source="article.updated_at")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, found: Found) -> str:
        return url_of(found.article)


@extend_schema_serializer(examples=[OpenApiExample("What was found", SEARCH_EXAMPLE, response_only=True)])
class SearchSerializer(serializers.Serializer[Any]):
    query = serializers.CharField()
    total = serializers.IntegerField(help_text="How many there are in all.")
    took_ms = serializers.IntegerField()
    backend = serializers.CharField(help_text="What searched.")
    did_you_mean = serializers.CharField(allow_null=True)
    results = HitSerializer(many=True)


@extend_schema_serializer(examples=[OpenApiExample("A category", CATEGORY_EXAMPLE, response_only=True)])
class CategorySerializer(serializers.Serializer[Category]):
    slug = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(source="parent.slug", default=None, allow_null=True)  # type: ignore[assignment]
    article_count = serializers.IntegerField(help_text="Of its own, that the caller may read.")


class CategoryField(RowField):
    default_error_messages = {"unknown": "There is no such category; GET /kb/categories lists them."}

    def find(self, word: str) -> Category | None:
        return Category.objects.filter(slug=word).first()


class AreaField(RowField):
    default_error_messages = {"unknown": "There is no such product area; GET /product-areas lists them."}

    def find(self, word: str) -> ProductArea | None:
        return ProductArea.objects.filter(key=canonical(word, {})).first()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A draft",
            {"title": "Repair a pipeline", "body": "Check the *host* first.", "category": "troubleshooting"},
            request_only=True,
        )
    ]
)
class WriteArticleSerializer(StrictSerializer):
    """An article's words and place; it stays a draft until it is published."""

    title = TextField(min_length=3, max_length=200)
    body = TextField(max_length=200_000, help_text="Markdown.")
    category = CategoryField(max_length=80)
    summary = TextField(max_length=300, required=False, allow_blank=True)
    product_area = AreaField(max_length=50, required=False, allow_null=True)
    tags = serializers.ListField(child=TextField(max_length=50), max_length=20, required=False)
