"""What an agent sent that has not left yet, and the files that wait with a draft, as the ticket's page shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.forms import Form
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from common.richtext import render
from common.time import now
from tickets.console.forms import LABEL, AnswerForm
from tickets.models import Draft, HeldReply, ReplyFile, Ticket


@dataclass(frozen=True)
class Held:
    """words: the reply as its reader will see it. seconds: until it leaves, 0 when that is now."""

    row: HeldReply
    words: SafeString
    files: list[ReplyFile]
    seconds: int


def status_of(draft: Draft) -> str:
    """Return what the composer's list of statuses has chosen for a draft."""
    return f"{LABEL}{draft.label_id}" if draft.label_id else draft.status


@dataclass(frozen=True)
class Offered:
    uid: str
    name: str
    size: int
    is_chosen: bool


def held_replies(ticket: Ticket, author: User, files: Iterable[ReplyFile]) -> list[Held]:
    """Return the replies of `author` that have not left, in the order in which they will."""
    return [
        Held(
            row,
            mark_safe(render(row.body)),  # sanitized  # nosec B703 B308
            [file for file in files if file.held_id == row.pk],
            max(0, math.ceil((row.leaves_at - now()).total_seconds())),
        )
        for row in HeldReply.objects.filter(ticket=ticket, author=author)
        .select_related("label")
        .order_by("leaves_at", "pk")
    ]


def offered(files: Iterable[ReplyFile], sent: Form | None) -> list[Offered]:
    """Return the files of the draft; after a refusal those are chosen that were, else all."""
    chosen = sent["kept"].value() if isinstance(sent, AnswerForm) else None
    return [
        Offered(str(row.uid), row.name, row.size, chosen is None or str(row.uid) in chosen)
        for row in files
        if row.held_id is None
    ]
