"""A text that somebody looked for, as it is counted: without what would tell who it was."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings

from knowledgebase.models.searches import TEXT_CHARACTERS

READ_MOST = 1000  # characters that are looked at

EMAIL, LINK, TICKET, ADDRESS, NUMBER, TOKEN = "(email)", "(link)", "(ticket)", "(address)", "(number)", "(token)"
IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
# Seven digits and more, as in telephone and card numbers. A date may be one too; nobody misses it in a count.
DIGITS = re.compile(r"\+?(?:\d[ ()/-]{0,2}){6,}\d")
RUN = re.compile(r"\w{12,}")


def counted_text(text: str) -> str:
    """Return `text` in lower case, its blanks single, cut, and with words such as (email) for what looks personal.

    Names stay: nobody can tell them from other words.
    """
    plain = unicodedata.normalize("NFKC", text[:READ_MOST])
    # Line ends and what only steers how text is drawn.
    plain = "".join(letter if letter.isprintable() else " " for letter in plain)
    plain = " ".join(_masked(word) for word in plain.split())
    reference = rf"(?<!\w)(?:{re.escape(settings.PORTAL_TICKET_PREFIX)}[- ]?|#)\d+(?!\w)"
    plain = re.sub(reference, TICKET, plain, flags=re.IGNORECASE)
    plain = DIGITS.sub(NUMBER, IP.sub(ADDRESS, plain))
    return plain.lower()[:TEXT_CHARACTERS].strip()


def _masked(word: str) -> str:
    if "://" in word or word.lower().startswith("www."):
        return LINK
    if "@" in word.strip("@"):
        return EMAIL
    return TOKEN if _is_token(word) else word


def _is_token(word: str) -> bool:
    """Tell whether it looks like a key, a hash or an id: letters and digits mixed as words of a language never are."""
    if not word.isascii():
        return False
    digits = sum(letter.isdigit() for letter in word)
    has_letters = any(letter.isalpha() for letter in word)
    has_both_cases = word != word.lower() and word != word.upper()
    if len(word) >= 24 and has_letters and (digits >= 4 or (digits and has_both_cases)):
        return True
    runs = RUN.findall(word)
    mixed = any(sum(letter.isdigit() for letter in run) >= 2 and not run.isdigit() for run in runs)
    return mixed or any(len(run) >= 32 for run in runs)
