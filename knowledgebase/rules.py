"""What is decided about an article without asking the database."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from common.errors import InvalidTransition
from knowledgebase.vocabulary import State

MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.IN_REVIEW, State.SCHEDULED, State.PUBLISHED, State.ARCHIVED}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.SCHEDULED, State.PUBLISHED, State.ARCHIVED}),
    State.SCHEDULED: frozenset({State.DRAFT, State.PUBLISHED, State.ARCHIVED}),
    State.PUBLISHED: frozenset({State.ARCHIVED}),
    State.ARCHIVED: frozenset({State.DRAFT, State.SCHEDULED, State.PUBLISHED}),
}


def check_move(old: str, new: str) -> None:
    """Raise InvalidTransition, naming both states, unless an article may go from `old` to `new`."""
    if new not in MOVES[old]:
        raise InvalidTransition(
            f"An article that is {State(old).label.lower()} cannot become {State(new).label.lower()}.",
            data={"from": old, "to": new, "possible": sorted(MOVES[old])},
        )


@dataclass(frozen=True)
class DiffLine:
    """A line of a comparison. kind: "same", "removed" or "added"."""

    kind: str
    text: str


def compare(old: str, new: str, *, context: int = 3) -> list[DiffLine]:
    """Return what changed from `old` to `new`, with `context` lines around; a gap is a line of kind "gap"."""
    kinds = {" ": "same", "-": "removed", "+": "added", "@": "gap"}
    lines: Iterable[str] = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=context)
    return [
        DiffLine(kinds[line[0]], "" if line[0] == "@" else line[1:]) for line in list(lines)[2:] if line[0] in kinds
    ]
