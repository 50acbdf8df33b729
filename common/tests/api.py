"""Tiny views, and one way to call them, for the tests of what every API view shares."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate
from rest_framework_simplejwt.tokens import AccessToken

REQUEST_ID = "0f2a8c1e-2f8e-4a53"


def call(view: Any, method: str = "GET", path: str = "/api/v1/things", *, user: Any = None, **extra: Any) -> Any:
    """Return the rendered answer of the view class `view` (or view function) to one request.

    body: bytes or JSON, with content_type.   kwargs: of the route.   Further names are WSGI headers.
    """
    body, content_type = extra.pop("body", b""), extra.pop("content_type", "application/json")
    kwargs = extra.pop("kwargs", {})
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    extra.setdefault("HTTP_X_REQUEST_ID", REQUEST_ID)
    request = APIRequestFactory().generic(method, path, body, content_type, **extra)
    if user is not None:
        force_authenticate(request, user=user)
    function = view.as_view() if hasattr(view, "as_view") else view
    response: HttpResponse = function(request, **kwargs)
    return response.render() if hasattr(response, "render") else response


def problem_of(response: HttpResponse) -> dict[str, Any]:
    """Return a problem's members, having checked that it is one."""
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    return body


def code_of(response: HttpResponse) -> str:
    """Return the stable code that a problem's type ends in."""
    return problem_of(response)["type"].rpartition("/")[2]


def client_of(user: Any = None) -> APIClient:
    """Return a client that asks as `user`, with a JWT, through everything a request passes; as nobody without one."""
    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
    return client
