"""Raw bytes into a Mail. Whatever the bytes are, it returns or raises Unusable, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

from integrations.email.incoming import decoding, parts, reports, signs
from integrations.email.incoming.mail import Address, Mail
from integrations.inbound import Unusable

BYTES_MOST = 35_000_000
ADDRESSES_MOST = 200
IDS_MOST = 60
KNOWN_HEADERS = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Received",
    "Return-Path",
    "Content-Type",
    "Sender",
)
DELIVERY_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To", "X-Forwarded-To", "X-Envelope-To")
PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}")


class _AsItCame(Compat32):
    """Headers as they came: what is not ASCII in them is read by `decoding`, which knows more of what people send."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


def parse(raw: bytes, *, server: str = "", recipient: str = "") -> Mail:
    """Return the mail in `raw`.

    server: whose Authentication-Results are believed.   recipient: the envelope's, several with commas.
    Raises: Unusable where nothing can be made of it.
    """
    if not raw.strip():
        raise Unusable("The mail is empty.")
    if len(raw) > BYTES_MOST:
        raise Unusable(f"The mail is larger than {BYTES_MOST // 1_000_000} MB.")
    try:
        message = BytesParser(policy=_AsItCame()).parsebytes(raw.lstrip(b"\r\n"))
        return _mail(message, raw, server, recipient)
    except RecursionError as error:
        raise Unusable("Its parts are nested too deeply to be read.") from error


def _mail(message: Message, raw: bytes, server: str, recipient: str) -> Mail:
    if not any(message.get(name) for name in KNOWN_HEADERS):
        raise Unusable("This is no mail: it has none of the headers that every mail has.")
    subject = decoding.header(message.get("Subject", ""))
    senders = _addresses(message, "From") or _addresses(message, "Sender")
    sender = senders[0] if senders and len({one.email for one in senders}) == 1 else None
    content = parts.read(message)
    text = "\n\n".join(one.strip("\n") for one in content.texts if one.strip())
    ids = _ids(message, "Message-ID")
    return Mail(
        sender=sender,
        recipients=(*_addresses(message, "To"), *_addresses(message, "Cc")),
        delivered_to=_delivered_to(message, recipient),
        subject=subject,
        sent_at=_date(message),
        message_id=ids[0] if ids else f"<{hashlib.sha256(raw).hexdigest()[:40]}@no-message-id.invalid>",
        has_own_message_id=bool(ids),
        in_reply_to=_ids(message, "In-Reply-To"),
        references=_ids(message, "References"),
        text=text,
        html="\n<hr>\n".join(content.htmls),
        files=tuple(content.files),
        automatic=signs.automatic(message, sender, subject),
        list_id=signs.list_id(message),
        report=reports.report(message, sender, subject, html.unescape(text)),
        authentication=signs.authentication(message, server),
        troubles=tuple(content.troubles),
    )


def _addresses(message: Message, name: str) -> tuple[Address, ...]:
    """Return the addresses of a header, each once. What is in quotation marks is a name, whatever it looks like."""
    values = ["".join(str(value).splitlines()) for value in message.get_all(name, [])]
    try:
        pairs = getaddresses(values)
    except (ValueError, IndexError, AttributeError):
        pairs = []
    found = {email.lower(): decoding.header(label) for label, email in pairs if PLAIN_ADDRESS.fullmatch(email)}
    if not found:
        outside = re.sub(r'"[^"]*"', " ", " ".join(decoding.header(value) for value in values))
        found = {email.strip(".").lower(): "" for email in PLAIN_ADDRESS.findall(outside)}
    return tuple(Address(email, label[:150]) for email, label in list(found.items())[:ADDRESSES_MOST])


def _delivered_to(message: Message, recipient: str) -> tuple[str, ...]:
    named = [one.strip().lower() for one in recipient.split(",") if one.strip()]
    named += [one.email for name in DELIVERY_HEADERS for one in _addresses(message, name)]
    return tuple(dict.fromkeys(named))


def _ids(message: Message, name: str) -> tuple[str, ...]:
    value = " ".join("".join(str(one).splitlines()) for one in message.get_all(name, []))
    found = re.findall(r"<[^<>\s]{1,250}>", value.encode("utf-8", "replace").decode("utf-8"))
    return tuple(dict.fromkeys(found[-IDS_MOST:]))


def _date(message: Message) -> dt.datetime | None:
    try:
        sent_at = parsedate_to_datetime(decoding.header(message.get("Date", "")))
        return (sent_at.replace(tzinfo=dt.UTC) if sent_at.tzinfo is None else sent_at).astimezone(dt.UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
