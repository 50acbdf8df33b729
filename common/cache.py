"""The cache that may go away: what it cannot answer it does not know, and the page goes on without it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def _or(otherwise: Callable[..., Any], method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def answer(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache_unavailable", error=type(error).__name__)
            return otherwise(*args, **kwargs)

    return answer


class ForgivingRedisCache(RedisCache):
    """Redis as a cache. Counting and locking need to know that it is away, and use the alias "counters"."""

    get = _or(lambda key, default=None, version=None: default, RedisCache.get)
    set = _or(lambda *args, **kwargs: None, RedisCache.set)
    add = _or(lambda *args, **kwargs: True, RedisCache.add)
    delete = _or(lambda *args, **kwargs: False, RedisCache.delete)
    get_many = _or(lambda *args, **kwargs: {}, RedisCache.get_many)
    set_many = _or(lambda data, *args, **kwargs: list(data), RedisCache.set_many)
