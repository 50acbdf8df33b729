"""What a webhook is told, and what it is never told. Pure: no database, no settings."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SUCCESS = frozenset({200, 201, 202, 204})
GONE = 410
DAYS_OF_FAILURE = 5
ADDRESS = re.compile(r"[^\s@<>\"(),;:\[\]\\]+@[^\s@<>\"(),;:\[\]\\]+")
ADDRESS_REMOVED = "[address removed]"


@dataclass(frozen=True)
class Subject:
    """What an event is about, as filters see it. None: such a thing has none of it, and the filter does not apply."""

    priority: str | None = None
    organization: int | None = None
    product_area: str | None = None
    tags: frozenset[str] = field(default_factory=frozenset)
    is_ticket: bool = False


def wants(event_types: Sequence[str], filters: Mapping[str, Sequence[Any]], event_type: str, subject: Subject) -> bool:
    """Tell whether a subscription wants to hear of an event. An article has neither priority nor organization."""
    if event_type not in event_types:
        return False
    if subject.is_ticket:
        if filters.get("priorities") and subject.priority not in filters["priorities"]:
            return False
        if filters.get("organizations") and subject.organization not in filters["organizations"]:
            return False
    if filters.get("product_areas") and subject.product_area not in filters["product_areas"]:
        return False
    return not filters.get("tags") or bool(subject.tags & set(filters["tags"]))


def envelope(name: str, timestamp: str | None, data: Mapping[str, Any]) -> str:
    """Return the body of an event: {"type", "timestamp", "data"}, without any email address."""
    return json.dumps({"type": name, "timestamp": timestamp, "data": without_addresses(data)}, ensure_ascii=False)


def without_addresses(value: Any) -> Any:
    """Return JSON `value` with every email address in its texts taken out."""
    if isinstance(value, str):
        return ADDRESS.sub(ADDRESS_REMOVED, value)
    if isinstance(value, Mapping):
        return {name: without_addresses(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_addresses(inner) for inner in value]
    return value


def is_hopeless(failing_since: dt.datetime | None, at: dt.datetime) -> bool:
    """Tell whether nothing but failure for so many days says that nobody listens any more."""
    return failing_since is not None and at - failing_since >= dt.timedelta(days=DAYS_OF_FAILURE)
