import json

import pytest
from django.test import RequestFactory
from rest_framework.response import Response

from common.errors import Stale
from common.serializers import StrictSerializer, TextField
from common.tests.api import call, code_of, problem_of
from common.views import PortalView, PortalViewSet, etag_of, has_current, not_modified, require_current


def asking(**headers):
    return RequestFactory().get("/", **headers)


@pytest.mark.parametrize("header", [None, "*", ' "7" ', '"7"', '"6", "7"', '"a","7","b"', " * "])
def test_the_present_version_may_be_changed(header):
    request = asking() if header is None else asking(HTTP_IF_MATCH=header)

    require_current(request, 7)


@pytest.mark.parametrize("header", ["", '"6"', 'W/"7"', '"6", W/"7"', "7", "'7'", '"77"', '"7', "garbage", '""', "**"])
def test_any_other_version_is_stale(header):
    with pytest.raises(Stale):
        require_current(asking(HTTP_IF_MATCH=header), 7)


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, False), ('"7"', True), ('W/"7"', True), ('"6", "7"', True), ("*", True), ('"6"', False), ("7", False)],
)
def test_what_the_caller_holds_need_not_be_sent_again(header, expected):
    request = asking() if header is None else asking(HTTP_IF_NONE_MATCH=header)

    assert has_current(request, 7) is expected


def test_not_modified_names_the_version():
    response = not_modified(7)

    assert (response.status_code, response["ETag"], response.content) == (304, etag_of(7), b"")


class Body(StrictSerializer):
    subject = TextField()


class Things(PortalViewSet):
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    query_parameters = ("include",)
    pagination_class = None

    def retrieve(self, request):
        return Response({"include": request.query_params.get("include")})

    def create(self, request):
        return Response(self.read_body(Body), status=201)


view = Things.as_view({"get": "retrieve", "post": "create"})


def test_parameters_a_view_names_are_its_own():
    assert json.loads(call(view, path="/x?include=sla").content) == {"include": "sla"}
    assert call(view, path="/x?limit=5").status_code == 400
    assert Things().list_parameters() == set()


def test_a_change_takes_no_query_parameters():
    response = call(view, "POST", "/x?include=sla", body={"subject": "a"})

    assert problem_of(response)["errors"][0]["code"] == "unknown_parameter"


def test_a_body_is_validated():
    assert json.loads(call(view, "POST", body={"subject": " a "}).content) == {"subject": "a"}
    assert code_of(call(view, "POST", body={})) == "invalid"


def test_a_body_in_chunks_is_refused_not_taken_for_none():
    response = call(view, "POST", body=b"", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")

    assert (response.status_code, code_of(response)) == (411, "length_required")


def test_answers_are_private_unless_a_view_says_otherwise():
    class Public(PortalView):
        authentication_classes = []
        permission_classes = []
        throttle_classes = []
        cache_control = "public, max-age=60"

        def get(self, request):
            return Response({})

        def post(self, request):
            return Response({}, headers={"Cache-Control": "no-store"})

    assert call(view)["Cache-Control"] == "private, no-cache"
    assert call(Public)["Cache-Control"] == "public, max-age=60"
    assert call(Public, "POST")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_other_methods_are_refused_by_name(method):
    response = call(view, method)

    assert (response.status_code, code_of(response)) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
