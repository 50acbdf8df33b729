"""Tickets that are taken away as a file, which the journal tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from accounts.models import User
from common import journal
from tickets import events


@transaction.atomic
def note_export(*, by: User, count: int, filters: Mapping[str, Sequence[str]], words: str) -> None:
    """Write down that `by` took `count` tickets away as a file, and which they were."""
    data = {"count": count, "filters": dict(filters), "words": words}
    journal.record(events.TICKETS_EXPORTED, subject=by, by=by, data=data)
