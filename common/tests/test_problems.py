import json

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as ModelInvalid
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from django.test import RequestFactory
from rest_framework import exceptions
from rest_framework.views import APIView
from structlog.testing import capture_logs

from common import problems
from common.errors import Conflict, Invalid, InvalidTransition, NotAllowed, NotFound, Stale, TooMany, Unavailable
from common.tests.api import REQUEST_ID, call, code_of, problem_of


def raising(error):
    class View(APIView):
        authentication_classes = []
        permission_classes = []
        throttle_classes = []

        def get(self, request):
            raise error

    return View


@pytest.fixture
def swallowed():
    """Django's test client re-raises what the signal tells; these tests call views directly."""
    seen = []

    def listener(sender, request, **_):
        seen.append(request)

    got_request_exception.connect(listener)
    yield seen
    got_request_exception.disconnect(listener)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Invalid("Too short."), 422, "invalid"),
        (Invalid("Used before.", code="idempotency_key_reused"), 422, "idempotency_key_reused"),
        (Invalid("Too short.", field="subject", code="min_length"), 422, "invalid"),
        (NotAllowed("Ask an administrator."), 403, "not_allowed"),
        (NotFound("Ticket ODG-7 belongs to somebody else."), 404, "not_found"),
        (Conflict("It is merged."), 409, "conflict"),
        (InvalidTransition("It is closed."), 409, "invalid_transition"),
        (Stale("Read it again."), 412, "stale"),
        (TooMany("Wait.", retry_after=9), 429, "too_many_requests"),
        (Unavailable("Search is away."), 503, "unavailable"),
        (problems.QueryInvalid.at("limit", "invalid", "Use a number."), 400, "invalid_query"),
        (problems.Malformed("No."), 400, "malformed"),
        (exceptions.ParseError(), 400, "malformed"),
        (exceptions.ValidationError({"subject": ["Too short."]}), 422, "invalid"),
        (exceptions.ValidationError("Too short."), 422, "invalid"),
        (exceptions.NotAuthenticated(), 403, "not_allowed"),  # no authentication is offered by this view
        (exceptions.PermissionDenied(), 403, "not_allowed"),
        (exceptions.PermissionDenied(code="csrf_failed"), 403, "csrf_failed"),
        (exceptions.PermissionDenied(code="something_else"), 403, "not_allowed"),
        (exceptions.NotFound("Ticket 7"), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.Throttled(3.2), 429, "too_many_requests"),
        (exceptions.APIException(), 500, "internal_error"),
        (ModelInvalid({"name": ["Too long."]}), 422, "invalid"),
        (ModelInvalid("Too long."), 422, "invalid"),
        (Http404("No Ticket matches the given query."), 404, "not_found"),
        (PermissionDenied("x"), 403, "not_allowed"),
        (RequestDataTooBig(), 413, "too_large"),
        (TooManyFieldsSent(), 413, "too_large"),
        (TooManyFilesSent(), 413, "too_large"),
        (SuspiciousOperation(), 400, "malformed"),
        (UnreadablePostError(), 400, "malformed"),
    ],
)
def test_each_refusal_becomes_its_problem(error, status, code):
    response = call(raising(error))

    assert (response.status_code, code_of(response)) == (status, code)
    assert problem_of(response)["instance"] == REQUEST_ID
    assert response["Cache-Control"] == "no-store"


def test_fault_is_told_without_its_words_and_listeners_hear_of_it(swallowed):
    response = call(raising(KeyError("secret name")))

    assert (response.status_code, code_of(response)) == (500, "internal_error")
    assert b"secret" not in response.content
    assert len(swallowed) == 1


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("gone")])
def test_lost_database_is_left_to_the_middleware(error):
    with pytest.raises(type(error)):
        call(raising(error))


@pytest.mark.parametrize("error", [NotFound("ODG-7 is Rita's"), Http404("ODG-7"), exceptions.NotFound("ODG-7")])
def test_not_found_never_hints(error):
    assert problem_of(call(raising(error)))["detail"] == problems.NO_HINT


def test_field_of_a_portal_error_is_told():
    response = call(raising(Invalid("Too low for this tier.", field="priority", code="too_high", data={"most": "P3"})))

    body = problem_of(response)
    assert body["errors"] == [{"field": "priority", "code": "too_high", "detail": "Too low for this tier."}]
    assert body["most"] == "P3"


def test_further_members_never_replace_the_standard_ones():
    body = problem_of(call(raising(Conflict("No.", data={"status": "CLOSED", "type": "x", "current": 1}))))

    assert (body["status"], body["current"]) == (409, 1)
    assert body["type"].endswith("/conflict")


def test_nested_errors_are_named_by_their_path():
    error = exceptions.ValidationError(
        {
            "tags": {1: [exceptions.ErrorDetail("Too long.", code="max_length")]},
            "custom_fields": {"severity": [exceptions.ErrorDetail("Unknown.", code="invalid_choice")]},
            "lines": [{}, {"size": [exceptions.ErrorDetail("Too big.", code="max_value")]}],
            "non_field_errors": [exceptions.ErrorDetail("Together too long.", code="invalid")],
        }
    )

    assert problem_of(call(raising(error)))["errors"] == [
        {"field": "tags.1", "code": "max_length", "detail": "Too long."},
        {"field": "custom_fields.severity", "code": "invalid_choice", "detail": "Unknown."},
        {"field": "lines.1.size", "code": "max_value", "detail": "Too big."},
        {"field": "", "code": "invalid", "detail": "Together too long."},
    ]


def test_model_errors_name_their_fields():
    error = ModelInvalid({"name": [ModelInvalid("Too long.", code="max_length")], "__all__": ["Both or neither."]})

    assert problem_of(call(raising(error)))["errors"] == [
        {"field": "name", "code": "max_length", "detail": "Too long."},
        {"field": "", "code": "invalid", "detail": "Both or neither."},
    ]


@pytest.mark.parametrize(
    ("error", "seconds"), [(TooMany("Wait.", retry_after=9), "9"), (exceptions.Throttled(3.2), "4")]
)
def test_too_many_tells_when_to_come_back(error, seconds):
    assert call(raising(error))["Retry-After"] == seconds


def test_wrong_method_names_the_right_ones():
    response = call(raising(KeyError()), "DELETE")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_missing_credentials_ask_for_a_bearer_token(db):
    response = call(type("View", (APIView,), {"get": lambda self, request: None}))

    assert (response.status_code, code_of(response)) == (401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_third_party_details_become_one_sentence():
    error = exceptions.AuthenticationFailed({"detail": "Token is wrong", "messages": [{"message": "x"}]})
    error.status_code = 401

    assert problem_of(call(raising(error)))["detail"]
    assert problems._words({"detail": "Token is wrong", "messages": []}) == "Token is wrong"
    assert problems._words(["First.", "Second."]) == "First."
    assert problems._words([]) == ""
    assert problems._words({}) == ""


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (exceptions.PermissionDenied(), "access_refused"),
        (NotAllowed("No."), "access_refused"),
        (TooMany("Wait.", retry_after=1), "rate_exceeded"),
        (PermissionDenied(), "access_refused"),
    ],
)
def test_security_hears_of_refusals(error, event):
    with capture_logs() as logs:
        call(raising(error))

    assert [log["event"] for log in logs] == [event]


@pytest.mark.parametrize(
    ("handler", "status", "code"),
    [
        (lambda request: problems.problem_400(request, SuspiciousOperation("host")), 400, "malformed"),
        (problems.problem_400, 400, "malformed"),
        (lambda request: problems.problem_400(request, RequestDataTooBig()), 413, "too_large"),
        (lambda request: problems.problem_403(request, PermissionDenied("x")), 403, "not_allowed"),
        (lambda request: problems.problem_404(request, Http404("x")), 404, "not_found"),
        (problems.problem_404, 404, "not_found"),
        (lambda request: problems.problem_405(request, ["GET"]), 405, "method_not_allowed"),
        (problems.problem_500, 500, "internal_error"),
        (lambda request: problems.problem_csrf(request, "Referer checking failed"), 403, "csrf_failed"),
    ],
)
def test_what_never_reaches_a_view_is_a_problem_too(handler, status, code):
    request = RequestFactory().get("/api/v1/nothing", HTTP_X_REQUEST_ID=REQUEST_ID)

    response = handler(request)

    assert (response.status_code, code_of(response)) == (status, code)
    assert b"Referer" not in response.content


def test_problem_without_a_request_and_without_a_known_code_still_reads_well():
    response = problems.problem_response(418, "tea_only", "", "Bring leaves.", None)

    assert problem_of(response)["title"] == "Tea only"
    assert problem_of(response)["instance"] == ""
    assert problems.title_of("", 418) == "I'm a Teapot"


def test_401_always_says_how_to_authenticate():
    response = problems.problem_response(401, "authentication_failed", "", "No.", None)

    assert response["WWW-Authenticate"] == "Bearer"
    assert json.loads(response.content) == response.data
