"""Letting mails in as the pipe does, and looking at what became of them."""

from __future__ import annotations

from integrations.email.incoming.storing import store
from integrations.models import InboundEvent
from integrations.services import process_due


def receive(raw: bytes, **facts: str) -> InboundEvent:
    """Store a mail, let the worker at it, and return its row."""
    row = store(raw, way="pipe", **facts)
    assert row is not None, "it was stored before"
    process_due()
    return InboundEvent.objects.get(pk=row.pk)
