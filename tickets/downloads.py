"""Handing out the files of tickets, by whichever door."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.signing import BadSignature, TimestampSigner
from django.http import FileResponse

from common.downloads import stored_file_response
from common.errors import NotFound
from tickets.models import Attachment

TOKEN_LIFE = dt.timedelta(minutes=10)

_signer = TimestampSigner(salt="tickets.downloads")


def file_response(attachment: Attachment) -> FileResponse:
    """Return the answer that carries the file. Whether the reader may have it has been asked before.

    Raises: NotFound where the file is no longer in the store.
    """
    return stored_file_response(attachment.file, name=attachment.name, content_type=attachment.content_type)


def signed_download_token(attachment: Attachment) -> str:
    """Return a word that opens this one file for ten minutes."""
    return _signer.sign(attachment.uid.hex)


def read_download_token(token: str) -> Attachment:
    """Return the file that `token` opens.

    Raises: NotFound for a token that is wrong or too old, or whose file is gone.
    """
    try:
        uid = uuid.UUID(_signer.unsign(token, max_age=TOKEN_LIFE))
        return Attachment.objects.select_related("ticket").get(uid=uid)
    except (BadSignature, ValueError, Attachment.DoesNotExist) as error:
        raise NotFound("This address has expired. Ask for the file again.") from error
