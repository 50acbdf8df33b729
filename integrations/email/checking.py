"""Whether mail can be sent: what it is set up with, and whether the other side lets us in."""

from __future__ import annotations

import json
from smtplib import SMTPException
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import get_connection

from common.errors import DeliveryError
from common.http import fetch
from integrations.email.transport import SENDGRID, SMTP
from integrations.registry import Verdict

NEEDED_SCOPE = "mail.send"


def why() -> str:
    """Say in a sentence which way mail goes."""
    second = " A second server stands by." if settings.SMTP_FALLBACK else ""
    if settings.EMAIL_BACKEND == SENDGRID:
        return f"Mail goes by SendGrid (SENDGRID_API_KEY).{second}"
    if settings.EMAIL_BACKEND == SMTP:
        return f"Mail goes by the server {settings.EMAIL_HOST} (EMAIL_URL).{second}"
    return "Mail goes to files: neither SENDGRID_API_KEY nor EMAIL_URL is set."


def check(is_live: bool) -> Verdict:
    """Tell whether mail is set up, and with `is_live` whether the other side lets us in."""
    if not is_live:
        return Verdict(True, why())
    if settings.EMAIL_BACKEND == SENDGRID:
        return _sendgrid()
    return _smtp() if settings.EMAIL_BACKEND == SMTP else Verdict(True, why())


def _sendgrid() -> Verdict:
    headers = {"Authorization": f"Bearer {settings.SENDGRID_API_KEY}"}
    try:
        answer = fetch(urljoin(str(settings.ANYMAIL["SENDGRID_API_URL"]), "scopes"), headers=headers, timeout=(3, 10))
        scopes = json.loads(answer.body).get("scopes", []) if answer.status == 200 else []
    except (DeliveryError, ValueError, AttributeError) as error:
        return Verdict(False, f"SendGrid cannot be asked: {error}")
    if answer.status != 200:
        return Verdict(False, f"SendGrid answered {answer.status}: the key is not accepted.")
    if NEEDED_SCOPE not in scopes:
        return Verdict(False, f"SendGrid knows the key, and it may not send: it lacks the scope {NEEDED_SCOPE}.")
    return Verdict(True, "SendGrid knows the key, and it may send.")


def _smtp() -> Verdict:
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        return Verdict(False, f"{settings.EMAIL_HOST} cannot be used: {type(error).__name__}.")
    connection.close()
    return Verdict(True, f"{settings.EMAIL_HOST} lets us in.")
