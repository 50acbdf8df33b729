"""How large a picture is, read from its first bytes: pages reserve its room, so that nothing jumps while it loads."""

from __future__ import annotations

import struct
from typing import IO

Size = tuple[int, int]

HEAD_BYTES = 1 << 18  # photographs may carry a preview of themselves before their size
PNG, GIF, JPEG, WEBP = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a"), b"\xff\xd8", b"WEBP"
# Segments of a JPEG that tell its size: every start of a frame. C4, C8 and CC are other things.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


def size_of(file: IO[bytes]) -> Size | None:
    """Return width and height in pixels of a PNG, GIF, JPEG or WebP; None where they cannot be read."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    try:
        size = _read(head)
    except (struct.error, IndexError):
        return None
    return size if size and all(size) else None


def _read(head: bytes) -> Size | None:
    if head.startswith(PNG):
        return _pair(">II", head, 16)
    if head.startswith(GIF):
        return _pair("<HH", head, 6)
    if head.startswith(JPEG):
        return _jpeg(head)
    return _webp(head) if head[8:12] == WEBP else None


def _jpeg(head: bytes) -> Size | None:
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker in FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 if marker in BARE else 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = _pair("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _pair(layout: str, head: bytes, at: int) -> Size:
    first, second = struct.unpack_from(layout, head, at)
    return first, second
