"""Speaking IMAP: signing in by password or OAuth token, and reading mails without touching their flags."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from imaplib import IMAP4
from urllib.parse import unquote, urlencode, urlsplit

from django.conf import settings
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from common import http
from common.errors import DeliveryError

TIMEOUT = 30
PORTS = {"imaps": 993, "imap": 143, "imap+tls": 143}


class MailboxTrouble(Exception):
    """The mailbox cannot be read now. Its text says why, without a credential."""


@dataclass(frozen=True)
class State:
    """What a server says of a folder. next_uid: the one that the next mail gets."""

    uid_validity: int
    next_uid: int


def mailbox_name() -> str:
    """Return user and server of the mailbox, for people."""
    parts = urlsplit(settings.IMAP_URL)
    return f"{unquote(parts.username or '')} at {parts.hostname or ''}"


@contextmanager
def opened() -> Iterator[BaseMailBox]:
    """Sign in, and out at the end.

    Raises: MailboxTrouble, also for what goes wrong in between.
    """
    try:
        mailbox = _connected()
    except (ImapToolsError, IMAP4.error, OSError) as error:
        raise MailboxTrouble(_words(error)) from error
    try:
        yield mailbox
    except (ImapToolsError, IMAP4.error, OSError) as error:
        raise MailboxTrouble(_words(error)) from error
    finally:
        with suppress(ImapToolsError, IMAP4.error, OSError):  # it may be gone already, which is what we want
            mailbox.logout()


def _connected() -> BaseMailBox:
    parts = urlsplit(settings.IMAP_URL)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    mailbox: BaseMailBox
    if parts.scheme == "imaps":
        mailbox = MailBox(host, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    elif parts.scheme == "imap+tls":
        mailbox = MailBoxStartTls(host, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    else:
        mailbox = MailBoxUnencrypted(host, port, timeout=TIMEOUT)
    try:
        if settings.IMAP_OAUTH_TOKEN_URL:
            return mailbox.xoauth2(user, access_token(), initial_folder=None)
        return mailbox.login(user, password, initial_folder=None)
    except BaseException:
        mailbox.client.shutdown()
        raise


def access_token() -> str:
    """Return a fresh access token, as Microsoft 365 and Google give them for a refresh token (RFC 6749, section 6).

    It is kept nowhere. Raises: MailboxTrouble.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": settings.IMAP_OAUTH_CLIENT_ID,
        "client_secret": settings.IMAP_OAUTH_CLIENT_SECRET,
        "refresh_token": settings.IMAP_OAUTH_REFRESH_TOKEN,
        "scope": settings.IMAP_OAUTH_SCOPE,
    }
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = http.send(settings.IMAP_OAUTH_TOKEN_URL, body=body, headers=headers)
        told = json.loads(answer.body)
    except DeliveryError as error:
        raise MailboxTrouble(f"The token server cannot be reached: {error}") from error
    except ValueError as error:
        raise MailboxTrouble(f"The token server answered {answer.status} with something that is no token.") from error
    if answer.status != 200 or not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        code = re.sub(r"[^\w.-]", "", str(told.get("error", ""))) if isinstance(told, dict) else ""
        raise MailboxTrouble(f"The token server answered {answer.status} {code}: sign the mailbox in again.".strip())
    return str(told["access_token"])


def state_of(mailbox: BaseMailBox, folder: str) -> State:
    """Open a folder for reading, and return how it stands."""
    found = mailbox.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
    mailbox.folder.set(folder, readonly=True)
    return State(found["UIDVALIDITY"], found["UIDNEXT"])


def uids(mailbox: BaseMailBox, criteria: str) -> list[int]:
    """Return the UIDs of the open folder that match, the lowest first."""
    return sorted(int(uid) for uid in mailbox.uids(criteria) if uid.isdecimal())


def raw_mail(mailbox: BaseMailBox, uid: int, *, most_bytes: int) -> tuple[bytes, bool] | None:
    """Return a mail as it is on the server, and whether it is whole: of one that is too big only the headers come.

    None where it is there no more.
    """
    size = re.search(rb"RFC822\.SIZE (\d+)", _fetched(mailbox, uid, "(UID RFC822.SIZE)")[0])
    if size is None:
        return None
    is_whole = int(size[1]) <= most_bytes
    _, raw = _fetched(mailbox, uid, "(UID BODY.PEEK[])" if is_whole else "(UID BODY.PEEK[HEADER])")
    return (raw, is_whole) if raw else None


def _fetched(mailbox: BaseMailBox, uid: int, what: str) -> tuple[bytes, bytes]:
    """Return what the server says of a mail, and the literal in it. PEEK leaves the mail unread."""
    _, rows = mailbox.client.uid("FETCH", str(uid), what)
    said, raw = b"", b""
    for row in rows or []:
        said += row[0] if isinstance(row, tuple) else (row or b"")
        raw = row[1] if isinstance(row, tuple) and not raw else raw
    return said, raw


def _words(error: Exception) -> str:
    """Say what went wrong. A server's refusal to sign in may repeat what it was given: the settings' words are cut."""
    if isinstance(error, MailboxTrouble):
        return str(error)
    words = re.sub(r"\s+", " ", str(error))[:300]
    return f"{mailbox_name()}: {type(error).__name__}: {words}"


def sequence(numbers: Sequence[int]) -> str:
    """Return UIDs in words, such as "3, 7, 9 and 12 more"."""
    shown = ", ".join(str(number) for number in numbers[:20])
    return f"{shown} and {len(numbers) - 20} more" if len(numbers) > 20 else shown
