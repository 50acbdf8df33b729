"""Writing one row of the conversation."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from common.richtext import render
from tickets.models import Message, Ticket
from tickets.vocabulary import Channel, MessageKind


def add_message(
    ticket: Ticket,
    *,
    kind: MessageKind,
    body: str,
    author: User | None,
    channel: Channel,
    external_id: str = "",
    is_automatic: bool = False,
    at: dt.datetime,
) -> Message:
    """Write the row. body: checked Markdown."""
    return Message.objects.create(
        ticket=ticket,
        kind=kind,
        author=author,
        body=body,
        body_html=render(body),
        channel=channel,
        external_id=external_id,
        is_automatic=is_automatic,
        created_at=at,
    )
