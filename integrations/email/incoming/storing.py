"""Storing a mail as it came, before anything is made of it: what every way in ends with."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from integrations import services
from integrations.models import InboundEvent

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,200}>)", re.IGNORECASE | re.MULTILINE)


def external_id(raw: bytes, recipient: str = "") -> str:
    """Return the name under which a mail is taken once.

    It is the Message-ID, the envelope's recipient and a digest of the bytes: there are programs that use one
    Message-ID again and again, and their mails are different mails.
    """
    head = raw[:200_000].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    found = MESSAGE_ID.search(head)
    name = found[1].decode("ascii", "replace")[:150] if found else ""
    return " ".join(part for part in (name, recipient[:60], hashlib.sha256(raw).hexdigest()[:32]) if part)


def store(raw: bytes, *, way: str, recipient: str = "", told: Mapping[str, str] | None = None) -> InboundEvent | None:
    """Store a mail, and return its row; None where the same came before by this way.

    way: how it came in, for people.   recipient: the envelope's.   told: what the way in knows besides.
    """
    headers = {"way": way, "recipient": recipient.strip().lower(), **(told or {})}
    return services.receive("email", external_id=external_id(raw, headers["recipient"]), body=raw, headers=headers)
