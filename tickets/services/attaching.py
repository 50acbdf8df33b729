"""Putting files on tickets."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Invalid
from common.uploads import inspect
from tickets import events
from tickets.access import require_part, require_work
from tickets.models import Attachment, Message, Ticket
from tickets.services.cascade import service
from tickets.services.locking import lock, save


@service
def attach_file(
    ticket: Ticket, upload: UploadedFile, *, by: User, is_internal: bool = False, via_link: bool = False
) -> Attachment:
    """Put a file on `ticket` outside any message and return it.

    Raises: Invalid for what is not accepted, NotAllowed where a customer marks it internal.
    """
    ticket = lock(ticket)
    require_part(by, ticket, via_link=via_link)
    if is_internal:
        require_work(by, ticket)
    attachment = _store(ticket, upload, message=None, by=by, is_internal=is_internal)
    save(ticket)
    journal.record(
        events.FILE_ATTACHED,
        subject=ticket,
        by=by,
        data={"attachment": attachment.pk, "name": attachment.name, "is_internal": is_internal},
    )
    return attachment


def attach_all(ticket: Ticket, files: Sequence[UploadedFile], *, message: Message, by: Actor) -> list[Attachment]:
    """Store the files of `message`."""
    if len(files) > settings.PORTAL_ATTACHMENTS_PER_MESSAGE:
        most = settings.PORTAL_ATTACHMENTS_PER_MESSAGE
        raise Invalid(f"Attach at most {most} files.", field="files", code="too_many_files")
    return [_store(ticket, file, message=message, by=by, is_internal=message.is_internal) for file in files]


def _store(
    ticket: Ticket, upload: UploadedFile, *, message: Message | None, by: Actor, is_internal: bool
) -> Attachment:
    found = inspect(upload)
    attachment = Attachment(
        ticket=ticket,
        message=message,
        name=found.name,
        content_type=found.content_type,
        size=found.size,
        sha256=found.sha256,
        is_internal=is_internal,
        uploaded_by=by if isinstance(by, User) else None,
    )
    attachment.file.save(found.name, upload, save=False)
    try:
        with transaction.atomic():
            attachment.save(force_insert=True)
    except Exception:
        attachment.file.delete(save=False)
        raise
    return attachment
