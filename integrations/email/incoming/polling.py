"""Fetching what is new in a mailbox, and counting whether anything was missed.

How far a folder was read is kept here, by UID: whether somebody has looked at a mail says nothing about us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction
from imap_tools import AND, BaseMailBox

from common import queue
from common.time import now
from integrations.email.incoming import imap
from integrations.email.incoming.imap import MailboxTrouble, State
from integrations.email.incoming.models import FetchedMail, MailFolder
from integrations.email.incoming.parsing import BYTES_MOST
from integrations.email.incoming.storing import external_id, store
from integrations.models import InboundEvent
from integrations.redaction import redacted

log = structlog.get_logger(__name__)

MAILS_MOST = 500  # in one go; the next begins a minute later
FIRST_DAYS = 1  # how far back a mailbox is read that was never read before
OVERLAP_DAYS = 2  # how far back one is read whose server numbered everything anew
GAPS_MOST = 500


@dataclass(frozen=True)
class Count:
    """What reconciling one folder found. waiting: on the server and not fetched yet. gaps: passed over, by UID."""

    folder: str
    on_server: int
    stored: int
    waiting: int
    gaps: list[int]


def fetch_mail() -> int:
    """Store what is new in every folder, and return how many mails that were. Nothing while another does so.

    Raises: MailboxTrouble, which is noted with the folder too.
    """
    if not settings.IMAP_URL:
        return 0
    with queue.alone("fetch-mail", seconds=600) as is_alone:
        if not is_alone:
            return 0
        with _troubles_noted(), imap.opened() as mailbox:
            return sum(_fetch(mailbox, folder) for folder in _folders())


def reconcile_mail(*, is_repairing: bool = False) -> list[Count]:
    """Compare what is on the server with what was stored, and note the gaps.

    is_repairing: fetch them.   Raises: MailboxTrouble.
    """
    if not settings.IMAP_URL:
        return []
    with _troubles_noted(), imap.opened() as mailbox:
        return [_reconcile(mailbox, folder, is_repairing) for folder in _folders()]


def fetch_quietly() -> int:
    """Fetch as the schedule does: trouble is noted, and another try is a minute away."""
    try:
        return fetch_mail()
    except MailboxTrouble:
        return 0


def reconcile_quietly() -> int:
    """Reconcile as the schedule does, and return how many gaps were found."""
    try:
        return sum(len(one.gaps) for one in reconcile_mail())
    except MailboxTrouble:
        return 0


@contextmanager
def _troubles_noted() -> Iterator[None]:
    """Note trouble with the folders, where people look for it, and pass it on."""
    try:
        yield
    except MailboxTrouble as trouble:
        words = redacted(str(trouble))[:500]
        log.warning("mailbox_unreadable", error=words)
        MailFolder.objects.filter(pk__in=[folder.pk for folder in _folders()]).update(last_error=words)
        raise


def _folders() -> list[MailFolder]:
    name = imap.mailbox_name()
    return [MailFolder.objects.get_or_create(mailbox=name, folder=one)[0] for one in settings.IMAP_FOLDERS]


def _fetch(mailbox: BaseMailBox, folder: MailFolder) -> int:
    state = imap.state_of(mailbox, folder.folder)
    if folder.uid_validity != state.uid_validity:
        _begin(mailbox, folder, state)
    # "n:*" always names the last mail too, however low its number.
    new = [uid for uid in imap.uids(mailbox, f"UID {folder.last_uid + 1}:*") if uid > folder.last_uid]
    for uid in new[:MAILS_MOST]:
        _take(mailbox, folder, uid)
        folder.last_uid = uid
        folder.save(update_fields=["last_uid"])
    folder.read_at, folder.last_error = now(), ""
    folder.save(update_fields=["read_at", "last_error"])
    return len(new[:MAILS_MOST])


def _begin(mailbox: BaseMailBox, folder: MailFolder, state: State) -> None:
    """Set where to begin in a folder that is new to us, or was numbered anew; what comes twice is stored once."""
    since = (
        folder.read_at - dt.timedelta(days=OVERLAP_DAYS) if folder.read_at else now() - dt.timedelta(days=FIRST_DAYS)
    )
    recent = imap.uids(mailbox, str(AND(date_gte=since.date())))
    folder.uid_validity = state.uid_validity
    folder.first_uid = folder.last_uid = min(recent, default=state.next_uid) - 1
    folder.save(update_fields=["uid_validity", "first_uid", "last_uid"])
    log.info("mail_folder_begun", folder=folder.pk, first_uid=folder.first_uid)


def _take(mailbox: BaseMailBox, folder: MailFolder, uid: int) -> None:
    """Store one mail, and that it was stored."""
    found = imap.raw_mail(mailbox, uid, most_bytes=BYTES_MOST)
    if found is None:
        return
    raw, is_whole = found
    told = (
        {} if is_whole else {"unusable": f"The mail is larger than {BYTES_MOST // 1_000_000} MB; it is in the mailbox."}
    )
    with transaction.atomic():
        row = store(raw, way="IMAP", told={"folder": folder.folder, "uid": str(uid), **told})
        if row is None:
            row = InboundEvent.objects.light().get(source="email", external_id=external_id(raw))
        key = {"folder": folder, "uid_validity": folder.uid_validity, "uid": uid}
        FetchedMail.objects.get_or_create(**key, defaults={"event": row})


def _reconcile(mailbox: BaseMailBox, folder: MailFolder, is_repairing: bool) -> Count:
    state = imap.state_of(mailbox, folder.folder)
    if folder.uid_validity != state.uid_validity:
        _begin(mailbox, folder, state)
    on_server = [uid for uid in imap.uids(mailbox, "ALL") if uid > folder.first_uid]
    fetched = FetchedMail.objects.filter(folder=folder, uid_validity=folder.uid_validity)
    stored = set(fetched.values_list("uid", flat=True))
    gaps = [uid for uid in on_server if uid <= folder.last_uid and uid not in stored]
    waiting = sum(uid > folder.last_uid for uid in on_server)
    count = Count(folder.folder, len(on_server), len(stored), waiting, gaps)
    if is_repairing:
        for uid in gaps:
            _take(mailbox, folder, uid)
        gaps = []
    folder.gaps, folder.reconciled_at, folder.last_error = gaps[:GAPS_MOST], now(), ""
    folder.save(update_fields=["gaps", "reconciled_at", "last_error"])
    if count.gaps:
        log.warning("mail_gaps", folder=folder.pk, gaps=len(count.gaps))
    return count
