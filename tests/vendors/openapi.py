"""Holding a request that a fake vendor recorded against the vendor's own OpenAPI description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.vendors.server import Request

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "vendor-specs"
MISSING = "the vendors' descriptions are not on this machine"
ROOT = "urn:description"


class Mismatch(AssertionError):
    """The request is not what the vendor describes."""


class Description:
    """An OpenAPI 3 file. file: below the folder of the vendors' descriptions.

    prefix: what stands before the paths of the file at the server.   loose: JSON pointers of schemas that are wrong in
    the file and accept anything instead; say why where they are named.
    """

    def __init__(self, file: str, *, prefix: str = "", loose: Iterable[str] = ()) -> None:
        self.document: dict[str, Any] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
        self.prefix = prefix
        for pointer in loose:
            self._loosen(pointer)
        if str(self.document.get("openapi", "")).startswith("3.0"):
            _as_json_schema(self.document)
        resource = Resource(contents=self.document, specification=DRAFT202012)
        self.registry: Registry[Any] = Registry().with_resource(ROOT, resource)

    def check(self, request: Request) -> str:
        """Return the operation's path, or raise Mismatch where path, method, query or body are not as described."""
        path, operation = self._operation(request)
        self._check_query(operation, request)
        self._check_body(path, operation, request)
        return path

    def _operation(self, request: Request) -> tuple[str, dict[str, Any]]:
        asked = request.path.removeprefix(self.prefix)
        for path, methods in sorted(self.document["paths"].items(), key=lambda item: item[0].count("{")):
            pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))
            if re.fullmatch(pattern, asked) and request.method.lower() in methods:
                return path, methods[request.method.lower()]
        raise Mismatch(f"{request.method} {asked} is not in the description")

    def _check_query(self, operation: dict[str, Any], request: Request) -> None:
        known = {
            row["name"]: row for row in map(self._resolved, operation.get("parameters", [])) if row["in"] == "query"
        }
        if missing := [name for name, row in known.items() if row.get("required") and name not in request.query]:
            raise Mismatch(f"query parameters {missing} are missing")
        if unknown := [
            name for name in request.query if name not in known and name.partition("[")[0] + "[]" not in known
        ]:
            raise Mismatch(f"query parameters {unknown} are not in the description")

    def _check_body(self, path: str, operation: dict[str, Any], request: Request) -> None:
        described = self._resolved(operation.get("requestBody", {}))
        content = described.get("content", {}).get("application/json")
        if content is None or (not request.body and not described.get("required")):
            return
        parts = ["paths", path, request.method.lower(), "requestBody", "content", "application/json", "schema"]
        place = "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)
        schema = {"$ref": f"{ROOT}#/{place}"} if "$ref" not in operation.get("requestBody", {}) else content["schema"]
        validator = Draft202012Validator(_absolute(schema), registry=self.registry)
        faults = sorted(validator.iter_errors(request.json), key=lambda fault: list(map(str, fault.absolute_path)))
        if faults:
            first = faults[0]
            raise Mismatch(f"{path}: at {'/'.join(map(str, first.absolute_path)) or 'the top'}: {first.message[:300]}")

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def _loosen(self, pointer: str) -> None:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("#/").split("/")]
        node: Any = self.document
        for part in way:
            node = node[int(part)] if isinstance(node, list) else node[part]
        node[last] = {}


def _absolute(schema: Any) -> Any:
    """Return `schema` with its references pointing into the whole description."""
    if isinstance(schema, dict):
        return {
            name: f"{ROOT}{value}" if name == "$ref" and str(value).startswith("#") else _absolute(value)
            for name, value in schema.items()
        }
    return [_absolute(entry) for entry in schema] if isinstance(schema, list) else schema


def _as_json_schema(node: Any) -> None:
    """Turn what only OpenAPI 3.0 has (nullable, limits that are flags) into JSON Schema, in place."""
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        _as_json_schema(inner)
    if not isinstance(node, dict):
        return
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and limit in node:
            node[exclusive] = node.pop(limit)
