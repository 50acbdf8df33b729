"""Checking what people wrote (decision C6)."""

from __future__ import annotations

import re

from common.errors import Invalid
from common.richtext import clean_text

SUBJECT_CHARACTERS = (3, 200)
BODY_CHARACTERS_MOST = 10_000


def checked_subject(subject: str) -> str:
    subject = re.sub(r"\s+", " ", clean_text(subject)).strip()
    least, most = SUBJECT_CHARACTERS
    if not least <= len(subject) <= most:
        raise Invalid(f"Write a summary of {least} to {most} characters.", field="subject", code="length")
    return subject


def checked_body(body: str, *, field: str) -> str:
    body = clean_text(body).strip()
    if not body:
        raise Invalid(
            "Describe what happened and what you expected." if field == "description" else "Write a message first.",
            field=field,
            code="required",
        )
    if len(body) > BODY_CHARACTERS_MOST:
        raise Invalid(f"Write at most {BODY_CHARACTERS_MOST:,} characters.", field=field, code="length")
    return body
