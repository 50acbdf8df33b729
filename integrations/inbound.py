"""Where messages of other systems come from: each channel declares here what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integrations.models import InboundEvent
    from tickets.models import Ticket


@dataclass(frozen=True)
class Outcome:
    """What was made of a message, in words.   is_ignored: it asked for nothing."""

    words: str
    ticket: Ticket | None = None
    is_ignored: bool = False


class Held(Exception):
    """Somebody has to decide what becomes of the message; nothing was changed. Its text says why."""


class Unusable(Exception):
    """Nothing can be made of the message as it is, now or later. Its text says why."""


@dataclass(frozen=True)
class Source:
    """A way in. process: makes of a stored message what it asks for; called outside any transaction.

    It may be called twice for one message, after a worker died, and must then change nothing more.
    page: the address of a page of its own for a message in the console, where the way in has one.
    """

    name: str
    label: str
    process: Callable[[InboundEvent], Outcome]
    page: Callable[[InboundEvent], str] | None = None


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    _sources[source.name] = source


def source(name: str) -> Source | None:
    return _sources.get(name)


def sources() -> list[Source]:
    return sorted(_sources.values(), key=lambda source: source.name)
