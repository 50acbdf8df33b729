"""How each operation is described: what it answers, refusals included, is derived from what the view does.

Nothing is promised that the code behind it does not do. What a view alone knows (a 409 of its verbs, a 412 of its
versions) it says in `problems` and `has_versions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from common.problems import CONTENT_TYPE, TITLES, TYPE_PREFIX
from common.serializers import StrictSerializer, TextField

SAFE = {"GET", "HEAD", "OPTIONS"}
# status -> the code an example shows
EXAMPLES = {
    400: "invalid_query",
    401: "authentication_failed",
    403: "not_allowed",
    404: "not_found",
    406: "not_acceptable",
    409: "conflict",
    410: "changes_forgotten",
    411: "length_required",
    412: "stale",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}
ERROR_ITEM = {
    "type": "object",
    "required": ["field", "code", "detail"],
    "properties": {
        "field": {"type": "string", "description": "Its name, dotted where nested; empty for the body as a whole."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
PROBLEM = {
    "type": "object",
    "description": "A refusal, after RFC 9457. `type` ends in a stable code; docs/api.md lists them.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What happened and what to do next."},
        "instance": {"type": "string", "description": "The request's id, also in X-Request-ID."},
        "errors": {"type": "array", "items": ERROR_ITEM},
    },
}
RATE_HEADERS = {
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": 'The rate: `"default";q=100;w=60`.'},
    "RateLimit": {"schema": {"type": "string"}, "description": 'What is left of it: `"default";r=37;t=24`.'},
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Whole seconds."}}
REPLAYED = {
    "Idempotent-Replayed": {"schema": {"const": "true"}, "description": "This is the first answer to this key, again."}
}
ENTITY_TAG = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match and If-None-Match."}}


class PortalSchema(AutoSchema):
    """AutoSchema, plus the conventions of the API."""

    def get_summary(self) -> str | None:
        """Return the first sentence of the action's docstring."""
        given: str | None = super().get_summary()
        return given or (self.get_description() or "").strip().split("\n")[0].rstrip(".") or None

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        known: Mapping[str, dict[str, Any]] = getattr(self.view, "path_parameters", {})
        return [{**row, **known.get(row["name"], {})} for row in parameters]

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        if self._handler_has("is_idempotent"):
            key = {"type": "string", "minLength": 1, "maxLength": 255}
            words = "Visible ASCII, bare or quoted. The same key and body get the first answer again, for 24 hours."
            parameters.append(_header("Idempotency-Key", key, words, "8e03978e-40d5-43dd-bc93-6894a57f9324"))
        if self._has_versions():
            name = "If-None-Match" if self.method in SAFE else "If-Match"
            words = "Answers 304 where it is the present version." if self.method in SAFE else "The version you read."
            parameters.append(_header(name, {"type": "string"}, words, '"7"'))
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for code, response in responses.items():
            response["headers"] = {**response.get("headers", {}), **self._headers(code)}
        if self._has_versions() and self.method in SAFE:
            responses["304"] = {"description": "The version named in If-None-Match is the present one."}
        for status in sorted(self._refusals()):
            responses.setdefault(str(status), self._refusal(status))
        return responses

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        """Say what stripping means for the least length: it is counted from the first letter to the last."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        if isinstance(field, TextField) and field.trim_whitespace and not field.allow_blank and "pattern" not in schema:
            least = schema.get("minLength", 1)
            schema["pattern"] = r"\S" if least < 2 else rf"\S[\s\S]{{{least - 2},}}\S"

    def _refusals(self) -> set[int]:
        """Return the statuses with which this operation may refuse."""
        statuses = {400, 406}
        if self.view.get_authenticators():
            statuses |= {401, 403}
        if "{" in self.path:
            statuses.add(404)
        if self.view.get_throttles():
            statuses.add(429)
        if self._reads_body():
            statuses |= {411, 413, 415, 422}
        if self._handler_has("is_idempotent"):
            statuses |= {409, 422}
        if self._has_versions() and self.method not in SAFE:
            statuses.add(412)
        return statuses | set(self._said_by_view())

    def _said_by_view(self) -> list[int]:
        """Return what the view says of this action in `problems`: {action or method: [statuses]}."""
        said: Mapping[str, list[int]] = getattr(self.view, "problems", {})
        return said.get(getattr(self.view, "action", None) or self.method.lower(), [])

    def _reads_body(self) -> bool:
        return self.method in {"POST", "PUT", "PATCH"} and bool(self.get_request_serializer())

    def _has_versions(self) -> bool:
        versioned: tuple[str, ...] = getattr(self.view, "versioned_actions", ())
        return getattr(self.view, "action", None) in versioned

    def _handler_has(self, mark: str) -> bool:
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        return bool(getattr(handler, mark, False))

    def _headers(self, code: str) -> dict[str, Any]:
        headers: dict[str, Any] = dict(RATE_HEADERS) if self.view.get_throttles() else {}
        if code.startswith("2") and self._handler_has("is_idempotent"):
            headers |= REPLAYED
        if code.startswith("2") and self._has_versions():
            headers |= ENTITY_TAG
        if code in {"429", "503"}:
            headers |= RETRY_AFTER
        return {name: self._named(ResolvedComponent.HEADER, name, header) for name, header in headers.items()}

    def _refusal(self, status: int) -> dict[str, Any]:
        code = EXAMPLES[status]
        example: dict[str, Any] = {
            "type": TYPE_PREFIX + code,
            "title": TITLES[code],
            "status": status,
            "detail": "What happened and what to do next.",
            "instance": "0f2a8c1e-2f8e-4a53-9d43-1d5b2a3b7c11",
        }
        if status in {400, 422}:
            example["errors"] = [{"field": "priority", "code": "invalid_choice", "detail": "Use one of P1_CRITICAL."}]
        problem = self._named(ResolvedComponent.SCHEMA, "Problem", PROBLEM)
        content = {CONTENT_TYPE: {"schema": problem, "examples": {code: {"value": example}}}}
        refusal = {"description": TITLES[code], "headers": self._headers(str(status)), "content": content}
        name = f"Refusal{status}" if self.view.get_throttles() else f"UnlimitedRefusal{status}"
        return self._named(ResolvedComponent.RESPONSE, name, refusal)

    def _named(self, kind: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return a reference to `content`, which stands once among the document's components."""
        component = ResolvedComponent(name, kind, content, f"{kind}/{name}")  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference


def _header(name: str, schema: dict[str, Any], words: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": words,
        "schema": schema,
        "example": example,
    }
