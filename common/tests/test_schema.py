import json

import pytest
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from common.filters import Choice, StrictFilterSet
from common.idempotency import idempotent
from common.serializers import StrictSerializer, TextField, WholeNumberField
from common.views import PortalViewSet


class ThingSerializer(StrictSerializer):
    name = TextField(max_length=20)
    version = WholeNumberField(read_only=True)


class Filters(StrictFilterSet):
    kind = Choice("kind", choices=["A"])


class Things(PortalViewSet):
    """A resource for this test."""

    serializer_class = ThingSerializer
    filterset_class = Filters
    ordering_fields = {"at": "occurred_at"}
    versioned_actions = ("retrieve", "partial_update")
    problems = {"solve": [409]}

    def list(self, request):
        """List things.

        In pages.
        """
        return Response([])

    @idempotent
    def create(self, request):
        """Make a thing."""
        return Response({}, status=201)

    def retrieve(self, request, name):
        """Read a thing."""
        return Response({})

    def partial_update(self, request, name):
        """Change a thing."""
        return Response({})

    def solve(self, request, name):
        """Solve a thing."""
        return Response({})


class Open(Things):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []


urlpatterns = [
    path("api/v1/things", Things.as_view({"get": "list", "post": "create"})),
    path("api/v1/things/<slug:name>", Things.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("api/v1/things/<slug:name>/solve", Things.as_view({"post": "solve"})),
    path("api/v1/open", Open.as_view({"get": "list"})),
]


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator(patterns=urlpatterns).get_schema(public=True)


def operation(schema, route, method):
    return schema["paths"][route][method]


def names(found):
    return {(row["name"], row["in"]) for row in found["parameters"]}


def test_it_is_openapi_3_1(schema):
    assert schema["openapi"] == "3.1.0"
    json.dumps(schema)


@pytest.mark.parametrize(
    ("route", "method", "statuses"),
    [
        ("/api/v1/things", "get", "200 400 401 403 406 429"),
        ("/api/v1/things", "post", "201 400 401 403 406 409 411 413 415 422 429"),
        ("/api/v1/things/{name}", "get", "200 304 400 401 403 404 406 429"),
        ("/api/v1/things/{name}", "patch", "200 400 401 403 404 406 411 412 413 415 422 429"),
        ("/api/v1/things/{name}/solve", "post", "200 400 401 403 404 406 409 411 413 415 422 429"),
        ("/api/v1/open", "get", "200 400 406"),
    ],
)
def test_each_refusal_that_can_happen_is_described(schema, route, method, statuses):
    assert set(operation(schema, route, method)["responses"]) == set(statuses.split())


def test_refusals_are_problems(schema):
    reference = operation(schema, "/api/v1/things", "get")["responses"]["429"]
    refusal = schema["components"]["responses"]["Refusal429"]

    assert reference == {"$ref": "#/components/responses/Refusal429"}
    assert list(refusal["content"]) == ["application/problem+json"]
    assert refusal["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(refusal["headers"])
    assert "Problem" in schema["components"]["schemas"]


def test_headers_of_creating_and_versioned_operations_are_described(schema):
    create = operation(schema, "/api/v1/things", "post")
    read = operation(schema, "/api/v1/things/{name}", "get")
    change = operation(schema, "/api/v1/things/{name}", "patch")

    assert ("Idempotency-Key", "header") in names(create)
    assert "Idempotent-Replayed" in create["responses"]["201"]["headers"]
    assert ("If-None-Match", "header") in names(read)
    assert ("If-Match", "header") in names(change)
    assert "ETag" in change["responses"]["200"]["headers"]
    assert (
        "headers" not in operation(schema, "/api/v1/open", "get")["responses"]["200"]
        or not (operation(schema, "/api/v1/open", "get")["responses"]["200"]["headers"])
    )


def test_a_list_names_its_parameters_and_its_page(schema):
    found = operation(schema, "/api/v1/things", "get")

    assert {name for name, place in names(found)} == {"kind", "ordering", "limit", "cursor", "offset", "count"}
    page = schema["components"]["schemas"]["PaginatedThingList"]
    assert page["required"] == ["results", "next", "previous"]


def test_bodies_admit_no_unknown_member(schema):
    schemas = schema["components"]["schemas"]

    assert schemas["ThingRequest"]["additionalProperties"] is False
    assert set(schemas["ThingRequest"]["properties"]) == {"name"}
    assert "additionalProperties" not in schemas["Thing"]


def test_operations_are_tagged_and_summed_up(schema):
    found = operation(schema, "/api/v1/things", "get")

    assert (found["tags"], found["summary"]) == (["things"], "List things")
