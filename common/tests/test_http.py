"""The one outgoing door: what it fetches, and what it refuses to be sent to. Servers are this machine's own."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common import http
from common.errors import DeliveryError
from common.http import fetch, is_public

PUBLIC = "93.184.215.14"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.server.answers.get(self.path.partition("?")[0], Handler.hello)(self)

    def send(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def hello(self):
        self.send(b"hello", Content_Type="text/plain")

    def chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"in ", b"pieces"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


class Names(dict):
    def __init__(self):
        super().__init__()
        self.lookups = []


def sends(body: bytes = b"", status: int = 200, **headers: str):
    return lambda handler: handler.send(body, status, **headers)


def redirects(to: str, status: int = 302):
    return sends(status=status, Location=to)


@contextmanager
def serving(tls: ssl.SSLContext | None = None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.answers = [], {}
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(private):
    with serving() as started:
        started.base = f"http://127.0.0.1:{started.server_port}"
        yield started


@pytest.fixture
def private(settings):
    settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = True


@pytest.fixture
def names(monkeypatch):
    """Host names and the addresses they resolve to, to be filled; `lookups`: the names that were looked up."""
    known = Names()

    def resolve(host, port, *args, **kwargs):
        host.encode("idna")
        known.lookups.append(host)
        try:
            addresses = [str(ipaddress.ip_address(host))]
        except ValueError:
            if host not in known:
                raise socket.gaierror(socket.EAI_NONAME, "unknown") from None
            addresses = known[host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


def refusal(url: str, **options) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        fetch(url, **options)
    return refused.value


def test_an_answer_is_fetched(server):
    answer = fetch(server.base + "/calendar.ics?year=2026", headers={"Accept": "text/calendar"})
    assert (answer.status, answer.body, answer.url) == (200, b"hello", server.base + "/calendar.ics?year=2026")
    assert answer.headers["content-type"] == "text/plain"
    [(path, sent)] = server.seen
    assert path == "/calendar.ics?year=2026"
    assert sent["Host"] == f"127.0.0.1:{server.server_port}"
    assert sent["Accept"] == "text/calendar"
    assert sent["User-Agent"].startswith("support-portal/")


@pytest.mark.parametrize("status", [204, 304, 404, 500])
def test_whatever_the_status_is_it_is_an_answer(server, status):
    server.answers["/"] = sends(status=status)
    assert fetch(server.base).status == status
    server.answers["/"] = sends(status=302)
    assert fetch(server.base).status == 302  # it says to go elsewhere and not where


def test_bodies_in_pieces_and_compressed_ones_are_read(server):
    server.answers = {
        "/chunked": Handler.chunked,
        "/gzip": sends(gzip.compress(b"small" * 1000), Content_Encoding="gzip"),
    }
    assert fetch(server.base + "/chunked").body == b"in pieces"
    assert fetch(server.base + "/gzip").body == b"small" * 1000


def test_a_body_is_bounded_also_when_it_is_compressed(server):
    server.answers = {
        "/exact": sends(b"x" * 1000),
        "/big": sends(b"x" * 1001),
        "/bomb": sends(gzip.compress(b"x" * 20_000_000), Content_Encoding="gzip"),
    }
    assert len(fetch(server.base + "/exact", most_bytes=1000).body) == 1000
    for path in ("/big", "/bomb"):
        refused = refusal(server.base + path, most_bytes=1000)
        assert (refused.permanent, "more than 1,000 bytes" in str(refused)) == (True, True)


def test_an_answer_that_breaks_off_or_is_garbled_is_not_taken(server):
    server.answers = {
        "/short": sends(b"half", Content_Length="100"),
        "/garbled": sends(b"not gzip", Content_Encoding="gzip"),
    }
    for path in ("/short", "/garbled"):
        refused = refusal(server.base + path)
        assert (str(refused), refused.permanent) == ("The answer broke off.", False)


def test_an_answer_that_never_comes_is_given_up(server):
    release = threading.Event()
    server.answers["/"] = lambda handler: release.wait(10)
    refused = refusal(server.base, timeout=(1, 0.1))
    release.set()
    assert not refused.permanent


def test_an_answer_that_drips_is_given_up(server, monkeypatch):
    release = threading.Event()

    def drip(handler):
        handler.send(b"x", Content_Length="1000")
        while not release.wait(0.02):
            handler.wfile.write(b"x")

    server.answers["/"] = drip
    monkeypatch.setattr(http, "SECONDS_MOST", 0.2)
    refused = refusal(server.base, timeout=(1, 1))
    release.set()
    assert "was not complete after" in str(refused)


def test_redirects_are_followed_three_times(server):
    server.answers = {f"/{n}": redirects(f"/{n + 1}", status) for n, status in enumerate([301, 303, 307, 308])}
    assert fetch(server.base + "/1").url == server.base + "/4"
    refused = refusal(server.base + "/0")
    assert (refused.permanent, "more than 3 times" in str(refused)) == (True, True)


@pytest.mark.parametrize(
    "location", ["ftp://example.org/", "file:///etc/passwd", "http://", "http://[", "http://u:p@x/"]
)
def test_redirects_are_checked_like_the_first_address(server, location):
    server.answers["/"] = redirects(location)
    assert refusal(server.base).permanent


def test_a_redirect_does_not_lead_from_a_public_to_a_private_address(settings, names, monkeypatch):
    """The test server stands in for the public one; the second address is refused before anything is asked."""
    with serving() as server:
        settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = False
        names["inside.test"] = ["127.0.0.1"]
        names["outside.test"] = ["127.0.0.2"]
        monkeypatch.setattr(http, "is_public", lambda address: address == "127.0.0.1")
        server.answers["/"] = redirects("http://outside.test/")
        assert "127.0.0.2, which is not a public address" in str(refusal(f"http://inside.test:{server.server_port}/"))
        assert len(server.seen) == 1


def test_headers_stay_with_the_host_they_were_meant_for(server, names):
    names["one.test"] = names["two.test"] = ["127.0.0.1"]
    port = server.server_port
    server.answers = {"/": redirects("/here"), "/here": redirects(f"http://two.test:{port}/there")}
    fetch(f"http://one.test:{port}/", headers={"Authorization": "Bearer secret"})
    assert [sent.get("Authorization") for _, sent in server.seen] == ["Bearer secret", "Bearer secret", None]
    assert [sent["Host"] for _, sent in server.seen] == [f"one.test:{port}"] * 2 + [f"two.test:{port}"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://",
        "http:///path",
        "http://example.org:99999/",
        "http://[::1/",
        "http://exa mple.org/",
        "http://example.org/\n",
        "http://example.org\\@127.0.0.1/",
        "http://user:secret@example.org/",
        "http://user@example.org/",
        "http://" + "a" * 70 + ".example.org/",
        "http://*/",
    ],
)
def test_what_is_no_public_web_address_is_refused(url, names):
    names["example.org"] = [PUBLIC]
    refused = refusal(url)
    assert refused.permanent
    assert "secret" not in str(refused)
    assert len(str(refused)) < 300


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.1.2.3",
        "169.254.169.254",
        "0.0.0.0",
        "[::ffff:10.0.0.1]",
        "127.1",
        "2130706433",
    ],
)
def test_private_addresses_are_refused(host):
    refused = refusal(f"http://{host}:9/")
    assert (refused.permanent, "not a public address" in str(refused)) == (True, True)


def test_a_name_of_which_one_address_is_private_is_refused(names):
    names["both.test"] = [PUBLIC, "10.0.0.1"]
    assert "both.test is at 10.0.0.1" in str(refusal("http://both.test/"))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("255.255.255.255", "224.0.0.1", "240.0.0.1", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1"),
        *("fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::127.0.0.1"),
        *("::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::"),
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo, of a client at 10.0.0.1
    ],
)
def test_addresses_that_are_not_public_are_known(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_addresses_that_are_public_are_known(address):
    assert is_public(address)


def test_a_name_that_cannot_be_found_may_be_found_later(names):
    refused = refusal("http://nowhere.test/")
    assert (refused.permanent, str(refused)) == (False, "The name nowhere.test cannot be found.")


def test_the_address_that_was_checked_is_the_one_that_is_asked(server, names):
    """A name that resolves elsewhere the second time: it is looked up once."""
    names["changing.test"] = ["127.0.0.1"]
    answer = fetch(f"http://changing.test:{server.server_port}/")
    assert answer.body == b"hello"
    assert names.lookups.count("changing.test") == 1
    assert server.seen[0][1]["Host"] == f"changing.test:{server.server_port}"


def test_the_next_address_of_a_name_is_tried_when_one_cannot_be_reached(server, names):
    names["two.test"] = ["127.0.0.9", "127.0.0.1"]
    assert fetch(f"http://two.test:{server.server_port}/").body == b"hello"
    names["none.test"] = ["127.0.0.9"]
    refused = refusal(f"http://none.test:{server.server_port}/")
    assert (refused.permanent, str(refused)) == (False, "none.test cannot be reached.")


def test_proxies_and_passwords_of_the_environment_are_not_used(server, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert fetch(server.base).body == b"hello"
    assert "Authorization" not in server.seen[0][1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for secure.test that vouches for itself, and the context of a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.test")])
    day = dt.timedelta(days=1)
    today = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, today - day, today + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "secure.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(pem)
    )
    return path


@pytest.fixture
def secure(private, certificate, names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked_for = []
    context.sni_callback = lambda _, name, __: asked_for.append(name)
    names["secure.test"] = names["other.test"] = ["127.0.0.1"]
    with serving(context) as started:
        started.asked_for = asked_for
        yield started


def test_the_certificate_is_checked_against_the_name_not_the_address(secure, certificate, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    assert fetch(f"https://secure.test:{secure.server_port}/").body == b"hello"
    assert secure.asked_for == ["secure.test"]
    refused = refusal(f"https://other.test:{secure.server_port}/")
    assert "its certificate does not hold" in str(refused)


def test_a_certificate_nobody_vouches_for_is_refused(secure):
    refused = refusal(f"https://secure.test:{secure.server_port}/")
    assert (refused.permanent, "its certificate does not hold" in str(refused)) == (False, True)
    assert secure.seen == []


def test_encryption_is_not_given_up_by_a_redirect(secure, certificate, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    secure.answers["/"] = redirects(f"http://secure.test:{secure.server_port}/")
    refused = refusal(f"https://secure.test:{secure.server_port}/")
    assert (refused.permanent, "without encryption" in str(refused)) == (True, True)
