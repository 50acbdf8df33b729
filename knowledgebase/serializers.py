"""What the API says of articles, and what it takes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import ProductArea, Tier
from common.serializers import (
    AliasedChoiceField,
    FlagField,
    InstantField,
    RowField,
    StrictSerializer,
    TextField,
    canonical,
)
from knowledgebase.models import Article, Category, Reason, Revision
from knowledgebase.models.reading import COMMENT_CHARACTERS
from knowledgebase.search import Found, Suggestion
from knowledgebase.vocabulary import Audience, State

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$"
ARTICLE_EXAMPLE = {
    "article_id": "kb_1f2e3d4c",
    "title": "Repair a broken pipeline connection",
    "slug": "repair-a-broken-pipeline-connection",
    "summary": "What to check when a pipeline cannot reach its source.",
    "category": "troubleshooting",
    "product_area": "DATA_CATALOG",
    "product_versions": ["4.2"],
    "tags": ["connectivity"],
    "language": "en",
    "url": "https://support.example/help/repair-a-broken-pipeline-connection",
    "published": True,
    "published_at": "2026-01-05T09:00:00Z",
    "view_count": 245,
    "helpful_votes": 32,
    "unhelpful_votes": 3,
    "created_at": "2026-01-05T09:00:00Z",
    "updated_at": "2026-02-01T09:00:00Z",
    "editorial": None,
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
SUGGEST_EXAMPLE = {
    "query": "repair pipe",
    "suggestions": [
        {
            "title": "Repair a broken pipeline connection",
            "marked_title": "<mark>Repair</mark> a broken <mark>pipe</mark>line connection",
            "slug": "repair-a-broken-pipeline-connection",
            "url": "https://support.example/help/repair-a-broken-pipeline-connection",
        }
    ],
}
REVISION_EXAMPLE = {
    "number": 1,
    "title": "Repair a broken pipeline connection",
    "author": "sofia@opendatagov.example",
    "note": "",
    "created_at": "2026-01-05T09:00:00Z",
}
CATEGORY_EXAMPLE = {"slug": "troubleshooting", "name": "Troubleshooting", "parent": None, "article_count": 12}


def url_of(article: Article | Suggestion) -> str:
    return f"{settings.SITE_URL}{reverse('kb-article', args=[article.slug])}"


class EditorialSerializer(serializers.Serializer[Article]):
    """What those who write articles need to know of one."""

    state = serializers.ChoiceField(choices=State.values)
    revision = serializers.IntegerField()
    audience = serializers.ChoiceField(choices=Audience.values)
    tiers = serializers.ListField(child=serializers.ChoiceField(choices=Tier.values))
    source = serializers.CharField(  # type: ignore[assignment]
        source="source.slug",
        default=None,
        allow_null=True,
        help_text="The slug of the article that this one translates.",
    )
    is_behind = serializers.BooleanField(help_text="Whether its source has changed since it was translated.")
    publish_at = InstantField(allow_null=True)
    expires_at = InstantField(allow_null=True)
    review_on = serializers.DateField(allow_null=True)
    reviewer = serializers.CharField(source="reviewer.email", default=None, allow_null=True)
    reviewed_at = InstantField(allow_null=True)
    review_note = serializers.CharField()


class ArticleFactsSerializer(serializers.Serializer[Article]):
    article_id = serializers.CharField()
    title = serializers.CharField()
    slug = serializers.CharField()
    summary = serializers.CharField()
    category = serializers.CharField(source="category.slug")
    product_area = serializers.CharField(source="product_area.key", default=None, allow_null=True)
    product_versions = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    url = serializers.SerializerMethodField()
    published = serializers.BooleanField()
    published_at = InstantField(allow_null=True)
    view_count = serializers.IntegerField()
    helpful_votes = serializers.IntegerField()
    unhelpful_votes = serializers.IntegerField()
    created_at = InstantField()
    updated_at = InstantField()
    editorial = serializers.SerializerMethodField(help_text="For the support team; null for others.")

    @extend_schema_field(EditorialSerializer(allow_null=True))
    def get_editorial(self, article: Article) -> Any:
        return EditorialSerializer(article).data if self.context.get("is_staff") else None

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


class SuggestionSerializer(serializers.Serializer[Suggestion]):
    title = serializers.CharField()
    marked_title = serializers.CharField(help_text="Safe HTML with <mark>.")
    slug = serializers.CharField()
    url = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, suggestion: Suggestion) -> str:
        return url_of(suggestion)


@extend_schema_serializer(examples=[OpenApiExample("Suggestions", SUGGEST_EXAMPLE, response_only=True)])
class SuggestSerializer(serializers.Serializer[Any]):
    query = serializers.CharField()
    suggestions = SuggestionSerializer(many=True)


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


class SourceField(RowField):
    default_error_messages = {"unknown": "There is no such article."}

    def find(self, word: str) -> Article | None:
        return Article.objects.filter(slug=word).first()


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
    slug = serializers.SlugField(
        max_length=220, required=False, help_text="Its address; made from the title if not given."
    )
    product_area = AreaField(max_length=50, required=False, allow_null=True)
    product_versions = serializers.ListField(child=TextField(max_length=30), max_length=50, required=False)
    tags = serializers.ListField(child=TextField(max_length=50), max_length=20, required=False)
    language = TextField(max_length=10, required=False, validators=[RegexValidator(LANGUAGE)])
    source = SourceField(  # type: ignore[assignment]
        max_length=220, required=False, allow_null=True, help_text="The slug of the article that this one translates."
    )
    audience = AliasedChoiceField(Audience.values, required=False)
    tiers = serializers.ListField(
        child=AliasedChoiceField(Tier.values), max_length=len(Tier.values), required=False, help_text="For TIERS."
    )
    expires_at = InstantField(required=False, allow_null=True)
    review_on = serializers.DateField(required=False, allow_null=True)


class ChangeArticleSerializer(WriteArticleSerializer):
    """What is to change. note: what was changed, and why."""

    note = TextField(max_length=200, required=False, allow_blank=True)


@extend_schema_serializer(examples=[OpenApiExample("Later", {"publish_at": "2026-03-01T09:00:00Z"}, request_only=True)])
class PublishSerializer(StrictSerializer):
    publish_at = InstantField(required=False, help_text="An instant to come; otherwise now.")


@extend_schema_serializer(
    examples=[OpenApiExample("Sent back", {"approve": False, "note": "Name the version."}, request_only=True)]
)
class ReviewSerializer(StrictSerializer):
    """Approve, or send back and say why."""

    approve = FlagField()
    note = TextField(max_length=2000, required=False, allow_blank=True)


@extend_schema_serializer(
    examples=[OpenApiExample("It did not help", {"helpful": False, "comment": "Step 2 fails."}, request_only=True)]
)
class FeedbackSerializer(StrictSerializer):
    helpful = FlagField()
    comment = TextField(max_length=COMMENT_CHARACTERS, required=False, allow_blank=True, default="")
    reason = AliasedChoiceField(Reason.values, required=False, default="", help_text="Why it did not help.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["helpful"] and attrs["reason"]:
            raise serializers.ValidationError({"reason": "Only what did not help needs a reason."}, code="conflict")
        return attrs


@extend_schema_serializer(
    examples=[
        OpenApiExample("The votes", {"helpful": False, "helpful_votes": 32, "unhelpful_votes": 4}, response_only=True)
    ]
)
class VotesSerializer(serializers.Serializer[Any]):
    helpful = serializers.BooleanField(help_text="What the caller said.")
    helpful_votes = serializers.IntegerField()
    unhelpful_votes = serializers.IntegerField()


@extend_schema_serializer(examples=[OpenApiExample("A version", REVISION_EXAMPLE, response_only=True)])
class RevisionSerializer(serializers.Serializer[Revision]):
    """A version of an article, without its text."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    author = serializers.CharField(source="author.email", default=None, allow_null=True)
    note = serializers.CharField()
    created_at = InstantField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A version",
            {**REVISION_EXAMPLE, "summary": "", "body": "Check the *host*."},
            response_only=True,
        )
    ]
)
class WholeRevisionSerializer(RevisionSerializer):
    summary = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
