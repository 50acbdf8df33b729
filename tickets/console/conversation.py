"""The conversation as it is read: messages, and between them the runs of what else happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db.models import Count, Q, Subquery

from accounts.models import User
from common.journal import Event
from tickets import events
from tickets.console.timeline import Line, line
from tickets.models import Attachment, Message, Ticket
from tickets.slots import MESSAGES

SHOWN_AT_ONCE = 60
# The message itself tells these; opening a secret link is no news in a conversation.
UNTOLD = {kind.name for kind in (*events.MESSAGE_KINDS, events.OPENED, events.VIEWED_BY_LINK, events.LINK_RESENT)}


@dataclass
class Said:
    message: Message
    files: list[Attachment]
    is_first: bool = False
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Run:
    """What happened between two messages."""

    lines: list[Line] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """Tell a run in one line: "3 changes by Agnes and The portal: assigned the ticket, changed the status"."""
        actors = list(dict.fromkeys(line.actor for line in self.lines))
        deeds = dict.fromkeys(line.deed for line in self.lines)
        by = actors[0] if len(actors) == 1 else f"{', '.join(actors[:-1])} and {actors[-1]}"
        return f"{len(self.lines)} changes by {by}: {', '.join(deeds)}"

    @property
    def started_at(self) -> dt.datetime:
        return self.lines[0].at

    @property
    def ended_at(self) -> dt.datetime:
        return self.lines[-1].at


@dataclass(frozen=True)
class Folded:
    """The middle of a long conversation, which is shown when it is asked for."""

    hidden: int


def said_on(ticket: Ticket, reader: User, *, is_all: bool) -> tuple[list[Message], int]:
    """Return the messages that are shown at once, the first and the newest of many, and how many are not.

    One query, however many there are.
    """
    rows = ticket.messages.visible_to(reader)
    counted = rows.order_by().values("ticket").annotate(count=Count("pk")).values("count")
    shown = rows.annotate(total=Subquery(counted)).select_related("author")
    if not is_all:
        first = rows.order_by("created_at", "pk").values("pk")[:1]
        newest = rows.order_by("-created_at", "-pk").values("pk")[: SHOWN_AT_ONCE - 1]
        shown = shown.filter(Q(pk__in=first) | Q(pk__in=newest))
    said: list[Any] = list(shown)
    return said, (said[0].total - len(said) if said else 0)


def conversation(
    messages: Sequence[Message],
    happened: Iterable[Event],
    files: Iterable[Attachment],
    rules: Mapping[str, str] = MappingProxyType({}),
    *,
    hidden: int = 0,
) -> list[Said | Run | Folded]:
    """Return messages and runs of events in the order of time; a message comes before what followed from it.

    hidden: how many messages after the first are not among them; what happened meanwhile is folded with them.
    """
    notes = MESSAGES.ask(messages)
    by_message: dict[int | None, list[Attachment]] = {}
    for attachment in files:
        by_message.setdefault(attachment.message_id, []).append(attachment)
    said = [
        Said(one, by_message.get(one.pk, []), is_first=not n, notes=notes[one.pk]) for n, one in enumerate(messages)
    ]
    told = [one for one in happened if one.kind not in UNTOLD]
    if hidden:
        begin, end = messages[0].created_at, messages[1].created_at
        told = [one for one in told if not begin < one.occurred_at < end]
    entries: list[tuple[dt.datetime, int, Said | Event]] = [(one.message.created_at, 0, one) for one in said]
    entries += [(one.occurred_at, 1, one) for one in told]
    result: list[Said | Run | Folded] = []
    for _at, _order, entry in sorted(entries, key=lambda row: row[:2]):
        if isinstance(entry, Said):
            result += [entry, Folded(hidden)] if entry.is_first and hidden else [entry]
        elif result and isinstance(result[-1], Run):
            result[-1].lines.append(line(entry, rules))
        else:
            result.append(Run([line(entry, rules)]))
    return result
