"""Who a note calls by name: "@Bruno Costa, same lock as yesterday." No database."""

from __future__ import annotations

import re
from collections.abc import Iterable

MENTIONS_MOST = 20


def mentioned(text: str, people: Iterable[tuple[int, str]]) -> list[int]:
    """Return the numbers of those of `people`, each with a name, who are called in `text`, in its order.

    The longest name that stands behind the "@" counts, whatever its case; two who bear one name are both meant.
    An "@" inside a word, as in an address, calls nobody.
    """
    by_name: dict[str, list[int]] = {}
    for pk, name in people:
        by_name.setdefault(_folded(name), []).append(pk)
    names = sorted((name for name in by_name if name), key=len, reverse=True)
    if not names:
        return []
    called = re.compile(rf"(?<![\w@.])@({'|'.join(re.escape(name) for name in names)})(?!\w)")
    found = [pk for match in called.finditer(_folded(text)) for pk in by_name[match[1]]]
    return list(dict.fromkeys(found))[:MENTIONS_MOST]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
