"""Own words of mails: writing them, going back to the built-in ones, and sending the latter where ours fail."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.template import TemplateSyntaxError

from accounts.models import User
from common import journal
from common.errors import Invalid, NotAllowed
from common.time import now
from integrations.email import events, wording
from integrations.email.mails import BY_NAME
from integrations.email.models import MailTemplate
from tickets.satisfaction.vocabulary import FACES

log = structlog.get_logger(__name__)

EDITABLE = tuple(BY_NAME)


@transaction.atomic
def save_template(name: str, language: str, *, subject: str, words: str, by: User) -> MailTemplate:
    """Send `name` in these words from now on. Raises: Invalid with the reason, at the field at fault."""
    _require(by, name, language)
    try_out(subject, words, name)
    values = {"subject": subject.strip(), "words": words.strip(), "last_error": "", "updated_at": now()}
    row, _ = MailTemplate.objects.update_or_create(name=name, language=language, defaults=values)
    journal.record(events.TEMPLATE_CHANGED, subject=row, by=by, data={"mail": name, "language": language})
    return row


@transaction.atomic
def reset_template(name: str, language: str, *, by: User) -> None:
    """Send `name` in the built-in words again. Twice is harmless."""
    _require(by, name, language)
    row = MailTemplate.objects.filter(name=name, language=language).first()
    if row is not None:
        journal.record(events.TEMPLATE_RESET, subject=row, by=by, data={"mail": name, "language": language})
        row.delete()


def try_out(subject: str, words: str, name: str) -> tuple[str, str, str]:
    """Return subject, text and HTML with made-up values. Raises: Invalid."""
    checked = wording.checked(subject, words)
    try:
        faces = SAMPLE_FACES if name == "satisfaction_survey" else []
        return checked.filled(SAMPLE, {**FRAME, "portal_name": settings.PORTAL_NAME, "faces": faces})
    except TemplateSyntaxError as error:
        raise Invalid(f"This cannot be read: {error}"[:300], field="words") from error


def own_words(name: str, context: dict[str, Any]) -> tuple[str, str, str] | None:
    """Return subject, text and HTML in own words; None where there are none, or they fail, which is noted."""
    row = MailTemplate.objects.filter(name=name, language=context["reader"].language).first()
    if row is None:
        return None
    try:
        return wording.checked(row.subject, row.words).filled(_values(context), context)
    except (Invalid, TemplateSyntaxError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.exception("mail_template_failed", template=row.pk)
        MailTemplate.objects.filter(pk=row.pk).update(last_error=f"{type(error).__name__}: {error}"[:300])
        return None


def _values(context: dict[str, Any]) -> dict[str, Any]:
    ticket, message = context["ticket"], context["message"]
    return {
        "name": context["reader"].name,
        "reference": ticket.reference,
        "subject": ticket.subject,
        "status": context["status_words"],
        "who": context["actor_name"],
        "message": message.body if message else "",
        "message_html": message.body_html if message else "",
        "portal": context["portal_name"],
        "link": context["url"],
        "is_final": ticket.is_final,
        "reads_mail": context["reads_mail"],
    }


def _require(by: User, name: str, language: str) -> None:
    if not by.has_perm("integrations.change_mailtemplate"):
        raise NotAllowed("Only a supervisor can change what mails say.")
    if name not in EDITABLE or language not in dict(settings.LANGUAGES):
        raise Invalid("There is no such mail.")


SAMPLE: dict[str, Any] = {
    "name": "Rita Lindqvist",
    "reference": "ODG-1042",
    "subject": "Lineage graph is <empty>",
    "status": "Waiting for your answer",
    "who": "Agnes Moreau",
    "message": "Which *version* do you run?",
    "message_html": "<p>Which <em>version</em> do you run?</p>",
    "portal": "OpenDataGov Support",
    "link": "https://support.example/t/...",
    "is_final": False,
    "reads_mail": True,
}
FRAME: dict[str, Any] = {
    "ticket": {"reference": SAMPLE["reference"], "subject": SAMPLE["subject"]},
    "reader": {"name": SAMPLE["name"]},
    "status_words": SAMPLE["status"],
    "url": SAMPLE["link"],
    "preferences_url": "https://support.example/profile",
    "reads_mail": True,
    "attachments": [],
}
SAMPLE_FACES = [
    {"emoji": face.emoji, "word": face.word, "rating": face.rating, "url": "https://support.example/survey/..."}
    for face in FACES.values()
]
