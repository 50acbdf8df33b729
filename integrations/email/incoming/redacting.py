"""Taking out of mails what opens something: whoever quotes our mail would show it to all who read the ticket."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

from integrations.email.addresses import SIGNATURE_DIGITS

REPLY_ADDRESS = re.compile(rf"\+[0-9]{{1,18}}-[0-9]{{1,18}}-[0-9a-f]{{{SIGNATURE_DIGITS}}}@", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """Return `text` without secret links to tickets and surveys, and without the signatures of reply addresses."""
    host = re.escape(urlsplit(settings.SITE_URL).netloc)
    text = re.sub(rf"(https?://{host}/(?:t|survey)/)[\w.~=-]+", r"\1...", text, flags=re.IGNORECASE)
    return REPLY_ADDRESS.sub("@", text)
