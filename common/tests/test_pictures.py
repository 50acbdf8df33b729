"""How large a picture is, from its first bytes."""

from __future__ import annotations

import io
import struct

import pytest

from common.pictures import size_of

JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + b"\x03"
RIFF = b"RIFF\x00\x00\x00\x00WEBP"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 1280, 720), (1280, 720)),
        (b"GIF89a" + struct.pack("<HH", 12, 7), (12, 7)),
        (JPEG, (640, 480)),
        (RIFF + b"VP8X" + b"\x00" * 8 + b"\x1f\x03\x00\x57\x02\x00", (800, 600)),
        (RIFF + b"VP8L" + b"\x00" * 4 + b"\x2f" + (99 | 49 << 14).to_bytes(4, "little"), (100, 50)),
        (RIFF + b"VP8 " + b"\x00" * 10 + struct.pack("<HH", 320, 200), (320, 200)),
        (RIFF + b"VP8?" + b"\x00" * 20, None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 0, 720), None),
        (b"\xff\xd8\xff", None),
        (b"\xff\xd8\x00\x00", None),
        (b"%PDF-1.7", None),
    ],
)
def test_size_is_read_from_the_head(content, size):
    file = io.BytesIO(content)
    file.read(1)
    assert size_of(file) == size
    assert file.tell() == 0
