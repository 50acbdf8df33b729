"""Who read what, one short line each, until the count goes into the database: reading itself writes nothing there.

Lines of a day are a set, so that it does no harm to count a day again. With Redis they are kept there. Without it,
web and worker share the disk on which uploads are, and a file of the day holds the lines.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import redis
import structlog
from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

FILE_BYTES_MOST = 50_000_000
KEPT_SECONDS = 3 * 86_400

log = structlog.get_logger(__name__)


def append(day: dt.date, line: str) -> None:
    """Add `line` to those of `day`. A store that is away costs the line, never the page."""
    try:
        if settings.REDIS_URL:
            _append_to_redis(_key(day), line)
        else:
            _append_to_file(_path(day), line)
    except (RedisError, OSError) as error:
        log.warning("view_not_counted", error=type(error).__name__)


def read(day: dt.date) -> set[str]:
    """Return the lines of `day`, each once."""
    if settings.REDIS_URL:
        return {line.decode() for line in _client(settings.REDIS_URL).sscan_iter(_key(day), count=1000)}
    try:
        return set(_path(day).read_text(encoding="ascii").splitlines())
    except FileNotFoundError:
        return set()


def forget_before(day: dt.date) -> None:
    """Delete the files of the days before `day`. Redis forgets by itself."""
    if not settings.REDIS_URL:
        for path in _path(day).parent.glob("????-??-??"):
            if path.name < day.isoformat():
                path.unlink(missing_ok=True)


def _append_to_file(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        if file.tell() < FILE_BYTES_MOST:
            file.write(f"{line}\n".encode("ascii"))  # one short write at the end of a file is not torn apart


def _append_to_redis(key: str, line: str) -> None:
    with _client(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
        pipeline.sadd(key, line)
        pipeline.expire(key, KEPT_SECONDS)
        pipeline.execute()


def _path(day: dt.date) -> Path:
    return Path(settings.MEDIA_ROOT).parent / "article-views" / day.isoformat()


def _key(day: dt.date) -> str:
    return str(caches["counters"].make_key(f"article-views:{day.isoformat()}"))


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
