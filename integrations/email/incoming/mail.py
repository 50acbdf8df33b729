"""A mail as the portal reads it: plain values, whatever was wrong with its bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """email: in lower case. name: as the sender gave it, or ""."""

    email: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True)
class File:
    """A file that came with a mail. content_id: how its HTML names it. is_inline: shown in the text, not beside it."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True)
class Failure:
    """One recipient that a delivery report is about.

    status: such as "5.1.1" or "". is_permanent: nothing will be tried again.
    """

    address: str
    status: str
    reason: str
    is_permanent: bool


@dataclass(frozen=True)
class DeliveryReport:
    """What a mail server says of a mail sent earlier. message_id: that mail's, or ""."""

    failures: tuple[Failure, ...]
    message_id: str


@dataclass(frozen=True)
class Authentication:
    """What the receiving server found of the sender: "pass", "fail", "softfail", "none"; "" where it says nothing."""

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""

    @property
    def is_failing(self) -> bool:
        """Tell whether it speaks against the sender: DMARC decides where it is known, else SPF without any DKIM."""
        if self.dmarc in ("pass", "fail"):
            return self.dmarc == "fail"
        return self.spf in ("fail", "softfail") and self.dkim != "pass"

    @property
    def words(self) -> str:
        """Return all that is known, such as "SPF pass, DKIM fail"; "" where nothing is."""
        known = (("SPF", self.spf), ("DKIM", self.dkim), ("DMARC", self.dmarc))
        return ", ".join(f"{name} {result}" for name, result in known if result)


@dataclass(frozen=True)
class Automatic:
    """why: in words, "" for a mail that a person wrote. is_answer: it answers another, as out-of-office mails do."""

    why: str = ""
    is_answer: bool = False


@dataclass(frozen=True)
class Mail:
    """What came.

    sender: None where nobody is named, or several are. recipients: whom the headers name as To and Cc; delivered_to:
    for whom the servers on the way took it. text: what was said, in Markdown, HTML turned into it. html: the original,
    not sanitized, or "". troubles: sentences about what could not be read as it was meant.
    """

    sender: Address | None
    recipients: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    sent_at: dt.datetime | None
    message_id: str
    has_own_message_id: bool
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    html: str
    files: tuple[File, ...]
    automatic: Automatic
    list_id: str
    report: DeliveryReport | None
    authentication: Authentication
    troubles: tuple[str, ...]

    @property
    def addressed_to(self) -> tuple[str, ...]:
        """Return every address it was sent to, each once."""
        return tuple(dict.fromkeys((*self.delivered_to, *(one.email for one in self.recipients))))

    @property
    def digest(self) -> str:
        """Return what tells this mail from another with the same Message-ID: 64 hexadecimal digits."""
        parts = [self.sender.email if self.sender else "", self.subject, self.text]
        parts += [hashlib.sha256(file.content).hexdigest() for file in self.files]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
