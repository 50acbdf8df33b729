"""Bytes and encoded words into text. Nothing here raises; what was guessed is told."""

from __future__ import annotations

import binascii
import codecs
import re
from email.header import decode_header
from email.message import Message

from common.richtext import clean_text

# Names that Python does not know, or knows as less than what mail programs mean by them.
ALIASES = {
    "ansi_x3.110-1983": "latin-1",
    "cp-850": "cp850",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
}


def decoded(content: bytes, charset: str) -> tuple[str, bool]:
    """Return the text of `content`, and whether its charset had to be guessed."""
    name = charset.strip().strip("\"'").lower() or "utf-8"
    try:
        return content.decode(codecs.lookup(ALIASES.get(name, name)).name), False
    except (LookupError, UnicodeError, ValueError, AttributeError, TypeError):
        pass
    try:
        return content.decode("utf-8"), True
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), True


def header(value: object) -> str:
    """Return a header as one line of text, its encoded words decoded."""
    raw = _piece("".join(str(value).splitlines()), None)
    try:
        pieces = decode_header(raw)
    except (ValueError, binascii.Error, LookupError, AssertionError):
        pieces = [(raw, None)]
    text = "".join(_piece(content, charset) for content, charset in pieces)
    return re.sub(r"\s+", " ", clean_text(text)).strip()


def _piece(content: object, charset: str | None) -> str:
    if isinstance(content, bytes):
        # What stands between encoded words comes back in a form of the library's own.
        return decoded(content, charset or "raw-unicode-escape")[0]
    raw = str(content).encode("utf-8", "surrogateescape")
    return decoded(raw, "utf-8")[0]


def content_of(part: Message) -> bytes:
    """Return the bytes of a part, its transfer encoding undone as far as it can be."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, binascii.Error, LookupError, AssertionError, TypeError):
        content = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return content if isinstance(content, bytes) else b""


def parameter(part: Message, name: str, default: str = "") -> str:
    """Return a parameter of the Content-Type."""
    try:
        value = part.get_param(name, default)
    except (ValueError, LookupError, TypeError, AttributeError):
        return default
    if isinstance(value, tuple):  # RFC 2231: charset, language, text
        value = value[2]
    return header(value)


def file_name(part: Message) -> str:
    try:
        return header(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def unflowed(text: str, *, is_space_deleted: bool) -> str:
    """Return `text` of format=flowed with its soft line ends undone (RFC 3676). Quoted lines stay as they are."""
    lines: list[str] = []
    is_open = False
    for raw in text.split("\n"):
        is_quoted = raw.startswith(">")
        line = raw[1:] if raw.startswith(" ") and not is_quoted else raw
        is_soft = line.endswith(" ") and line != "-- " and not is_quoted
        if is_open and not is_quoted and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        is_open = is_soft
        if is_soft and is_space_deleted:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
