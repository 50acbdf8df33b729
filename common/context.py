"""Where the work at hand comes from: the request's id and address, bound by middleware, read by the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """is_backfill: what is written happened in the past, elsewhere; nobody is to be told of it now."""

    request_id: str = ""
    ip_address: str | None = None
    is_backfill: bool = False


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current() -> Origin:
    return _origin.get()


@contextmanager
def origin(value: Origin) -> Iterator[None]:
    token = _origin.set(value)
    try:
        yield
    finally:
        _origin.reset(token)
