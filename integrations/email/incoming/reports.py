"""Delivery reports: what mail servers say of mails that did not arrive (RFC 3464, and older habits)."""

from __future__ import annotations

import re
from email.message import Message

from integrations.email.incoming import decoding, signs
from integrations.email.incoming.mail import Address, DeliveryReport, Failure

SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|error)|failure notice|mail delivery|returned mail|delayed mail"
    r"|could not send message|delivery notification|postmaster notify|unzustellbar|non remis|не доставлено|недоставлен"
    r"|сообщени\w* не",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[\w.+=/!#$%&'*?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
PERMANENT = re.compile(r"\b5(?:\.\d{1,3}\.\d{1,3}|\d\d)\b")
DELAYED = re.compile(r"delay|still being retried|warning|will be retried|temporar", re.IGNORECASE)
QUOTES_ORIGINAL = re.compile(
    r"^.*(?:original message|copy of (?:the|your) message|message headers follow|return-path:|received:)",
    re.IGNORECASE | re.MULTILINE,
)
ORIGINAL_ID = re.compile(r"^\s*Message-ID:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
FAILURES_MOST = 100


def report(message: Message, sender: Address | None, subject: str, text: str) -> DeliveryReport | None:
    """Return what a delivery report says, or None where the mail is none."""
    status = [part for part in _walk(message) if part.get_content_type() == "message/delivery-status"]
    is_report = decoding.parameter(message, "report-type").lower() == "delivery-status"
    failed = decoding.header(message.get("X-Failed-Recipients", ""))
    if not (status or is_report or failed or (signs.is_servers(message, sender) and SUBJECT.search(subject))):
        return None
    failures = [one for part in status for one in _by_fields(part)]
    if not failures:
        failures = _by_words(failed, subject, text)
    known = {one.address: one for one in reversed(failures)}
    return DeliveryReport(tuple(list(known.values())[::-1][:FAILURES_MOST]), _original_id(message, text))


def _walk(message: Message) -> list[Message]:
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < 500:
        part = waiting.pop()
        found.append(part)
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_type() != "message/delivery-status":
            waiting += [one for one in reversed(payload) if isinstance(one, Message)]
    return found


def _by_fields(part: Message) -> list[Failure]:
    payload = part.get_payload()
    blocks = [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    return [failure for block in blocks if (failure := _of_block(block)) is not None]


def _of_block(block: Message) -> Failure | None:
    def words(name: str) -> str:
        return decoding.header(block.get(name, ""))

    named = ADDRESS.search(words("Original-Recipient").partition(";")[2]) or ADDRESS.search(
        words("Final-Recipient").partition(";")[2]
    )
    action = words("Action").split(" ")[0].lower()
    if named is None or action in ("delivered", "relayed", "expanded"):
        return None
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", words("Status"))
    reason = words("Diagnostic-Code").partition(";")[2].strip() or words("Diagnostic-Code") or words("Status")
    is_permanent = action == "failed" and not (status and status[0].startswith("4"))
    return Failure(named[0].lower(), status[0] if status else "", reason[:400], is_permanent)


def _by_words(failed: str, subject: str, text: str) -> list[Failure]:
    """Read a report that has no fields: the addresses that its text names first, before the mail it quotes."""
    said = QUOTES_ORIGINAL.split(text, maxsplit=1)[0]
    named = ADDRESS.findall(failed) or _named_first(said)
    status = PERMANENT.search(said)
    reason = next((line.strip() for line in said.splitlines() if re.search(r"\b[45]\d\d[ -]", line)), "")
    is_permanent = not DELAYED.search(f"{subject}\n{said[:2000]}") or status is not None
    return [Failure(one.lower(), status[0] if status else "", reason[:400], is_permanent) for one in named]


def _named_first(said: str) -> list[str]:
    """Return addresses at the start of their line: those are the failed ones, others stand within sentences."""
    found = re.findall(rf"^[ \t>]*[<(]?({ADDRESS.pattern})[>)]?:?", said, re.MULTILINE)
    found = found or re.findall(rf"\b(?:to|for|an|à) <({ADDRESS.pattern})>", said)
    return [one for one in dict.fromkeys(found) if not signs.SERVERS.match(one)][:10]


def _original_id(message: Message, text: str) -> str:
    for part in _walk(message)[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            found = ORIGINAL_ID.search(decoding.decoded(decoding.content_of(part), "utf-8")[0])
            if found:
                return found[1]
        elif (own := decoding.header(part.get("Message-ID", ""))) and own.startswith("<"):
            return own[:250]
    found = ORIGINAL_ID.search(text)
    return found[1] if found else ""
