"""Text of a conversation without who it was about: for what becomes an article that everybody may read.

It knows the people on the ticket and the looks of addresses, numbers and secrets. Whom a text names besides, a person
has to see: what comes out is a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

CUSTOMER, TEAM, ORGANIZATION = "the customer", "the support team", "the organization"
NAME_LETTERS_LEAST = 3
SECRET = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    | \beyJ[\w-]{8,}\.[\w-]+\.[\w-]*                                                    # a JSON web token
    | \b(?:spt|ghp|gho|ghs|glpat|sk|pk|rk|xox[abprs])[_-][\w-]{10,} | \bAKIA[0-9A-Z]{16}\b  # tokens that say so
    | \b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b | \b[0-9a-fA-F]{24,}\b
    | (?<![\w/-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[A-Za-z0-9_-]{24,}={0,2}       # nobody's word
    """,
    re.VERBOSE | re.DOTALL,
)
# What stands after such a word is a secret whatever it looks like.
SAID_SECRET = re.compile(
    r"""(?P<word>\b(?:password|passwd|passphrase|secret|token|api[_ -]?key|access[_ -]?key|authorization)["']?
    \s*(?:[:=]|(?<=word)\s+is\b|(?<=phrase)\s+is\b)\s*(?:bearer\s+|basic\s+)?|\bbearer\s+)(?:"[^"\n]+"|'[^'\n]+'|[^\s,;]+)""",
    re.IGNORECASE | re.VERBOSE,
)
SECRET_LINK = re.compile(r"https?://[^\s<>()]*/(?:t|survey)/[\w.-]{12,}[^\s<>()]*")
CREDENTIALS = re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+@")
EMAIL = re.compile(r"(?:mailto:)?[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.:/-])(?:\+|\(\+?)?\d(?:[ \u00a0().\-/]{0,2}\d){7,14}(?![\w:]|[.\-]\d)")
# Looks like a telephone number and is a date or the address of a machine.
NO_PHONE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,3}(?:\.\d{1,3}){3}$")
GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))(?: [^\s,!.]+){0,4} *[,!.]? *$",
    re.IGNORECASE | re.MULTILINE,
)
SIGN_OFF = re.compile(
    r"^(?:many |kind |best |warm )?(?:regards|wishes|thanks|thank you|cheers|sincerely|yours sincerely) *[,.!]? *$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class People:
    """Whom a conversation is known to be about, by name."""

    customers: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


def anonymous(text: str, people: People, *, prefix: str) -> str:
    """Return `text` without names of `people`, addresses, telephone numbers, secrets, references and letter phrases.

    prefix: how references of tickets begin.
    """
    text = SECRET_LINK.sub("[link]", text)
    text = CREDENTIALS.sub("[secret]@", text)
    text = SAID_SECRET.sub(r"\g<word>[secret]", text)
    text = SECRET.sub("[secret]", text)
    text = EMAIL.sub("[email address]", text)
    text = re.sub(rf"#?\b{re.escape(prefix)}-\d+\b", "the ticket", text, flags=re.IGNORECASE)
    text = PHONE.sub(lambda found: found[0] if NO_PHONE.match(found[0]) else "[phone number]", text)
    text = SIGN_OFF.sub("", GREETING.sub("", text))
    for names, stand_in in (
        (people.organizations, ORGANIZATION),
        (people.customers, CUSTOMER),
        (people.team, TEAM),
    ):
        text = _without(text, names, stand_in, has_parts=stand_in is not ORGANIZATION)
    signature = re.compile(rf"^[-–—\s]*(?:{CUSTOMER}|{TEAM}|{ORGANIZATION})[,.]?\s*$", re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", signature.sub("", text)).strip()


def _without(text: str, names: Iterable[str], stand_in: str, *, has_parts: bool) -> str:
    """Replace the whole names, and then their parts where they are written with a capital as names are."""
    whole = sorted({name.strip() for name in names if len(name.strip()) >= NAME_LETTERS_LEAST}, key=len, reverse=True)
    for name in whole:
        text = re.sub(rf"(?:\bthe )?@?(?<!\w){re.escape(name)}(?!\w)", stand_in, text, flags=re.IGNORECASE)
    parts = {part for name in whole for part in name.split() if len(part) >= NAME_LETTERS_LEAST and part[0].isupper()}
    for part in sorted(parts, key=len, reverse=True) if has_parts else ():
        text = re.sub(rf"@?(?<!\w){re.escape(part)}(?!\w)", stand_in, text)
    return text
