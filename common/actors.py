"""Who acts, in words that every room understands. A person is the user model's own row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Person(Protocol):
    """What the foundations need to know of a user."""

    pk: int

    def get_full_name(self) -> str: ...


@dataclass(frozen=True)
class Rule:
    """A rule that acts by itself, for example triage or automatic closing."""

    name: str


@dataclass(frozen=True)
class System:
    """The portal itself: an import, an upkeep task, an operator's command."""

    name: str = "system"


Actor = Person | Rule | System
SYSTEM = System()
