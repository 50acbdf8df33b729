"""Outlook's winmail.dat: a parcel (TNEF) with the files that the mail's other parts lack."""

from __future__ import annotations

import logging

from tnefparse.tnef import TNEF

from integrations.email.incoming.mail import File

TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
FILES_MOST = 50

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # it complains of every odd parcel, with what is in it


def is_parcel(name: str, content_type: str) -> bool:
    return content_type in TYPES or name.lower() == "winmail.dat"


def unpack(content: bytes) -> tuple[list[File], str] | None:
    """Return the files and the text in a parcel, or None where it cannot be opened."""
    try:
        parcel = TNEF(content, do_checksum=False)
        files = [
            File(_words(one.long_filename() or one.name) or "file", "application/octet-stream", _bytes(one.data))
            for one in parcel.attachments[:FILES_MOST]
        ]
        text = _words(parcel.body) if parcel.has_body() else ""
    except Exception:  # noqa: BLE001 - whatever it stumbles over in somebody's bytes, the parcel stays a file  # nosec B110
        return None
    return [file for file in files if file.content], text


def _words(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else b""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip("\x00 \r\n")


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
