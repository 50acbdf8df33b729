"""The API described: as OpenAPI, as a page to browse it, and by the kinds of its refusals."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiExample, extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import schema as _  # noqa: F401 - names the ways to authenticate
from common.models import Event
from common.problems import TITLES, TYPE_PREFIX
from common.views import PortalView
from tickets.vocabulary import LinkKind

# Fields of one name with different choices would be named by a digest.
ENUM_NAMES = {"LinkKindEnum": LinkKind.values, "ActorKindEnum": Event.ActorKind.values}
PROBLEM_EXAMPLE = {"type": f"{TYPE_PREFIX}stale", "title": TITLES["stale"]}


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI document; it is the same for everybody and takes a second to make."""
    with patched_settings({"ENUM_NAME_OVERRIDES": ENUM_NAMES}):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


class Public(PortalView):
    authentication_classes = ()
    permission_classes = ()
    cache_control = "private, max-age=60"


class SchemaView(Public):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(description())


class DocsView(SpectacularSwaggerSplitView):
    """The description as a page. All it loads is our own, so the portal's content policy holds here too."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    url_name = "api:schema"
    template_name = "api/docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        if isinstance(response.data, dict) and "script_url" in response.data:
            response.data["schema_url"] = reverse("api:schema")
        return response


class ProblemTypeSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    title = serializers.CharField()


class ProblemTypeView(Public):
    """What the `type` of a refusal leads to."""

    path_parameters = {"code": {"description": "The code that a problem's type ends in.", "example": "stale"}}

    @extend_schema(
        responses=ProblemTypeSerializer,
        examples=[OpenApiExample("A kind of refusal", PROBLEM_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, code: str) -> Response:
        """Read what a kind of refusal means."""
        if code not in TITLES:
            raise Http404
        return Response({"type": TYPE_PREFIX + code, "title": TITLES[code]})
