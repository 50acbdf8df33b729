"""Files as people send them."""

from __future__ import annotations

import struct

from django.core.files.uploadedfile import SimpleUploadedFile

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x06\x00\x00\x00" + b"\x00" * 40


def picture(name: str = "diagram.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG)


def rows(name: str = "rows.csv", content: bytes = b"a,b\n1,2\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
