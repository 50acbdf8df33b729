"""The embedded default's mail: one .eml file a message under DATA_DIR/mail, to be read at /dev/mail/."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from email.message import EmailMessage as ParsedMail
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from common.time import now


class FileBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            name = f"{now():%Y%m%d-%H%M%S-%f}-{uuid.uuid4().hex[:8]}.eml"
            partial = folder() / f".{name}"
            partial.write_bytes(mail.message().as_bytes())
            partial.replace(folder() / name)  # a reader never sees half a mail
        return len(email_messages)


def folder() -> Path:
    path = Path(settings.EMAIL_FILE_PATH)
    path.mkdir(parents=True, exist_ok=True)
    return path


def written_mails() -> list[tuple[str, ParsedMail]]:
    """Return name and content of every mail in the folder, the newest first."""
    names = sorted((path.name for path in folder().glob("[0-9]*.eml")), reverse=True)
    return [(name, read_mail(name)) for name in names[:200]]


def read_mail(name: str) -> ParsedMail:
    """Return one mail.

    Raises: FileNotFoundError where the folder has none of this name.
    """
    if Path(name).name != name or not name.endswith(".eml"):
        raise FileNotFoundError(name)
    with (folder() / name).open("rb") as file:
        return BytesParser(policy=modern).parse(file)  # type: ignore[return-value]
