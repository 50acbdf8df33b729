"""One change of a ticket and all that rules make of it, in one transaction.

Rules look when the outermost service is through: in the middle of one they would change a row that it goes on to
write. A rule's own changes are services again, and what they record waits in the same queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from common.models import Event
from tickets.models import Message, Ticket

P = ParamSpec("P")
R = TypeVar("R")
Chain = tuple[int, ...]


@dataclass
class Cascade:
    """waiting: events that no rule has seen, each with the rules whose actions led to it.   chain: the same of what
    is being done now.   fired: (rule, ticket), each at most once.   changed: numbers of the tickets changed by rules.
    """

    waiting: deque[tuple[Event, Chain]] = field(default_factory=deque)
    chain: Chain = ()
    fired: set[tuple[int, int]] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)

    @contextmanager
    def led_by(self, rule_id: int, chain: Chain) -> Iterator[None]:
        before, self.chain = self.chain, (*chain, rule_id)
        try:
            yield
        finally:
            self.chain = before


_current: ContextVar[Cascade | None] = ContextVar("cascade", default=None)
_finishers: list[Callable[[Cascade], None]] = []


def current() -> Cascade | None:
    return _current.get()


def when_through(finisher: Callable[[Cascade], None]) -> None:
    """Let `finisher` work off what waits at the end of every outermost service."""
    if finisher not in _finishers:
        _finishers.append(finisher)


@contextmanager
def begun() -> Iterator[Cascade]:
    """Collect events until the end, then let rules see them. Within another cascade, be a part of that one."""
    outer = _current.get()
    if outer is not None:
        seen = len(outer.waiting)
        try:
            yield outer
        except BaseException:  # what is rolled back never happened
            while len(outer.waiting) > seen:
                outer.waiting.pop()
            raise
        return
    cascade = Cascade()
    token = _current.set(cascade)
    try:
        yield cascade
        if cascade.waiting:
            for finisher in _finishers:
                finisher(cascade)
    finally:
        _current.reset(token)


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function that changes tickets one transaction, at whose end rules have their say.

    A ticket that it returns is as the rules left it.
    """

    @wraps(function)
    def changing(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            with begun() as cascade:
                result = function(*args, **kwargs)
            if cascade.changed and current() is None:
                _refresh(result, cascade.changed)
        return result

    return changing


def _refresh(result: object, changed: set[int]) -> None:
    ticket = result.ticket if isinstance(result, Message) and Message.ticket.is_cached(result) else result
    if isinstance(ticket, Ticket) and ticket.pk in changed:
        ticket.refresh_from_db()
