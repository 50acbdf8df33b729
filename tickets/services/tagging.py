from __future__ import annotations

import re
from collections.abc import Iterable

from common.errors import Invalid
from common.richtext import clean_text
from tickets.models import Tag

TAGS_MOST = 20


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Return the tags of these names, making those that are new. A name is lower case, its spaces become hyphens."""
    cleaned = {re.sub(r"\s+", "-", clean_text(name).strip().lower()) for name in names} - {""}
    if len(cleaned) > TAGS_MOST or any(len(name) > 50 for name in cleaned):
        raise Invalid(f"Use at most {TAGS_MOST} tags of at most 50 characters.", field="tags", code="length")
    Tag.objects.bulk_create([Tag(name=name) for name in cleaned], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=cleaned))
