"""The kinds of integration: each folder declares itself here, and the outbox asks here for its transport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integrations.models import Delivery


@dataclass(frozen=True)
class Sent:
    """What became of a delivery. external_id: the other side's name for it. answer: its words, for the log.

    is_needless: there was nothing to send any more, and `answer` says why.
    """

    answer: str = ""
    external_id: str = ""
    is_needless: bool = False


@dataclass(frozen=True)
class Kind:
    """An integration. send: makes one delivery or raises DeliveryError; called outside any transaction."""

    name: str
    label: str
    send: Callable[[Delivery], Sent]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kind(name: str) -> Kind | None:
    return _kinds.get(name)


def kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)
