"""A reply that was sent waits a few seconds before it is a message, and until then its author may take it back.

Whoever holds the ticket's lock decides: a reply leaves once, or is taken back, never both.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from common import context, journal, retention
from common.actors import SYSTEM
from common.errors import Conflict, Invalid, PortalError
from common.time import now
from common.uploads import inspect
from tickets import events
from tickets.access import one_deed, require_sight, require_work
from tickets.models import Draft, HeldReply, Macro, Message, ReplyFile, StatusLabel, Ticket
from tickets.rules import MOVES
from tickets.services.cascade import service
from tickets.services.changing import change_ticket
from tickets.services.conversation import post_public_reply, require_open
from tickets.services.locking import lock
from tickets.services.macros import apply_macro, words_of
from tickets.services.text import checked_body
from tickets.vocabulary import FINAL_STATUSES, Channel, MessageKind

SENT_AT_ONCE_MOST = 100
UNSENT_KEPT = dt.timedelta(days=90)  # as long as drafts

log = structlog.get_logger(__name__)


@transaction.atomic
def hold_reply(
    ticket: Ticket,
    *,
    body: str,
    by: User,
    status: str = "",
    label: StatusLabel | None = None,
    files: Sequence[UploadedFile] = (),
    kept: Iterable[uuid.UUID] = (),
    expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> HeldReply:
    """Keep a public reply for PORTAL_UNDO_SECONDS, after which it leaves by itself, and return it.

    status: what to set the ticket to with it; label: which kind of it.
    kept: files of the author's draft that go with it.
    Raises: Conflict on a closed or cancelled ticket, and where somebody else's reply is about to leave; Stale, Invalid.
    """
    at = at or now()
    ticket = lock(ticket, expected_version=expected_version)
    require_work(by, ticket)
    require_sight(by, ticket)
    require_open(ticket)
    other = ticket.held_replies.filter(refusal="").exclude(author=by).select_related("author").first()
    if other is not None and expected_version is not None:
        raise Conflict(
            f"Not sent yet: {other.author} is sending a reply to {ticket.reference} at this moment. "
            "Wait until it is there, read it, then send yours again, or change it."
        )
    held = HeldReply.objects.create(
        ticket=ticket,
        author=by,
        body=checked_body(body, field="body"),
        status=status,
        label=label,
        held_at=at,
        leaves_at=at + dt.timedelta(seconds=settings.PORTAL_UNDO_SECONDS),
        request_id=context.current().request_id or uuid.uuid4().hex,
        ip_address=context.current().ip_address,
    )
    files_of_draft(ticket, by).filter(uid__in=list(kept)).update(held=held)
    keep_files(ticket, files, by=by, held=held)
    if held.files.count() > settings.PORTAL_ATTACHMENTS_PER_MESSAGE:
        most = settings.PORTAL_ATTACHMENTS_PER_MESSAGE
        raise Invalid(f"Attach at most {most} files.", field="files", code="too_many_files")
    transaction.on_commit(_wake_when_due, robust=True)
    return held


@transaction.atomic
def apply_macro_and_hold(
    macro: Macro, ticket: Ticket, *, by: User, reply: str | None = None, expected_version: int | None = None
) -> Ticket:
    """Take the macro's steps now, hold its public reply as one that was typed, and return the ticket: all or nothing.

    reply: the macro's words as the agent changed them; "" for none. Those of a note, and those to a ticket that the
    macro ends for good, wait for nothing.
    """
    reply = words_of(macro, ticket, by=by) if reply is None else reply
    ends = any(step["action"] == "set_status" and step["value"] in FINAL_STATUSES for step in macro.actions)
    is_held = settings.PORTAL_UNDO_SECONDS and reply.strip() and not macro.is_reply_internal and not ends
    if not is_held:
        return apply_macro(macro, ticket, by=by, reply=reply, expected_version=expected_version)
    with one_deed(by, ticket):
        hold_reply(ticket, body=reply, by=by, expected_version=expected_version)
        return apply_macro(macro, ticket, by=by, reply="", expected_version=expected_version)


@transaction.atomic
def undo_send(ticket: Ticket, held: int, *, by: User, written: str = "", is_note: bool = False) -> Draft:
    """Make a reply that has not left its author's draft again, with its files and status, and return the draft.

    held: its number.
    written: what stands in the composer meanwhile; it is kept below, and `is_note` where it was to be a note: then all
    of it is one, so that nothing internal gets out by mistake.
    Raises: Conflict where it has left already, or is somebody else's.
    """
    ticket, waiting = _waiting(ticket, held, by)
    draft = Draft.objects.filter(ticket=ticket, author=by).first() or Draft(ticket=ticket, author=by)
    below = written.strip() or draft.body.strip()
    was_note = is_note if written.strip() else draft.kind == MessageKind.INTERNAL_NOTE
    draft.kind = MessageKind.INTERNAL_NOTE if below and was_note else MessageKind.PUBLIC_REPLY
    draft.body = "\n\n".join(text for text in (waiting.body, below) if text)
    if waiting.status:
        draft.status, draft.label = waiting.status, waiting.label
    draft.saved_at = now()
    draft.save()
    waiting.files.update(held=None)
    waiting.delete()
    return draft


def sent_together(request_id: str, *, by: User) -> QuerySet[HeldReply]:
    """Return what `by` sent with one press to one ticket or to many, and what has not left."""
    return HeldReply.objects.filter(request_id=request_id, author=by, refusal="")


@dataclass(frozen=True)
class TakenBack:
    """Replies that were sent with one press and have not left. are_drafts: each is its author's draft on its ticket."""

    rows: list[HeldReply]
    are_drafts: bool


def undo_sent_together(request_id: str, *, by: User) -> TakenBack:
    """Take back what `by` sent to many tickets with one press, as far as it has not left.

    Where all got the same words these are only returned, to be sent again; else each is a draft on its own ticket.
    """
    rows = list(sent_together(request_id, by=by).select_related("ticket").order_by("pk"))
    are_drafts = len({row.body for row in rows}) > 1
    take_back = undo_send if are_drafts else _forget
    taken = []
    for row in rows:
        try:
            take_back(row.ticket, row.pk, by=by)
        except Conflict:
            continue  # this one left at that moment
        taken.append(row)
    return TakenBack(taken, are_drafts)


@transaction.atomic
def _forget(ticket: Ticket, held: int, *, by: User) -> None:
    """Take a reply back and keep nothing of it.   Raises: Conflict where it has left already."""
    _, waiting = _waiting(ticket, held, by)
    drop_files(ReplyFile.objects.filter(held=waiting))
    waiting.delete()


def _waiting(ticket: Ticket, held: int, by: User) -> tuple[Ticket, HeldReply]:
    """Lock the ticket and return it with the reply of `by` that waits on it."""
    ticket = lock(ticket)
    waiting = HeldReply.objects.filter(pk=held, ticket=ticket, author=by).first()
    if waiting is None:
        raise Conflict("The reply has left already, it cannot be taken back any more.", code="already_sent")
    return ticket, waiting


def send_held_replies(at: dt.datetime | None = None) -> int:
    """Let every held reply whose time has come leave, the oldest first; return how many left."""
    at = at or now()
    due = HeldReply.objects.filter(leaves_at__lte=at, refusal="").order_by("leaves_at", "pk")
    left = 0
    for key in list(due.values_list("pk", flat=True)[:SENT_AT_ONCE_MOST]):
        try:
            left += send_held_reply(key, at=at) is not None
        except Exception:  # a fault in one must not keep the others back; it is tried again, and seen
            log.exception("held_reply_failed", held_reply=key)
    return left


def send_held_reply(pk: int, *, at: dt.datetime | None = None) -> Message | None:
    """Make the held reply a message, its author's, as of now, and return it; None where it left or was taken back.

    One that cannot leave any more waits for its author, who is told by mail: the page may be closed by now.
    """
    try:
        return _leave(pk, at or now())
    except (PortalError, FileNotFoundError) as refusal:
        reason = refusal.message if isinstance(refusal, PortalError) else "One of its files is gone."
        log.warning("held_reply_refused", held_reply=pk, error=type(refusal).__name__)
        _keep_back(pk, reason)
        return None


@service
def _leave(pk: int, at: dt.datetime) -> Message | None:
    found = HeldReply.objects.filter(pk=pk, refusal="").select_related("ticket").first()
    ticket = lock(found.ticket) if found else None
    held = HeldReply.objects.filter(pk=pk, refusal="").select_related("author", "label").first()
    if ticket is None or held is None:  # taken back, or sent by another worker
        return None
    rows = list(held.files.all())
    uploads = [opened(row) for row in rows]
    try:
        with context.origin(context.Origin(held.request_id, held.ip_address)):
            message = post_public_reply(
                ticket, body=held.body, by=held.author, channel=Channel.CONSOLE, files=uploads, at=at
            )
            _set_status(message, held, at)
    finally:
        for upload in uploads:
            upload.close()
    drop_files(ReplyFile.objects.filter(held=held))
    held.delete()
    return message


def _set_status(message: Message, held: HeldReply, at: dt.datetime) -> None:
    """Set the status chosen with the reply, unless the customer wrote meanwhile, or it cannot be set any more."""
    ticket = message.ticket
    news = ticket.messages.filter(kind=MessageKind.CUSTOMER_MESSAGE, created_at__gt=held.held_at, is_automatic=False)
    is_possible = held.status in MOVES[ticket.status] or (held.label and held.status == ticket.status)
    if not is_possible or news.exists():
        return
    is_label = held.label is not None and held.label.is_active
    wanted = {"label": held.label} if is_label else {"status": held.status}
    change_ticket(ticket, by=held.author, **wanted, at=at)


@transaction.atomic
def _keep_back(pk: int, reason: str) -> None:
    held = HeldReply.objects.filter(pk=pk, refusal="").select_related("author", "ticket").first()
    if held is None:
        return
    HeldReply.objects.filter(pk=pk).update(refusal=reason[:300])
    told = f"Your reply did not leave. {reason} It is kept on the ticket's page, where you can take it back."
    data = {"people": [held.author_id], "what": "the author of a reply that did not leave", "text": told}
    journal.record(events.NOTICE_WANTED, subject=held.ticket, by=SYSTEM, data=data)


# --- files of what is not sent ---


def files_of_draft(ticket: Ticket, author: User) -> QuerySet[ReplyFile]:
    return ReplyFile.objects.filter(ticket=ticket, author=author, held=None)


def keep_files(
    ticket: Ticket, files: Iterable[UploadedFile], *, by: User, held: HeldReply | None = None
) -> list[ReplyFile]:
    """Store files of a reply that is held, or else of the draft.   Raises: Invalid for what is not accepted."""
    kept = []
    for upload in files:
        found = inspect(upload)
        row = ReplyFile(ticket=ticket, author=by, held=held, name=found.name, size=found.size)
        upload.seek(0)
        row.file.save(found.name, upload, save=False)
        row.save(force_insert=True)
        kept.append(row)
    return kept


@contextmanager
def draft_files(ticket: Ticket, *, by: User, chosen: Iterable[uuid.UUID]) -> Iterator[list[UploadedFile]]:
    """Give the chosen files of the draft as if they had just been uploaded, and close them at the end."""
    uploads = [opened(row) for row in files_of_draft(ticket, by).filter(uid__in=list(chosen))]
    try:
        yield uploads
    finally:
        for upload in uploads:
            upload.close()


def opened(row: ReplyFile) -> UploadedFile:
    """Return the file as if it had just been uploaded. To be closed."""
    return UploadedFile(row.file.open("rb").file, name=row.name, size=row.size)


def drop_files(rows: QuerySet[ReplyFile]) -> int:
    """Delete the rows, and what they name once that is certain; return how many."""
    found = list(rows)
    for row in found:
        transaction.on_commit(lambda row=row: row.file.storage.delete(row.file.name), robust=True)  # type: ignore[misc]
    ReplyFile.objects.filter(pk__in=[row.pk for row in found]).delete()
    return len(found)


def purge_unsent(at: dt.datetime) -> int:
    """Forget what nobody took back, and files whose draft is gone."""
    with transaction.atomic():
        held = HeldReply.objects.filter(held_at__lt=at - UNSENT_KEPT).exclude(refusal="")
        old = ReplyFile.objects.filter(held=None, created_at__lt=at - UNSENT_KEPT)
        n_files = drop_files(ReplyFile.objects.filter(held__in=held)) + drop_files(old)
        return n_files + held.delete()[0]


retention.register("replies that did not leave", purge_unsent)


def _wake_when_due() -> None:
    from tickets.tasks import send_held_replies as task

    task.apply_async(countdown=settings.PORTAL_UNDO_SECONDS)
