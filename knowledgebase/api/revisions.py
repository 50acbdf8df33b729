"""What an article said before. For the support team."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import SIGNED_IN
from common.errors import NotAllowed, NotFound
from common.serializers import NOTHING, NothingSerializer
from knowledgebase import services
from knowledgebase.api.articles import SLUG_PARAMETER, ArticleView
from knowledgebase.models import Revision
from knowledgebase.serializers import ArticleSerializer, RevisionSerializer, WholeRevisionSerializer

NUMBER = {"schema": {"type": "integer", "minimum": 1}, "description": "The version's number."}


class RevisionViewSet(ArticleView):
    permission_classes = SIGNED_IN
    path_parameters = {**SLUG_PARAMETER, "number": NUMBER}
    serializer_class = RevisionSerializer
    default_ordering = ("-number",)

    def list(self, request: Request, slug: str) -> Response:
        """List the versions of an article, the latest first, without their texts. For the support team."""
        return self.answer_page(self._revisions())

    @extend_schema(responses=WholeRevisionSerializer)
    def retrieve(self, request: Request, slug: str, number: int) -> Response:
        """Read a version. For the support team."""
        return Response(self.represent(self._revision(number), WholeRevisionSerializer))

    @extend_schema(request=NOTHING, responses=ArticleSerializer)
    def restore(self, request: Request, slug: str, number: int) -> Response:
        """Let the article say again what it said in that version, as a new one. For supervisors."""
        revision = self._revision(number)
        self.read_body(NothingSerializer)
        return Response(self.represent(services.restore_revision(revision, by=self.person), ArticleSerializer))

    def _revisions(self) -> Any:
        article = self.article()
        if not self.is_staff():
            raise NotAllowed("Only the support team reads earlier versions.")
        return article.revisions.select_related("author", "article")

    def _revision(self, number: int) -> Revision:
        found: Revision | None = self._revisions().filter(number=number).first()
        if found is None:
            raise NotFound("There is no such version.")
        return found
