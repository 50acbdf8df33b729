"""The addresses and names in a mail's headers.

A reply address names the ticket and the person it was made for, with a signature: whoever answers to it
has had the mail, and a guessed address is worth nothing.
"""

from __future__ import annotations

import re
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SIGNATURE_DIGITS = 20  # 80 bits; hexadecimal, because some mail systems change the case of an address


def sender() -> str:
    """Return the From header: the portal's name and address."""
    return formataddr((settings.PORTAL_NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def reply_address(ticket_id: int, person_id: int) -> str:
    """Return the Reply-To address of mails about a ticket to a person."""
    local, _, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")
    return f"{local}+{ticket_id}-{person_id}-{_signature(ticket_id, person_id)}@{domain}"


def read_reply_address(address: str) -> tuple[int, int] | None:
    """Return the ids of ticket and person that a reply address was made for, or None for any other address."""
    pattern = rf"[^@]*\+([0-9]{{1,18}})-([0-9]{{1,18}})-([0-9a-f]{{{SIGNATURE_DIGITS}}})@[^@]+"
    match = re.fullmatch(pattern, parseaddr(address)[1].lower())
    if match is None:
        return None
    ticket_id, person_id = int(match[1]), int(match[2])
    if not constant_time_compare(_signature(ticket_id, person_id), match[3]):
        return None
    return ticket_id, person_id


def message_id(name: str) -> str:
    """Return the Message-ID of our own mail `name`: the same for every try to send it."""
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def thread_id(ticket_id: int, person_id: int) -> str:
    """Return the Message-ID that a person's mails about a ticket all refer to."""
    return message_id(f"ticket.{ticket_id}.{person_id}")


def read_thread_id(message_id: str) -> tuple[int, int] | None:
    """Return the ids of ticket and person whose thread a Message-ID of ours names."""
    match = re.fullmatch(rf"<ticket\.([0-9]{{1,18}})\.([0-9]{{1,18}})@{_host()}>", message_id, re.IGNORECASE)
    return (int(match[1]), int(match[2])) if match else None


def read_delivery_id(message_id: str) -> int | None:
    """Return the id of the delivery that a Message-ID of ours names."""
    match = re.fullmatch(rf"<delivery\.([0-9]{{1,18}})[^@<>]*@{_host()}>", message_id, re.IGNORECASE)
    return int(match[1]) if match else None


def _host() -> str:
    return re.escape(urlsplit(settings.SITE_URL).hostname or "")


def _signature(ticket_id: int, person_id: int) -> str:
    value = f"{ticket_id}:{person_id}"
    return salted_hmac("integrations.email.reply", value, algorithm="sha256").hexdigest()[:SIGNATURE_DIGITS]
