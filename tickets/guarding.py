"""What a form carries besides what people type: its name, when it was shown, and a trap for robots."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

# Nobody reads the form and fills in four fields faster.
FILLED_IN_LEAST = dt.timedelta(seconds=3)

_signer = TimestampSigner(salt="tickets.guarding")


def new_token() -> str:
    """Return a new name for a form, signed, with the time it was shown."""
    return _signer.sign(uuid.uuid4().hex)


def once_token(token: str, content: str) -> uuid.UUID:
    """Return the name of a form together with its content.

    Sent twice, a form has the same one; going back and asking something else with it is another matter.
    A form without a name of ours is known by its content and a new name: it is never taken for another.
    """
    try:
        name = _signer.unsign(token)
    except BadSignature:
        return uuid.uuid4()
    return uuid.UUID(bytes=hashlib.sha256(f"{name}\n{content}".encode("utf-8", "replace")).digest()[:16])


def is_trapped(token: str, bait: str) -> bool:
    """Tell whether a form looks filled in by a program: the hidden field has text, or it came back too fast."""
    try:
        _signer.unsign(token, max_age=FILLED_IN_LEAST)
    except SignatureExpired:
        return bool(bait)
    except BadSignature:
        pass
    return True


def name_of(token: str) -> str:
    """Return the name of a form; "" where the token is not ours."""
    try:
        return _signer.unsign(token)
    except BadSignature:
        return ""


def is_ours(token: str) -> bool:
    return bool(name_of(token))
