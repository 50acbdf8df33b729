"""Difficult real mails that lie beside the checkout, and a mail of our own with nothing wrong."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "mail"
FILES = sorted(FOLDER.glob("*/*.eml"))
needs_corpus = pytest.mark.skipif(not FILES, reason="../shared/data/mail is not here")


def mail(
    text: str = "Since Monday every lineage graph is empty.",
    *,
    sender: str = "Rita Lindqvist <rita@aarlund.example>",
    to: str = "support@localhost",
    subject: str = "Lineage graph is empty",
    message_id: str = "<first@aarlund.example>",
    html: str = "",
    files: tuple[tuple[str, bytes], ...] = (),
    **headers: Any,
) -> bytes:
    """Return a mail as a mail server hands it over. headers: Auto_Submitted="auto-replied" and the like."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, to, subject, message_id
    message["Date"] = "Tue, 24 Nov 2026 10:00:00 +0100"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
