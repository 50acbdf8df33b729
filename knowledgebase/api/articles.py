"""Articles: reading, writing, their life from draft to archive, and what readers think of them."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import ANYBODY, SIGNED_IN
from common import ratelimit
from common.errors import Stale
from common.idempotency import idempotent
from common.serializers import NOTHING, NothingSerializer
from common.views import FINGERPRINT, PortalViewSet, etag_of, fingerprint_of, require_current, unless_known
from knowledgebase import services
from knowledgebase.filters import ArticleFilters
from knowledgebase.models import Article, Reason
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.serializers import (
    ArticleLineSerializer,
    ArticleSerializer,
    ChangeArticleSerializer,
    FeedbackSerializer,
    PublishSerializer,
    ReviewSerializer,
    VotesSerializer,
    WriteArticleSerializer,
)

SLUG = {"description": "The article's slug.", "example": "repair-a-broken-pipeline-connection"}
SLUG_PARAMETER = {"slug": {"schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}, **SLUG}}
READING = {"list", "retrieve", "feedback"}


class ArticleView(PortalViewSet):
    """A view of articles or of what belongs to one."""

    scope = "kb"
    path_parameters: dict[str, Any] = SLUG_PARAMETER

    def visible(self) -> ArticleQuerySet:
        described = Article.objects.select_related("category", "product_area", "source", "reviewer")
        return described.visible_to(self.person)

    def article(self) -> Article:
        """Return the article of the route, or answer 404."""
        found: Article = get_object_or_404(self.visible(), slug=self.kwargs["slug"])
        return found

    def is_staff(self) -> bool:
        return bool(self.person.has_perm("knowledgebase.view_article"))


class ArticleViewSet(ArticleView):
    """Articles: the published ones for their audience, all others for those who write."""

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
    versioned_actions = ("retrieve", "partial_update")
    problems = {verb: [409] for verb in ("partial_update", "submit", "review", "publish", "archive")}

    def get_permissions(self) -> list[BasePermission]:
        return [permission() for permission in (ANYBODY if self.action in READING else SIGNED_IN)]

    def list(self, request: Request) -> Any:
        """List articles, without their texts."""
        return unless_known(request, self.answer_page(self.visible()))

    @extend_schema(responses=ArticleSerializer)
    def retrieve(self, request: Request, slug: str) -> Any:
        """Read an article."""
        article = self.article()
        return unless_known(request, self._answer(article), _version(article))

    @extend_schema(request=WriteArticleSerializer, responses={201: ArticleSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Write a draft. For supervisors."""
        fields = self.read_body(WriteArticleSerializer)
        return self._answer(services.create_article(by=self.person, **fields), 201)

    @extend_schema(request=ChangeArticleSerializer, responses=ArticleSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change an article; other words make its next version. For supervisors.

        With If-Match a change of what somebody else changed since answers 412 with the present state.
        """
        article = self.article()
        changes = self.read_body(ChangeArticleSerializer, partial=True)
        try:
            require_current(request, _version(article), ignoring=FINGERPRINT)
            seen_at = article.updated_at if "HTTP_IF_MATCH" in request.META else None
            return self._answer(services.change_article(article, by=self.person, unchanged_since=seen_at, **changes))
        except Stale as error:
            raise Stale(error.message, data={"current": self._answer(article).data}) from error

    @extend_schema(request=NOTHING, responses=ArticleSerializer)
    def submit(self, request: Request, slug: str) -> Response:
        """Ask for a review. For supervisors."""
        article = self.article()
        self.read_body(NothingSerializer)
        return self._answer(services.submit_article(article, by=self.person))

    @extend_schema(request=ReviewSerializer, responses=ArticleSerializer)
    def review(self, request: Request, slug: str) -> Response:
        """Approve what somebody else submitted, which publishes it when its time has come, or send it back."""
        article = self.article()
        said = self.read_body(ReviewSerializer)
        return self._answer(services.review_article(article, by=self.person, **said))

    @extend_schema(request=PublishSerializer, responses=ArticleSerializer)
    def publish(self, request: Request, slug: str) -> Response:
        """Show an article to its audience, now or at an instant to come. For supervisors."""
        article = self.article()
        at = self.read_body(PublishSerializer).get("publish_at")
        return self._answer(services.publish_article(article, by=self.person, at=at))

    @extend_schema(request=NOTHING, responses=ArticleSerializer)
    def archive(self, request: Request, slug: str) -> Response:
        """Take an article down; those who write still see it. For supervisors."""
        article = self.article()
        self.read_body(NothingSerializer)
        return self._answer(services.archive_article(article, by=self.person))

    @extend_schema(request=FeedbackSerializer, responses=VotesSerializer)
    def feedback(self, request: Request, slug: str) -> Response:
        """Say whether an article helped. One vote per caller: another one replaces it."""
        article = get_object_or_404(self.visible().published(), slug=slug)
        said = self.read_body(FeedbackSerializer)
        ratelimit.limit(request, "article-vote", ratelimit.caller_of(request))
        voter = f"user:{self.person.pk}" if self.person.is_authenticated else ratelimit.client_ip(request)
        vote = services.cast_vote(article, visitor=voter, is_helpful=said["helpful"])
        if said["comment"] or said["reason"]:
            reason = said["reason"] or ("" if vote.is_helpful else Reason.OTHER)
            services.explain_vote(article, visitor=voter, reason=reason, comment=said["comment"])
        article.refresh_from_db(fields=["helpful_votes", "unhelpful_votes"])
        votes = {"helpful_votes": article.helpful_votes, "unhelpful_votes": article.unhelpful_votes}
        return Response(self.represent({"helpful": vote.is_helpful, **votes}, VotesSerializer))

    def _answer(self, article: Article, status: int = 200) -> Response:
        data = self.represent(article, ArticleSerializer)
        headers = {"ETag": etag_of(f"{_version(article)}-{fingerprint_of(data)}")}
        if status == 201:
            headers["Location"] = self.request.build_absolute_uri(reverse("api:kb-article", args=[article.slug]))
        return Response(data, status=status, headers=headers)


def _version(article: Article) -> str:
    """Return what names the state of an article that a change would be based on."""
    return f"{article.revision}.{article.updated_at:%Y%m%dT%H%M%S%f}"
