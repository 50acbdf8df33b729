"""The kinds of integration: each folder declares itself here, and the outbox asks here for its transport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrations.rules import Rate

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
class Verdict:
    """What a check of an integration found, in words that hold no credential."""

    is_good: bool
    words: str


@dataclass(frozen=True)
class Kind:
    """An integration. send: makes one delivery or raises DeliveryError; called outside any transaction.

    is_on: whether it is set up; what is off is sent nothing.   why: a sentence on what it is set up with, or what
    is missing.   check: looks at the settings, and asks the other side too where it is called with True.
    circuit: the key of the circuit of a destination; all share one where it is not given.
    """

    name: str
    label: str
    send: Callable[[Delivery], Sent]
    is_on: Callable[[], bool] = lambda: True
    why: Callable[[], str] = lambda: ""
    check: Callable[[bool], Verdict] | None = None
    circuit: Callable[[str], str] | None = None
    rate: Rate | None = None

    def circuit_of(self, destination: str) -> str:
        return self.circuit(destination) if self.circuit else self.name


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kind(name: str) -> Kind | None:
    return _kinds.get(name)


def is_on(name: str) -> bool:
    """Tell whether there is an integration of this name and it is set up."""
    found = _kinds.get(name)
    return found is not None and found.is_on()


def kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def names() -> set[str]:
    return set(_kinds)
