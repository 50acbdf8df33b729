"""Which agent a ticket is given to, and why, without asking the database (docs/assignment.md has it by example)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from accounts.models import Strategy
from tickets.vocabulary import Priority, Status

# Tickets in these states are work at hand; who waits for a third party has it out of hand.
LOAD_STATUSES = (Status.NEW, Status.OPEN, Status.PENDING)
# How many open tickets of a priority an agent may have before skills give them another one.
LIMITS = {Priority.P1_CRITICAL: 2, Priority.P2_HIGH: 5, Priority.P3_NORMAL: 10, Priority.P4_LOW: 15}
NAMED_MOST = 3


@dataclass(frozen=True)
class Candidate:
    """An agent who could be chosen. open_count: their open tickets; of_priority: those of the ticket's priority."""

    id: int
    name: str
    skills: frozenset[str] = field(default_factory=frozenset)
    is_away: bool = False
    open_count: int = 0
    of_priority: int = 0


@dataclass(frozen=True)
class Need:
    """What the ticket asks of an agent. area and team: their names, "" for none."""

    priority: str
    skills: frozenset[str] = field(default_factory=frozenset)
    area: str = ""
    team: str = ""

    @property
    def limit(self) -> int:
        return LIMITS[Priority(self.priority)]


@dataclass(frozen=True)
class Choice:
    """agent: None where nobody fits. reason: sentences in plain words. is_turn: the agent has had their turn by it."""

    agent: Candidate | None
    reason: str
    is_turn: bool = False


def choose(strategy: str, candidates: Sequence[Candidate], need: Need, *, last_turn: int | None = None) -> Choice:
    """Return whom `strategy` chooses among `candidates`. last_turn: id of who was chosen in turn last.

    Whoever is away is never chosen. Only skills know limits.
    """
    everybody = sorted(candidates, key=lambda one: one.id)
    here = [one for one in everybody if not one.is_away]
    if not here:
        return Choice(None, _nobody_here(everybody, need))
    away = _sentence((one for one in everybody if one.is_away), "is away", "are away")
    if strategy == Strategy.ROUND_ROBIN:
        return _in_turn(here, last_turn, "", away)
    if strategy == Strategy.LOAD_BALANCED:
        return _least_loaded(here, away)
    return _by_skills(here, need, last_turn, away)


def next_in_turn(here: Sequence[Candidate], last_turn: int | None) -> Candidate:
    """Return the first of `here`, ordered by id, after `last_turn`; the first of all after the last."""
    return next((one for one in here if last_turn is not None and one.id > last_turn), here[0])


def _by_skills(here: Sequence[Candidate], need: Need, last_turn: int | None, away: str) -> Choice:
    skilled = [one for one in here if need.skills <= one.skills]
    if not skilled:
        return _in_turn(here, last_turn, f"Nobody here has {_list(need.skills)}.", away)
    room = [one for one in skilled if one.of_priority < need.limit]
    level = Priority(need.priority).label.lower()
    if not room:
        who = _sentence(skilled, "has", "have", f"{need.limit} open tickets of {level} priority or more")
        return Choice(None, _join(f"Everybody who could take it is at the limit: {who}", away))
    chosen = min(room, key=lambda one: (one.open_count, one.of_priority, one.id))
    has = f"has {_list(need.skills)}" if need.skills else _no_skills(need)
    counted = f"{_tickets(chosen.open_count)}, {chosen.of_priority} of at most {need.limit} of {level} priority"
    full = [one for one in skilled if one.of_priority >= need.limit]
    return Choice(chosen, _join(f"{chosen.name}: {has}, {counted}.", _sentence(full, "is full", "are full"), away))


def _in_turn(here: Sequence[Candidate], last_turn: int | None, because: str, away: str) -> Choice:
    chosen = next_in_turn(here, last_turn)
    return Choice(chosen, _join(f"{chosen.name}: next in turn.", because, away), is_turn=True)


def _least_loaded(here: Sequence[Candidate], away: str) -> Choice:
    chosen = min(here, key=lambda one: (one.open_count, one.id))
    return Choice(chosen, _join(f"{chosen.name}: {_tickets(chosen.open_count)}, the fewest.", away))


def _nobody_here(candidates: Sequence[Candidate], need: Need) -> str:
    if not candidates:
        who = f"team {need.team} has no active member" if need.team else "there is no active agent"
        return f"Nobody can be chosen: {who} who may work on tickets."
    group = f" of team {need.team}" if need.team else ""
    return f"Nobody{group} is here: {_sentence(candidates, 'is away', 'are away')}"


def _no_skills(need: Need) -> str:
    return (
        f"{need.area} asks for no skills" if need.area else "the ticket has no product area, which asks for no skills"
    )


def _tickets(count: int) -> str:
    return f"{count} open ticket{'' if count == 1 else 's'}"


def _sentence(people: Iterable[Candidate], one: str, many: str, rest: str = "") -> str:
    """Return "Agnes is away." or "Agnes and Bruno are away."; "" for nobody. A long list is cut."""
    names = [person.name for person in people]
    if not names:
        return ""
    shown = names[:NAMED_MOST] + ([f"{len(names) - NAMED_MOST} others"] if len(names) > NAMED_MOST else [])
    return f"{_list(shown, is_sorted=False)} {one if len(names) == 1 else many}{f' {rest}' if rest else ''}."


def _list(words: Iterable[str], *, is_sorted: bool = True) -> str:
    """Return "a, b and c"."""
    listed = sorted(words) if is_sorted else list(words)
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
