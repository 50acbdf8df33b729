"""Keeping credentials out of what is stored and shown, wherever a library or a vendor repeats them."""

from __future__ import annotations

import re

from django.conf import settings

HIDDEN = "[hidden]"
SECRET_CHARACTERS_LEAST = 6  # a shorter value would blot out ordinary words

_LOOKS_SECRET = re.compile(
    r"(?:xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}|SG\.[\w-]{8,}\.[\w-]{8,}|whsec_[\w+/=]{16,}|spt_\w{16,}"
    r"|(?<=Bearer )[\w.~+/=-]{8,}|(?<=Basic )[\w+/=]{8,}|(?<=Token token=)[\w+-]{8,}|(?<=://)[^\s/:@]+:[^\s/@]+(?=@))"
)


def redacted(words: str) -> str:
    """Return `words` without the portal's own credentials and without what has the look of one."""
    for name in settings.PORTAL_CREDENTIALS:
        for value in _values(getattr(settings, name, "")):
            words = words.replace(value, HIDDEN)
    return _LOOKS_SECRET.sub(HIDDEN, words)


def _values(value: object) -> list[str]:
    found = value if isinstance(value, list | tuple) else [value]
    return [text for text in found if isinstance(text, str) and len(text) >= SECRET_CHARACTERS_LEAST]
