"""Files from outside: what is taken, judged by content and never by name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from common.errors import Invalid
from common.richtext import UNSTORABLE

# Programs and scripts, however they are named.
REFUSED_SIGNATURES = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"#!")
REFUSED_SUFFIXES = frozenset(
    {".app", ".bat", ".cmd", ".com", ".cpl", ".dll", ".exe", ".hta", ".htm", ".html", ".jar", ".js", ".jse", ".lnk"}
    | {".msi", ".pif", ".ps1", ".scr", ".sh", ".shtml", ".svg", ".vbe", ".vbs", ".wsf", ".xht", ".xhtml"}
)
# Types by content that are served under their own name; anything else is served as plain bytes.
BINARY_TYPES = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "application/zip": (".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"),
    "application/gzip": (".gz", ".tgz"),
}
ZIP = b"PK\x03\x04"  # office documents are ZIP files inside
SAME_TYPE = {"application/x-gzip": "application/gzip"}
ALLOWED_WORDS = "Images, PDF, office documents, text, logs, CSV, JSON, ZIP and GZIP are accepted."


@dataclass(frozen=True)
class Inspected:
    """What an upload is: a harmless name, its type by content, its size in bytes, its SHA-256."""

    name: str
    content_type: str
    size: int
    sha256: str


def inspect(upload: UploadedFile) -> Inspected:
    """Return what `upload` is.

    Raises: Invalid where it is empty, too large, a program, or of no accepted type.
    """
    name = harmless_name(upload.name or "file")
    size = upload.size or 0
    if size == 0:
        raise Invalid(f"{name} is empty.", field="file", code="file_empty")
    if size > settings.PORTAL_ATTACHMENT_LIMIT_BYTES:
        limit = settings.PORTAL_ATTACHMENT_LIMIT_BYTES // (1024 * 1024)
        raise Invalid(f"{name} is larger than {limit} MB.", field="file", code="file_too_large")
    if upload.file is None:
        raise Invalid(f"{name} could not be read.", field="file", code="file_unreadable")
    head, digest = _read(upload.file)
    return Inspected(name, _content_type(name, head), size, digest)


def harmless_name(name: str) -> str:
    """Return the last part of `name` without path, control and direction characters, at most 120 characters."""
    base = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(c for c in UNSTORABLE.sub("", base) if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"})
    cleaned = re.sub(r"\s+", " ", re.sub(r'[<>:"/|?*;%]', "_", visible)).strip(" .")
    stem, suffix = PurePosixPath(cleaned).stem, PurePosixPath(cleaned).suffix
    return f"{stem[: 120 - len(suffix)]}{suffix[:20]}" or "file"


def _read(file: IO[bytes]) -> tuple[bytes, str]:
    file.seek(0)
    digest = hashlib.sha256()
    head = b""
    while chunk := file.read(1 << 16):
        head = head or chunk
        digest.update(chunk)
    file.seek(0)
    return head, digest.hexdigest()


def _content_type(name: str, head: bytes) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in REFUSED_SUFFIXES or head.startswith(REFUSED_SIGNATURES):
        raise Invalid(
            f"{name}: programs and web pages cannot be attached. {ALLOWED_WORDS}", field="file", code="file_type"
        )
    if (found := _binary_type(head)) is not None:
        if suffix not in BINARY_TYPES[found]:
            raise Invalid(
                f"{name}: its content is {found}, which its name does not say. Rename it and try again.",
                field="file",
                code="file_type",
            )
        return found
    if _is_text(head):
        return "text/plain; charset=utf-8"
    raise Invalid(f"{name}: this type of file is not accepted. {ALLOWED_WORDS}", field="file", code="file_type")


def _binary_type(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    if head.startswith(ZIP):
        return "application/zip"
    found = {SAME_TYPE.get(match.mime_type, match.mime_type) for match in matches}
    return next((kind for kind in BINARY_TYPES if kind in found), None)


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut at the end of the part that was read; anything else is not UTF-8.
        if error.start < len(head) - 3:
            return _is_latin_text(head)
        text = head[: error.start].decode("utf-8")
    return not re.search(r"<\s*(script|html|svg|!doctype|iframe)", text[:4096], re.IGNORECASE)


def _is_latin_text(head: bytes) -> bool:
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return control == 0 and not re.search(rb"<\s*(script|html|svg|!doctype|iframe)", head[:4096], re.IGNORECASE)
