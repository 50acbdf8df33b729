"""How bodies are read: only what means one thing to every reader and can be stored.

The database cannot hold NUL or half a surrogate pair, JSON has no NaN, and a key given twice means
something else to every parser; all of them are refused before any serializer sees them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.parsers import MultiPartParser as DrfMultiPartParser

DEPTH_LIMIT = 32
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Read one JSON object in UTF-8.

    Raises: ParseError (400) for what is no strict JSON, ValidationError (422) for JSON that is no object,
    UnsupportedMediaType (415) for another charset, RequestDataTooBig (413).
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        encoding = str((parser_context or {}).get("encoding") or "utf-8")
        if encoding.lower().replace("_", "-") not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(media_type or self.media_type, "JSON is read in UTF-8 only.")
        value = loads(_read(stream))
        if not isinstance(value, dict):
            raise ValidationError("Send one JSON object.", code="not_an_object")
        return value


class MultiPartParser(DrfMultiPartParser):
    """Read a form with files; its texts are held to the same limits as JSON's."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        parsed = super().parse(stream, media_type, dict(parser_context or {}))
        names = [file.name or "" for name in parsed.files for file in parsed.files.getlist(name)]
        check_storable([{name: parsed.data.getlist(name) for name in parsed.data}, list(parsed.files), names])
        return parsed


def loads(body: bytes) -> Any:
    """Return the value that strict JSON `body` holds, or raise ParseError."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise ParseError("The body is not UTF-8.") from error
    except RecursionError as error:
        raise ParseError(f"The body is nested deeper than {DEPTH_LIMIT} levels.") from error
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except ValueError as error:  # a number of more digits than Python turns into an integer
        raise ParseError("The body holds a number that is too long.") from error
    check_storable(value)
    return value


def check_storable(value: Any) -> None:
    """Raise ParseError where `value` is nested too deep or holds a character that cannot be stored."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > DEPTH_LIMIT:
            raise ParseError(f"The body is nested deeper than {DEPTH_LIMIT} levels.")
        if isinstance(item, str):
            if UNSTORABLE.search(item):
                raise ParseError("The body holds a NUL character or half a surrogate pair.")
        elif isinstance(item, dict):
            waiting.extend((part, depth + 1) for pair in item.items() for part in pair)
        elif isinstance(item, list):
            waiting.extend((part, depth + 1) for part in item)


def _read(stream: IO[bytes]) -> bytes:
    # The parser reads past Django's own check of the limit, which guards request.body only.
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise RequestDataTooBig("The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE.")
    return body


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ParseError("The body names a key twice in one object.")
    return value


def _refuse_constant(name: str) -> None:
    raise ParseError(f"{name} is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ParseError("The body holds a number that is too large.")
    return number
