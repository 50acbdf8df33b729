"""SendGrid's Inbound Parse form: its fields, and the mail in it.

Django's own reader of forms is not used: it decodes what is a mail's raw bytes, and refuses a field over 2.5 MB,
which is what a whole mail comes in.

Source: vendor-specs, sendgrid/inbound-parse.fields.json. Nothing here raises but FormUnreadable.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Any

from integrations.email.incoming import decoding

PARTS_MOST = 500
OWN_HEADERS = ("content-type", "content-transfer-encoding", "mime-version", "content-disposition")


class FormUnreadable(Exception):
    """It is no form, or none with a mail in it."""


@dataclass(frozen=True)
class Field:
    name: str
    content: bytes
    file_name: str = ""
    content_type: str = ""


def fields_of(body: bytes, content_type: str) -> list[Field]:
    """Return the fields of a multipart form.

    Raises: FormUnreadable.
    """
    found = re.search(r'boundary="?([^";,]{1,200})"?', content_type)
    if found is None:
        raise FormUnreadable("It names no boundary.")
    mark = b"\r\n--" + found[1].strip().encode("latin-1", "replace")
    parts = (b"\r\n" + body).split(mark)[1:]
    return [_field(part) for part in parts[:PARTS_MOST] if part[:2] == b"\r\n"]


def _field(part: bytes) -> Field:
    head, _, content = part[2:].partition(b"\r\n\r\n")
    headers = BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n")
    disposition = str(headers.get("Content-Disposition", ""))
    name = re.search(r'\bname="([^"]*)"', disposition)
    file_name = decoding.file_name(headers)
    return Field(name[1] if name else "", content, file_name, headers.get_content_type() if file_name else "")


def mail_in(fields: list[Field]) -> bytes:
    """Return the raw mail: as it came, or put together again from its parts so that nothing of it is lost.

    Raises: FormUnreadable.
    """
    values = {one.name: one.content for one in fields if not one.file_name}
    if values.get("email", b"").strip():
        return values["email"]
    if "headers" not in values and "from" not in values:
        raise FormUnreadable("It has neither the mail nor its headers.")
    return _put_together(values, fields)


def told_by(fields: list[Field]) -> dict[str, str]:
    """Return what SendGrid says besides: the envelope's recipients, and what it found of the sender."""
    values = {one.name: one.content.decode("utf-8", "replace").strip() for one in fields if not one.file_name}
    envelope = _json(values.get("envelope", ""))
    recipients = envelope.get("to") if isinstance(envelope.get("to"), list) else []
    dkim = re.search(r"\b(pass|fail|none)\b", values.get("dkim", "").lower())
    spf = values.get("SPF", "").lower()
    told = {
        "recipient": ",".join(str(one) for one in recipients or [])[:2000],
        "spf": spf if spf in ("pass", "fail", "softfail", "neutral", "none") else "",
        "dkim": dkim[1] if dkim else "",
    }
    return {name: value for name, value in told.items() if value}


def _put_together(values: dict[str, bytes], fields: list[Field]) -> bytes:
    charsets = _json(values.get("charsets", b"").decode("utf-8", "replace"))
    texts = [
        _part(_utf8(values[name], charsets.get(name)), f"Content-Type: {kind}; charset=utf-8")
        for name, kind in (("text", "text/plain"), ("html", "text/html"))
        if values.get(name, b"").strip()
    ]
    info = _json(values.get("attachment-info", b"").decode("utf-8", "replace"))
    files = [_file(one, info.get(one.name)) for one in fields if one.file_name or one.name in info]
    known = {"email", "headers", "text", "html"}
    whole = b"".join(one.content for one in fields if one.name in known or one.file_name)
    mark = hashlib.sha256(whole).hexdigest()[:40].encode()  # the same for every try, so that the bytes are
    said = _many(b"alternative", b"a" + mark, texts) if len(texts) > 1 else b"".join(texts)
    parts = [said, *files] if said else files
    return _head(values, charsets) + _many(b"mixed", b"m" + mark, parts)


def _head(values: dict[str, bytes], charsets: dict[str, Any]) -> bytes:
    """Return the mail's own headers, without those that say how its parts were packed."""
    raw = values.get("headers", b"").replace(b"\r\n", b"\n").strip(b"\n")
    if not raw:
        named = (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject"))
        lines = [
            name.encode() + b": " + _utf8(values[key], charsets.get(key)).replace(b"\n", b" ").replace(b"\r", b" ")
            for name, key in named
            if values.get(key)
        ]
        raw = b"\n".join(lines)
    unfolded = re.split(rb"\n(?![ \t])", raw)
    kept = [line for line in unfolded if line.partition(b":")[0].strip().lower().decode("latin-1") not in OWN_HEADERS]
    return b"\r\n".join(line.replace(b"\n", b"\r\n") for line in kept if line.strip()) + b"\r\nMIME-Version: 1.0\r\n"


def _many(kind: bytes, mark: bytes, parts: list[bytes]) -> bytes:
    opened = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        b"Content-Type: multipart/" + kind + b'; boundary="' + mark + b'"\r\n\r\n' + opened + b"--" + mark + b"--\r\n"
    )


def _part(content: bytes, *headers: str) -> bytes:
    head = "\r\n".join((*headers, "Content-Transfer-Encoding: base64"))
    return head.encode("utf-8", "replace") + b"\r\n\r\n" + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _file(field: Field, info: object) -> bytes:
    facts = info if isinstance(info, dict) else {}
    kind = _one_line(facts.get("type") or field.content_type or "application/octet-stream")
    name = _one_line(facts.get("filename") or facts.get("name") or field.file_name).replace('"', "'")
    disposition = "inline" if facts.get("content-id") else "attachment"
    headers = [f"Content-Type: {kind}", f'Content-Disposition: {disposition}; filename="{name}"']
    if facts.get("content-id"):
        headers.append(f"Content-ID: <{_one_line(facts['content-id'])}>")
    return _part(field.content, *headers)


def _one_line(value: object) -> str:
    return " ".join(str(value).split())[:200]


def _utf8(content: bytes, charset: object) -> bytes:
    return decoding.decoded(content, str(charset or "utf-8"))[0].encode("utf-8", "replace")


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
