"""What the tests of the customers' pages share."""

from __future__ import annotations

import datetime as dt

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from common.time import now
from tickets import guarding

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def token(*, seconds_ago: int = 60) -> str:
    """Return what a form carries that was shown so long ago."""
    with time_machine.travel(now() - dt.timedelta(seconds=seconds_ago), tick=False):
        return guarding.new_token()


def filled(**changes: object) -> dict[str, object]:
    """Return a new ticket as a guest would send it."""
    fields: dict[str, object] = {
        "token": token(),
        "product_area": "LINEAGE",
        "subject": "Lineage graph is empty",
        "description": "Since the upgrade every lineage graph is empty.",
        "field_severity": "major",
        "environment": "PRODUCTION",
        "product_version": "1.8.0",
        "name": "Gina Guest",
        "email": "gina@guest.example",
        "website": "",
    }
    return {**fields, **changes}


def text_file(name: str = "error.log", content: bytes = b"it went wrong\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def words(response) -> str:
    return response.content.decode()
