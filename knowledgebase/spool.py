"""What readers did, one short line each, until it goes into the database: reading and searching write nothing there.

Lines of a day are a set, so that it does no harm to count a day again. With Redis they are kept there. Without it,
web and worker share the disk on which uploads are, and a file of the day holds the lines.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import redis
import structlog
from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

LINE_BYTES_MOST = 600
KEPT_SECONDS = 3 * 86_400

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Spool:
    """Lines of one sort, by day.

    name: of its folder and its keys.   bytes_most: how much is kept of a day, where that is a file.
    """

    name: str
    bytes_most: int

    def append(self, day: dt.date, line: str) -> None:
        """Add `line`, which holds no line break, to those of `day`.

        A store that is away costs the line, never the page.
        """
        data = line.encode("utf-8", "replace")
        if b"\n" in data or len(data) > LINE_BYTES_MOST:
            raise ValueError("a line of a spool is one short line")
        try:
            if settings.REDIS_URL:
                self._append_to_redis(day, data)
            else:
                self._append_to_file(day, data)
        except (RedisError, OSError) as error:
            log.warning("reading_not_counted", spool=self.name, error=type(error).__name__)

    def read(self, day: dt.date) -> set[str]:
        """Return the lines of `day`, each once."""
        if settings.REDIS_URL:
            found = _client(settings.REDIS_URL).sscan_iter(self._key(day), count=1000)
            return {line.decode("utf-8", "replace") for line in found}
        try:
            text = self._path(day).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return set()
        return set(text.split("\n")) - {""}

    def forget_before(self, day: dt.date) -> None:
        """Delete the files of the days before `day`. Redis forgets by itself."""
        if not settings.REDIS_URL:
            for path in self._path(day).parent.glob("????-??-??"):
                if path.name < day.isoformat():
                    path.unlink(missing_ok=True)

    def _append_to_file(self, day: dt.date, data: bytes) -> None:
        path = self._path(day)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            if file.tell() < self.bytes_most:
                file.write(data + b"\n")  # one short write at the end of a file is not torn apart

    def _append_to_redis(self, day: dt.date, data: bytes) -> None:
        key = self._key(day)
        with _client(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
            pipeline.sadd(key, data)
            pipeline.expire(key, KEPT_SECONDS)
            pipeline.execute()

    def _path(self, day: dt.date) -> Path:
        return Path(settings.MEDIA_ROOT).parent / self.name / day.isoformat()

    def _key(self, day: dt.date) -> str:
        return str(caches["counters"].make_key(f"{self.name}:{day.isoformat()}"))


VIEWS = Spool("article-views", 50_000_000)
SEARCHES = Spool("searches", 20_000_000)


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
