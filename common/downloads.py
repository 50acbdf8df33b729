"""Handing out stored files: harmless whatever they hold, by whichever door."""

from __future__ import annotations

from django.db.models.fields.files import FieldFile
from django.http import FileResponse

from common.errors import NotFound

# Kinds a browser can show without running anything that is in them.
SHOWN_IN_PLACE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
NEVER_KEPT = "private, no-store"


def stored_file_response(
    file: FieldFile, *, name: str, content_type: str, cache_control: str = NEVER_KEPT
) -> FileResponse:
    """Return the answer that carries the file. Whether the reader may have it has been asked before.

    Raises: NotFound where the file is no longer in the store.
    """
    try:
        content = file.open("rb")
    except FileNotFoundError as error:
        raise NotFound("This file is no longer kept.") from error
    response = FileResponse(
        content,
        as_attachment=content_type not in SHOWN_IN_PLACE,
        filename=name,
        content_type=content_type,
    )
    # Should a browser take it for a page after all, it can run nothing and load nothing.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = cache_control
    return response
