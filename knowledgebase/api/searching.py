"""Finding articles: search, suggestions while somebody types, and the categories."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import ANYBODY
from common.filters import TEXT_MOST
from common.pagination import single, whole_number
from common.problems import QueryInvalid
from common.views import PortalViewSet, unless_known
from knowledgebase import services
from knowledgebase.models import Article, Category
from knowledgebase.search import search_articles, suggest
from knowledgebase.serializers import CategorySerializer, SearchSerializer, SuggestSerializer
from knowledgebase.views.visitors import searcher_of

SEARCH_LIMIT_MOST, SEARCH_OFFSET_MOST, SUGGEST_LIMIT_MOST = 50, 10_000, 10
WORDS = {"type": "string", "minLength": 1, "maxLength": TEXT_MOST, "pattern": r"\S"}
WORDS_PARAMETERS = [
    OpenApiParameter("q", WORDS, description="What to look for; any text is a safe query. Needed."),
    OpenApiParameter("query", WORDS, deprecated=True, description="The older name of `q`, which it stands for."),
]


class CategoryViewSet(PortalViewSet):
    scope = "kb"
    permission_classes = ANYBODY
    serializer_class = CategorySerializer
    default_ordering = ("position", "name")

    def list(self, request: Request) -> Any:
        """List the categories; `parent` says below which one each stands."""
        visible = Q(articles__in=Article.objects.visible_to(self.person))
        counted = Category.objects.annotate(article_count=Count("articles", filter=visible))
        return unless_known(request, self.answer_page(counted.select_related("parent")))


class SearchViewSet(PortalViewSet):
    scope = "kb"
    permission_classes = ANYBODY
    serializer_class = SearchSerializer
    list_actions = ()

    def allowed_parameters(self) -> set[str]:
        own = (
            {"limit"}
            if self.action == "suggest"
            else {"category", "tag", "product_area", "language", "limit", "offset"}
        )
        return {"q", "query"} | own

    @extend_schema(
        parameters=[
            *WORDS_PARAMETERS,
            OpenApiParameter("category", OpenApiTypes.STR, description="A category's slug."),
            OpenApiParameter("tag", OpenApiTypes.STR, many=True, description="Repeat it for any of several."),
            OpenApiParameter("product_area", OpenApiTypes.STR, description="A product area's key."),
            OpenApiParameter("language", OpenApiTypes.STR, description="As articles have it, such as `en`."),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": SEARCH_LIMIT_MOST, "default": 10}),
            OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": SEARCH_OFFSET_MOST, "default": 0}),
        ],
        responses=SearchSerializer,
    )
    def search(self, request: Request) -> Response:
        """Search the published articles."""
        words = self._words()
        answer = search_articles(
            words,
            user=self.person,
            category=(single(request, "category") or "")[:TEXT_MOST],
            tags=tuple(request.query_params.getlist("tag")[:20]),
            product_area=(single(request, "product_area") or "")[:TEXT_MOST],
            language=(single(request, "language") or "")[:TEXT_MOST],
            limit=whole_number(request, "limit", 10, 1, SEARCH_LIMIT_MOST),
            offset=whole_number(request, "offset", 0, 0, SEARCH_OFFSET_MOST),
        )
        if not {"category", "tag", "product_area", "language"} & set(request.query_params):
            visitor = searcher_of(request)
            services.note_search(words, visitor=visitor, result_count=answer.total, is_on_page=False)
        said = {
            "query": answer.query,
            "total": answer.total,
            "took_ms": answer.took_ms,
            "backend": answer.backend,
            "did_you_mean": answer.did_you_mean,
            "results": answer.found,
        }
        return Response(self.represent(said))

    @extend_schema(
        parameters=[
            *WORDS_PARAMETERS,
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": SUGGEST_LIMIT_MOST, "default": 5}),
        ],
        responses=SuggestSerializer,
    )
    def suggest(self, request: Request) -> Any:
        """Offer articles while somebody types: the last word may be unfinished."""
        words, limit = self._words(), whole_number(request, "limit", 5, 1, SUGGEST_LIMIT_MOST)
        said = {"query": words, "suggestions": suggest(words, user=self.person, limit=limit)}
        return unless_known(request, Response(self.represent(said, SuggestSerializer)))

    def _words(self) -> str:
        """Return what to look for; `q`, or `query` as older callers say (decision C7)."""
        given = [value for name in ("q", "query") if (value := single(self.request, name)) is not None]
        if len(set(given)) != 1:
            raise QueryInvalid.at("q", "required" if not given else "conflict", "Give the words to look for in q.")
        words = given[0].strip()
        if not words or len(words) > TEXT_MOST:
            raise QueryInvalid.at("q", "invalid", f"Use 1 to {TEXT_MOST} characters.")
        return words
