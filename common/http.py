"""The one outgoing HTTP door of our own code: nothing else fetches an address that somebody typed in.

An address is looked up once, checked, and then connected to as checked, so that a name cannot point elsewhere between
the check and the connection. Redirects come back here and are checked like the first address.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from common.errors import DeliveryError

REDIRECTS_MOST = 3
ADDRESSES_MOST = 4  # of one name, tried one after the other
SECONDS_MOST = 60  # from the first byte asked for to the last one read, however slowly they drip
PIECE_BYTES = 65_536
REDIRECTS = (301, 302, 303, 307, 308)

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")  # read differently by different parsers of addresses
# IPv6 ranges whose last 32 bits are the IPv4 address that is meant: mapped, translated (NAT64), formerly compatible.
_CARRIES_IPV4 = [IPv6Network(net) for net in ("::ffff:0:0/96", "64:ff9b::/96", "::/96")]
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


@dataclass(frozen=True)
class Answer:
    """What came back, after redirects. headers: names in any case.   url: where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True)
class _Target:
    """An address that may be asked. addresses: what its name resolves to, all of them checked."""

    url: str
    host: str
    netloc: str
    addresses: tuple[str, ...]

    @property
    def is_encrypted(self) -> bool:
        return self.url.startswith("https:")


def fetch(
    url: str,
    *,
    timeout: tuple[float, float] = (5, 20),
    most_bytes: int = 2_000_000,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return the answer to a GET of a public http or https address, whatever its status.

    timeout: seconds to connect, and between two pieces of the answer.   most_bytes: of the body, decompressed.
    headers: go to the host of `url` alone; a redirect to another host does not carry them on.
    Raises: DeliveryError; permanent where the address itself or the size of the answer is at fault.
    """
    deadline = monotonic() + SECONDS_MOST
    target, sent = _checked(url), dict(headers or {})
    for _ in range(REDIRECTS_MOST + 1):
        with _asked(target, timeout, sent) as response:
            location = response.headers.get("Location")
            if response.status_code not in REDIRECTS or not location:
                body = _body(response, most_bytes, deadline)
                return Answer(response.status_code, response.headers, body, target.url)
        following = _checked(location, base=target.url)
        if target.is_encrypted and not following.is_encrypted:
            raise DeliveryError(f"{target.host} redirects to an address without encryption.", permanent=True)
        if following.netloc != target.netloc:
            sent = {}
        target = following
    raise DeliveryError(f"{url[:200]} redirects more than {REDIRECTS_MOST} times.", permanent=True)


def send(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    method: str = "POST",
    timeout: tuple[float, float] = (3, 10),
    seconds_most: float = 10,
    most_bytes: int = 64_000,
) -> Answer:
    """Return the answer to a request with a body to a public http or https address, whatever its status.

    A redirect is an answer like any other: what was signed for one address is not carried to another.
    timeout: seconds to connect, and between two pieces of the answer.   seconds_most: for the whole of it.
    most_bytes: of the answer that are read; what comes after them is cut off.
    Raises: DeliveryError; permanent where the address itself is at fault, `is_unknown` where it may have been taken.
    """
    deadline = monotonic() + seconds_most
    target = _checked(url)
    with _asked(target, timeout, headers, method=method, data=body) as response:
        try:
            answer = _beginning(response, most_bytes, deadline)
        except (HTTPError, OSError):
            answer = b""  # the status has come, and decides; the rest was only for the log
        return Answer(response.status_code, response.headers, answer, target.url)


def _checked(url: str, base: str = "") -> _Target:
    """Return what may be asked. base: the address that redirects to `url`. Raises: DeliveryError."""
    shown = url[:200]
    try:
        url = urljoin(base, url)
        parts = urlsplit(url)
        if _UNSAFE.search(url) or parts.scheme not in ("http", "https") or not parts.hostname:
            raise DeliveryError(f"{shown!r} is not an http or https address.", permanent=True)
        if "@" in parts.netloc:
            raise DeliveryError("An address with a user name or password in it is not asked.", permanent=True)
        prepared = requests.Request("GET", url).prepare().url or ""
        parts = urlsplit(prepared)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise DeliveryError(f"{shown!r} is not an http or https address.", permanent=True) from error
    return _Target(prepared, host, parts.netloc, _addresses(host, port))


def _addresses(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DeliveryError(f"The name {host[:100]} cannot be found.") from error
    except UnicodeError as error:
        raise DeliveryError(f"{host[:100]!r} is not the name of a host.", permanent=True) from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not getattr(settings, "PORTAL_PRIVATE_ADDRESSES_ALLOWED", False):
        for address in addresses:
            if not is_public(address):
                raise DeliveryError(
                    f"{host[:100]} is at {address}, which is not a public address. "
                    "Whoever runs this portal can allow private ones.",
                    permanent=True,
                )
    return addresses


def is_public(address: str) -> bool:
    """Tell whether a numeric address, and any IPv4 address it carries inside, belongs to the public internet."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.is_site_local or parsed in _LOCAL_NAT64:
            return False
        if any(parsed in network for network in _CARRIES_IPV4):
            return _is_public(IPv4Address(int(parsed) & 0xFFFF_FFFF))
        inner = [parsed.sixtofour, *(parsed.teredo or ())]
        if any(carried is not None and not _is_public(carried) for carried in inner):
            return False
    return _is_public(parsed)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


class _PinnedAdapter(HTTPAdapter):
    """Connects to one numeric address; the name in the URL stays what the certificate must be for."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            tls["server_hostname"] = host["host"].strip("[]")
        return {**host, "host": self._address}, tls


def _asked(
    target: _Target, timeout: tuple[float, float], headers: Mapping[str, str], *, method: str = "GET", data: bytes = b""
) -> requests.Response:
    """Return the answer, its body not yet read, of the first of the target's addresses that takes the connection."""
    failure: Exception | None = None
    for address in target.addresses[:ADDRESSES_MOST]:
        try:
            return _asked_at(address, target, timeout, headers, method=method, data=data)
        except requests.exceptions.SSLError as error:
            raise DeliveryError(f"No encrypted connection to {target.host}: its certificate does not hold.") from error
        except requests.ConnectionError as error:
            if data and not never_connected(error):
                words = f"{target.host} broke off before it answered."
                raise DeliveryError(words, is_unknown=True) from error
            failure = error
        except (requests.RequestException, HTTPError) as error:
            words = f"{target.host} did not answer as it should: {type(error).__name__}."
            raise DeliveryError(words, is_unknown=bool(data)) from error
    raise DeliveryError(f"{target.host} cannot be reached.") from failure


def never_connected(error: BaseException) -> bool:
    """Tell whether no connection was made at all, so that nothing can have been taken."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _asked_at(
    address: str,
    target: _Target,
    timeout: tuple[float, float],
    headers: Mapping[str, str],
    *,
    method: str,
    data: bytes,
) -> requests.Response:
    """Ask without a session: one would take proxies and passwords from the environment, and read the whole body of a
    redirect before it can be looked at."""
    sent = {"User-Agent": f"support-portal/{settings.PORTAL_VERSION}", **headers, "Host": target.netloc}
    prepared = requests.Request(method, target.url, headers=sent, data=data or None).prepare()
    with closing(_PinnedAdapter(address)) as adapter:
        return adapter.send(prepared, stream=True, timeout=timeout, verify=True)


def _body(response: requests.Response, most_bytes: int, deadline: float) -> bytes:
    read = bytearray()
    try:
        for piece in _pieces(response):
            read += piece
            if len(read) > most_bytes:
                raise DeliveryError(f"The answer has more than {most_bytes:,} bytes.", permanent=True)
            if monotonic() > deadline:
                raise DeliveryError(f"The answer was not complete after {SECONDS_MOST} seconds.")
    except (HTTPError, OSError) as error:
        raise DeliveryError("The answer broke off.") from error
    return bytes(read)


def _beginning(response: requests.Response, most_bytes: int, deadline: float) -> bytes:
    """Return as much of the body as is wanted and arrives in time."""
    read = bytearray()
    for piece in _pieces(response):
        read += piece
        if len(read) >= most_bytes or monotonic() > deadline:
            break
    return bytes(read[:most_bytes])


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it arrives: asking for a full piece would wait for it without ever looking at the clock."""
    while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
        yield piece
