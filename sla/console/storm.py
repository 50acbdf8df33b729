"""The banner of a storm, on every page of the console."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from common.time import now
from sla.models import Storm

REMEMBERED = dt.timedelta(seconds=30)


@dataclass
class _Memory:
    """What this process last saw: the cache may be the database, and a page should not pay a query for this."""

    storm: Storm | None = None
    until: dt.datetime | None = None


_memory = _Memory()


def banner() -> dict[str, Any] | None:
    """Return what the banner says while a storm is on; it may be half a minute old.

    Shape: {"count", "since", "minutes"}. since: None as long as all of it happened within `minutes`.
    """
    storm, at = _storm(), now()
    if storm is None or storm.breach_count < settings.PORTAL_STORM_BANNER:
        return None
    minutes = settings.PORTAL_STORM_MINUTES
    is_fresh = at - storm.began_at <= dt.timedelta(minutes=minutes)
    return {"count": storm.breach_count, "minutes": minutes, "since": None if is_fresh else storm.began_at}


def forget() -> None:
    """Look anew the next time."""
    _memory.until = None


def _storm() -> Storm | None:
    at = now()
    if _memory.until is None or not at <= _memory.until <= at + REMEMBERED:
        _memory.storm = Storm.objects.filter(ended_at=None).first()
        _memory.until = at + REMEMBERED
    return _memory.storm
