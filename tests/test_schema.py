"""The API's description: complete, exemplified, true to its snapshot, and shown without a third party."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from django.conf import settings

from common.problems import TITLES
from common.tests.api import client_of, code_of
from supportportal.description import description

SNAPSHOT = Path(settings.BASE_DIR) / "docs" / "openapi.json"
GUIDE = Path(settings.BASE_DIR) / "docs" / "api.md"
METHODS = {"get", "post", "put", "patch", "delete"}


def operations():
    return [
        (method, route, operation)
        for route, methods in description()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def by_name(operation):
    return f"{operation[0]} {operation[1]}"


def test_the_committed_description_is_the_present_one():
    """To accept a change: UPDATE_SNAPSHOT=1 pytest tests/test_schema.py, then read the difference."""
    present = json.dumps(description(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(present, encoding="utf-8")

    assert SNAPSHOT.read_text(encoding="utf-8") == present


def test_it_is_served_to_everybody_as_json(db):
    response = client_of().get("/api/v1/schema")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json()["openapi"] == "3.1.0"
    assert response.json()["info"]["version"] == settings.PORTAL_VERSION


def test_the_page_that_shows_it_loads_nothing_from_elsewhere_and_runs_nothing_inline(db):
    response = client_of().get("/api/v1/docs", HTTP_ACCEPT="text/html")
    page = response.content.decode()

    assert response.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(addresses) >= 5
    assert all(address.startswith("/") for address in addresses)
    assert not re.search(r"<script>|<style|style=|onload=", page)
    script = client_of().get("/api/v1/docs?script=", HTTP_ACCEPT="*/*")
    assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
    assert b"/schema" in script.content


@pytest.mark.parametrize("operation", operations(), ids=by_name)
def test_every_operation_is_named_summed_up_and_has_an_example(operation):
    _, _, said = operation

    assert said["operationId"]
    assert said["summary"]
    assert said["tags"]
    if "requestBody" in said:
        for content in said["requestBody"]["content"].values():
            assert content.get("examples") or not content["schema"].get("properties", True)
    for status, response in said["responses"].items():
        for kind, content in response.get("content", {}).items():
            assert content.get("examples") or kind == "application/octet-stream", status


def test_names_of_operations_are_unique():
    names = [said["operationId"] for _, _, said in operations()]

    assert len(names) == len(set(names))


def test_every_refusal_is_a_problem():
    for _, _, said in operations():
        for status, response in said["responses"].items():
            if status.startswith(("4", "5")):
                assert response["$ref"].startswith("#/components/responses/")
    for response in description()["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_every_list_is_paged():
    for method, route, said in operations():
        content = said["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "Paginated" in content.get("$ref", ""):
            names = {parameter["name"] for parameter in said["parameters"]}
            assert {"cursor", "limit", "offset", "count"} <= names, f"{method} {route}"


def test_every_post_that_creates_takes_an_idempotency_key():
    for method, route, said in operations():
        takes_key = any(parameter["name"] == "Idempotency-Key" for parameter in said.get("parameters", []))
        is_creating = "201" in said["responses"] or route.startswith("/api/v1/tickets/bulk")  # it makes a job
        assert takes_key == (method == "post" and is_creating), route


def test_no_route_ends_in_a_slash():
    assert not [route for _, route, _ in operations() if route.endswith("/")]


def test_the_type_of_a_problem_leads_to_its_meaning(db):
    for code, title in TITLES.items():
        assert client_of().get(f"/api/v1/problems/{code}").json()["title"] == title
    assert code_of(client_of().get("/api/v1/problems/unheard")) == "not_found"


def test_every_code_is_in_the_guide():
    guide = GUIDE.read_text(encoding="utf-8")

    assert not [code for code in TITLES if f"`{code}`" not in guide]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head", "options", "trace"])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/tickets/", "/api/v2/tickets", "/api/", "/api/v1/"])
def test_unknown_routes_are_problems_too(db, method, path):
    response = getattr(client_of(), method)(path)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_a_wrong_host_is_a_problem_too(db):
    response = client_of().get("/api/v1/tickets", HTTP_HOST="evil.example")

    assert (response.status_code, code_of(response)) == (400, "malformed")
