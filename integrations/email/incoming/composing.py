"""What a mail comes to as a message: its text, what is folded, its files, and words about what could not be kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile

from common.errors import Invalid
from common.uploads import harmless_name, inspect
from integrations.email.incoming import rules
from integrations.email.incoming.mail import File, Mail
from integrations.email.incoming.parts import SUFFIXES
from integrations.email.incoming.quoting import Split, split
from integrations.email.incoming.redacting import without_secrets
from tickets.services.text import BODY_CHARACTERS_MOST, SUBJECT_CHARACTERS

ROOM_FOR_NOTE = 1_500
NAMED_MOST = 10


@dataclass
class Composed:
    body: str
    quoted: str = ""
    files: list[UploadedFile] = field(default_factory=list)


def compose(mail: Mail, *, is_opening: bool) -> Composed:
    """Return the message. is_opening: it begins a ticket, where what was passed on is what it is about."""
    parts = split(without_secrets(mail.text))
    if is_opening and parts.is_forwarded:
        parts = Split(without_secrets(mail.text))
    files, refused = _files(mail.files)
    composed = Composed(parts.new.strip() or "(The mail has no text.)", parts.folded, files)
    if len(composed.body) > BODY_CHARACTERS_MOST - ROOM_FOR_NOTE:
        _shorten(composed, refused)
    if refused:
        named = "; ".join(refused[:NAMED_MOST]) + (
            f"; and {len(refused) - NAMED_MOST} more" * (len(refused) > NAMED_MOST)
        )
        composed.body += f"\n\nNot attached: {named}. The support team can look into the mail as it came."[
            :ROOM_FOR_NOTE
        ]
    return composed


def subject_of(mail: Mail) -> str:
    """Return a subject that a ticket can have."""
    least, most = SUBJECT_CHARACTERS
    subject = rules.bare_subject(mail.subject)[:most]
    return subject if len(subject.strip()) >= least else f"Email: {subject.strip() or 'no subject'}"


def _shorten(composed: Composed, refused: list[str]) -> None:
    """Keep the beginning, and the whole as a file beside it."""
    whole = composed.body.encode()
    most = BODY_CHARACTERS_MOST - ROOM_FOR_NOTE - 200
    composed.body = composed.body[:most].rstrip() + "\n\n(The text goes on in the attached file message.txt.)"
    composed.files.insert(0, SimpleUploadedFile("message.txt", whole, "text/plain"))
    most = settings.PORTAL_ATTACHMENTS_PER_MESSAGE
    refused += [f"{harmless_name(one.name or 'file')} (at most {most} files)" for one in composed.files[most:]]
    del composed.files[most:]


def _files(came: tuple[File, ...]) -> tuple[list[UploadedFile], list[str]]:
    """Return the files that are taken, and for each other one its name and why not."""
    taken: list[UploadedFile] = []
    refused = []
    # Pictures within the text are often logos: where there are too many, what was attached by hand comes first.
    for file in sorted(came, key=lambda one: one.is_inline):
        if len(taken) == settings.PORTAL_ATTACHMENTS_PER_MESSAGE:
            refused.append(f"{harmless_name(file.name)} (at most {len(taken)} files)")
            continue
        try:
            taken.append(_accepted(file))
        except Invalid as reason:
            refused.append(reason.message.rstrip("."))
    return taken, refused


def _accepted(file: File) -> UploadedFile:
    """Return a file that can be attached, under a name that fits its content.

    Raises: Invalid, with the name in its words.
    """
    upload = SimpleUploadedFile(file.name, file.content, file.content_type)
    try:
        inspect(upload)
    except Invalid:
        suffix = SUFFIXES.get(file.content_type, "")
        if not suffix or file.name.lower().endswith(suffix):
            raise
        upload = SimpleUploadedFile(f"{file.name}{suffix}", file.content, file.content_type)
        inspect(upload)
    return upload
