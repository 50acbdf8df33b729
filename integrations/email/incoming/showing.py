"""What the conversation shows of a message that came by mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from common.richtext import render
from integrations.email.incoming.mail import Authentication
from integrations.email.incoming.models import InboundMail
from integrations.models import InboundEvent
from tickets.models import Message


def notes(messages: Sequence[Message]) -> dict[int, dict[str, Any]]:
    """Return for each message that came by mail what is to be said of that."""
    rows = InboundMail.objects.filter(message__in=[message.pk for message in messages])
    authors = {message.pk: message.author.email if message.author else "" for message in messages}
    return {row.message_id: _note(row, authors[row.message_id]) for row in rows}


def page_url(event: InboundEvent) -> str:
    return reverse("admin:inbound_mail", args=[event.pk])


def _note(row: InboundMail, author: str) -> dict[str, Any]:
    return {
        "by": f"From {row.sender}." if row.sender != author.lower() else "",
        "warning": warning(row.authentication) if row.is_suspicious else "",
        "folded": render(row.quoted) if row.quoted else "",
        "url": reverse("admin:inbound_mail", args=[row.event_id]) if row.event_id else "",
        "troubles": row.troubles,
    }


def warning(authentication: Authentication) -> str:
    """Say in words that the checks speak against the sender."""
    return (
        f"Perhaps not from whom it says: {authentication.words}. Anybody can write a sender's address; "
        "ask the person another way before you do what is asked."
    )
