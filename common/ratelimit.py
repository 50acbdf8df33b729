"""How often a caller may ask. Fixed windows, counted in Redis where there is one, else in the database.

A rate has a name and a line in settings.PORTAL_RATES: quota and seconds. Every window that a request was
counted in is remembered on it, and the tightest one is told in the answer's headers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.core.cache import caches
from django.db import connection, models
from django.http import HttpRequest
from django.utils.connection import ConnectionProxy
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.errors import TooMany
from common.models import RateWindow
from common.time import now

if TYPE_CHECKING:  # rest_framework.views is half loaded when it loads the classes named in settings
    from rest_framework.views import APIView

AnyRequest = HttpRequest | Request
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - a name for "not known", nothing listens on it  # nosec B104
# One household or server has a whole /64 of IPv6, so that a single address says nothing.
IPV6_CALLER_BITS = 64
COUNT = """
INSERT INTO common_ratewindow (key, count, expires_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET count = common_ratewindow.count + 1
RETURNING count
"""

cache = ConnectionProxy(caches, "counters")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Window:
    """What is left of a rate. reset_seconds: until the count starts again."""

    name: str
    limit: int
    seconds: int
    remaining: int
    reset_seconds: int


class OverLimit(TooMany):
    """The rate of `window` is used up."""

    def __init__(self, window: Window) -> None:
        super().__init__(
            f"No more than {window.limit} requests in {window.seconds} seconds are accepted here. "
            f"Try again in {window.reset_seconds} seconds.",
            retry_after=window.reset_seconds,
        )
        self.window = window


def hit(name: str, caller: str) -> Window:
    """Count one use of the rate `name` by `caller` and return what is left.

    caller: an IP address, an email, "user:7": whatever the rate is kept by. A free address is not counted.
    Raises: OverLimit.
    """
    quota, seconds = settings.PORTAL_RATES[name]
    if is_free(caller):
        return Window(name, quota, seconds, quota, seconds)
    key, reset = _key(name, caller, seconds)
    count = _count(key, seconds)
    window = Window(name, quota, seconds, max(0, quota - count), reset)
    if count > quota:
        raise OverLimit(window)
    return window


def require_left(name: str, caller: str) -> None:
    """Raise OverLimit where the rate is used up, without using any of it; for rates that count failures."""
    quota, seconds = settings.PORTAL_RATES[name]
    key, reset = _key(name, caller, seconds)
    if not is_free(caller) and _peek(key) >= quota:
        raise OverLimit(Window(name, quota, seconds, 0, reset))


def limit(request: AnyRequest, name: str, caller: str) -> None:
    """Count one use of the rate `name` for this request, and let its answer's headers tell.

    Raises: OverLimit. A request from a free address is never counted.
    """
    if is_free(client_ip(request)):
        return
    try:
        window = hit(name, caller)
    except OverLimit as error:
        _remember(request, error.window)
        raise
    _remember(request, window)


def headers_for(request: AnyRequest) -> dict[str, str]:
    """Return the IETF draft's two headers for the tightest window this request was counted in; {} for none."""
    windows = _windows(request)
    if not windows:
        return {}
    tightest = min(windows, key=lambda window: (window.remaining, -window.reset_seconds))
    return {
        "RateLimit-Policy": f'"{tightest.name}";q={tightest.limit};w={tightest.seconds}',
        "RateLimit": f'"{tightest.name}";r={tightest.remaining};t={tightest.reset_seconds}',
    }


class DefaultRate(BaseThrottle):
    """The rate "default", by token or user, else by address."""

    window: Window | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            limit(request, "default", caller_of(request))
        except OverLimit as error:
            self.window = error.window
            return False
        return True

    def wait(self) -> float | None:
        return self.window.reset_seconds if self.window else None


def caller_of(request: AnyRequest) -> str:
    """Return whom a request is counted for: its token, else its user, else its address."""
    auth = getattr(request, "auth", None)
    if isinstance(auth, models.Model):
        return f"token:{auth.pk}"
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return client_ip(request)


def client_ip(request: AnyRequest) -> str:
    """Return the address the request came from, believing the last PORTAL_TRUSTED_PROXIES hops only.

    Each trusted proxy appends whom it was called by, so the client is that many entries from the right.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = settings.PORTAL_TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if hops and forwarded:
        address = _parse(forwarded[-hops] if hops <= len(forwarded) else forwarded[0]) or address
    return _parse(address) or UNKNOWN_ADDRESS


def is_free(caller: str) -> bool:
    """Whether `caller` is an address that settings.PORTAL_RATE_FREE_ADDRESSES names."""
    networks = _networks(tuple(settings.PORTAL_RATE_FREE_ADDRESSES))
    if not networks:
        return False
    try:
        address = ipaddress.ip_address(caller)
    except ValueError:
        return False
    return any(address in network for network in networks)


@lru_cache(maxsize=8)
def _networks(names: tuple[str, ...]) -> tuple[IPNetwork, ...]:
    return tuple(ipaddress.ip_network(name, strict=False) for name in names)


def _parse(text: str) -> str:
    """Return the address in `text`, which may carry a port or brackets; "" for none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def network_of(caller: str) -> str:
    """Return the network that an IPv6 address belongs to; any other caller as it is."""
    try:
        address = ipaddress.ip_address(caller)
    except ValueError:
        return caller
    if address.version == 4:
        return caller
    return str(ipaddress.ip_network((address, IPV6_CALLER_BITS), strict=False))


def _key(name: str, caller: str, seconds: int) -> tuple[str, int]:
    """Return where the present window is counted, and the seconds until it ends."""
    at = now().timestamp()
    number = int(at // seconds)
    # A digest: callers may be email addresses, which have no business in a cache, and of any length.
    digest = hashlib.sha256(network_of(caller).lower().encode()).hexdigest()[:32]
    return f"rate:{name}:{number}:{digest}", max(1, math.ceil((number + 1) * seconds - at))


def _count(key: str, seconds: int) -> int:
    if settings.REDIS_URL:
        try:
            return _count_in_cache(key, seconds)
        except RedisError as error:
            log.warning("rate_cache_unavailable", error=type(error).__name__)
    return _count_in_database(key, seconds)


def _peek(key: str) -> int:
    if settings.REDIS_URL:
        try:
            return int(cache.get(key, 0))
        except RedisError as error:
            log.warning("rate_cache_unavailable", error=type(error).__name__)
    return RateWindow.objects.filter(key=key).values_list("count", flat=True).first() or 0


def _count_in_cache(key: str, seconds: int) -> int:
    for _attempt in range(2):
        cache.add(key, 0, timeout=seconds + 1)
        try:
            return cache.incr(key)
        except ValueError:  # it expired between the two
            continue
    return 1


def _count_in_database(key: str, seconds: int) -> int:
    field = RateWindow._meta.get_field("expires_at")
    moment = field.get_db_prep_value(now() + dt.timedelta(seconds=seconds), connection)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, moment])
        count: int = cursor.fetchone()[0]
    return count


def _windows(request: AnyRequest) -> list[Window]:
    plain = getattr(request, "_request", request)
    found: list[Window] = getattr(plain, "rate_windows", [])
    return found


def _remember(request: AnyRequest, window: Window) -> None:
    plain: Any = getattr(request, "_request", request)
    plain.rate_windows = [*_windows(request), window]
