"""Files of a form that was refused, kept until it is sent again: a browser forgets which ones were chosen.

The form carries a signed reference to each. After some hours it is deleted, attached
or not: deleting it at once would break the second half of a form that was sent twice.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core import signing
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from common import retention

FOLDER = "kept"
LIFE = dt.timedelta(hours=3)
# Anybody can send a form that is refused, so the folder has a bound: beyond it files must be chosen again.
KEPT_MOST = 200
_SALT = "tickets.keeping"


@dataclass(frozen=True)
class Kept:
    """A kept file. reference: what the form carries. size: bytes."""

    reference: str
    path: str
    name: str
    size: int

    def open(self) -> UploadedFile:
        """Return the file as if it had just been uploaded."""
        return UploadedFile(default_storage.open(self.path, "rb"), name=self.name, size=self.size)


def keep(upload: UploadedFile) -> Kept | None:
    """Store `upload` for a while; None where too much is kept already."""
    if len(_paths()) >= KEPT_MOST:
        return None
    upload.seek(0)
    path = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}", upload)
    return _kept(path, upload.name or "file", upload.size or 0)


def find(reference: str) -> Kept | None:
    """Return the file of `reference`; None where it is no reference of ours or the file is gone."""
    try:
        path, name, size = signing.loads(reference, salt=_SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError):
        return None
    return Kept(reference, path, name, size) if default_storage.exists(path) else None


def purge(at: dt.datetime) -> int:
    """Delete what was kept for longer than its life, and return how many files that were."""
    expired = [path for path in _paths() if default_storage.get_modified_time(path) < at - LIFE]
    for path in expired:
        default_storage.delete(path)
    return len(expired)


def _kept(path: str, name: str, size: int) -> Kept:
    return Kept(signing.dumps([path, name, size], salt=_SALT), path, name, size)


def _paths() -> list[str]:
    try:
        return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    except FileNotFoundError:
        return []


retention.register("kept files", purge)
