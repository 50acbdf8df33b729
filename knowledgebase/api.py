"""The knowledge base over HTTP: everybody reads, supervisors write."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import ANYBODY, SIGNED_IN
from common.filters import TEXT_MOST
from common.idempotency import idempotent
from common.pagination import single, whole_number
from common.problems import QueryInvalid
from common.serializers import NothingSerializer
from common.views import PortalViewSet
from knowledgebase import services
from knowledgebase.filters import ArticleFilters
from knowledgebase.models import Article, Category
from knowledgebase.search import search_articles
from knowledgebase.serializers import (
    ArticleLineSerializer,
    ArticleSerializer,
    CategorySerializer,
    SearchSerializer,
    WriteArticleSerializer,
)

NOTHING = {"application/json": {"type": "object", "additionalProperties": False, "properties": {}}}
SEARCH_LIMIT_MOST, SEARCH_OFFSET_MOST = 50, 10_000
WORDS = {"type": "string", "minLength": 1, "maxLength": TEXT_MOST, "pattern": r"\S"}
SLUG = {"description": "The article's slug.", "example": "repair-a-broken-pipeline-connection"}


class ArticleViewSet(PortalViewSet):
    """Articles: the published ones for everybody, drafts for those who write."""

    scope = "kb"
    path_parameters = {"slug": {"schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}, **SLUG}}
    serializer_class = ArticleLineSerializer
    filterset_class = ArticleFilters
    ordering_fields = {
        "title": "title",
        "updated_at": "updated_at",
        "published_at": "published_at",
        "helpful_votes": "helpful_votes",
        "view_count": "view_count",
    }
    default_ordering = ("title",)

    def get_permissions(self) -> list[BasePermission]:
        return [permission() for permission in (ANYBODY if self.action in {"list", "retrieve"} else SIGNED_IN)]

    def list(self, request: Request) -> Response:
        """List articles, without their texts."""
        return self.answer_page(self._visible())

    @extend_schema(responses=ArticleSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Read an article."""
        return self._answer(self._article(slug))

    @extend_schema(request=WriteArticleSerializer, responses={201: ArticleSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Write a draft. For supervisors."""
        return self._answer(services.create_article(by=self.person, **self.read_body(WriteArticleSerializer)), 201)

    @extend_schema(request=WriteArticleSerializer, responses=ArticleSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change an article's words or place. For supervisors."""
        article = self._article(slug)
        changes = self.read_body(WriteArticleSerializer, partial=True)
        return self._answer(services.change_article(article, by=self.person, **changes))

    @extend_schema(request=NOTHING, responses=ArticleSerializer)
    def publish(self, request: Request, slug: str) -> Response:
        """Show an article to everybody. For supervisors."""
        return self._do(slug, services.publish_article)

    @extend_schema(request=NOTHING, responses=ArticleSerializer)
    def archive(self, request: Request, slug: str) -> Response:
        """Take an article down; those who write still see it. For supervisors."""
        return self._do(slug, services.archive_article)

    def _do(self, slug: str, verb: Any) -> Response:
        article = self._article(slug)
        self.read_body(NothingSerializer)
        return self._answer(verb(article, by=self.person))

    def _article(self, slug: str) -> Article:
        found: Article = get_object_or_404(self._visible(), slug=slug)
        return found

    def _visible(self) -> Any:
        return Article.objects.visible_to(self.person).select_related("category", "product_area")

    def _answer(self, article: Article, status: int = 200) -> Response:
        return Response(self.represent(article, ArticleSerializer), status=status)


class CategoryViewSet(PortalViewSet):
    scope = "kb"
    permission_classes = ANYBODY
    serializer_class = CategorySerializer
    default_ordering = ("position", "name")

    def list(self, request: Request) -> Response:
        """List the categories; `parent` says below which one each stands."""
        visible = Q(articles__in=Article.objects.visible_to(self.person))
        counted = Category.objects.annotate(article_count=Count("articles", filter=visible))
        return self.answer_page(counted.select_related("parent"))


class SearchViewSet(PortalViewSet):
    scope = "kb"
    permission_classes = ANYBODY
    serializer_class = SearchSerializer
    list_actions = ()
    query_parameters = ("q", "query", "category", "tag", "limit", "offset")

    @extend_schema(
        parameters=[
            OpenApiParameter("q", WORDS, description="What to look for; any text is a safe query. Needed."),
            OpenApiParameter(
                "query", WORDS, deprecated=True, description="The older name of `q`, which it stands for."
            ),
            OpenApiParameter("category", OpenApiTypes.STR, description="A category's slug."),
            OpenApiParameter("tag", OpenApiTypes.STR, many=True, description="Repeat it for any of several."),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": SEARCH_LIMIT_MOST, "default": 10}),
            OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": SEARCH_OFFSET_MOST, "default": 0}),
        ],
        responses=SearchSerializer,
    )
    def search(self, request: Request) -> Response:
        """Search the published articles."""
        answer = search_articles(
            self._words(),
            user=self.person,
            category=(single(request, "category") or "")[:TEXT_MOST],
            tags=tuple(request.query_params.getlist("tag")[:20]),
            limit=whole_number(request, "limit", 10, 1, SEARCH_LIMIT_MOST),
            offset=whole_number(request, "offset", 0, 0, SEARCH_OFFSET_MOST),
        )
        said = {
            "query": answer.query,
            "total": answer.total,
            "took_ms": answer.took_ms,
            "backend": answer.backend,
            "did_you_mean": answer.did_you_mean,
            "results": answer.found,
        }
        return Response(self.represent(said))

    def _words(self) -> str:
        """Return what to look for; `q`, or `query` as older callers say (decision C7)."""
        given = [value for name in ("q", "query") if (value := single(self.request, name)) is not None]
        if len(set(given)) != 1:
            raise QueryInvalid.at("q", "required" if not given else "conflict", "Give the words to look for in q.")
        words = given[0].strip()
        if not words or len(words) > TEXT_MOST:
            raise QueryInvalid.at("q", "invalid", f"Use 1 to {TEXT_MOST} characters.")
        return words
