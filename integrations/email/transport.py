"""Sending one mail through whichever backend the settings name."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from anymail.exceptions import AnymailAPIError, AnymailError
from django.core.mail import get_connection

from common.errors import DeliveryError
from integrations.email.rendering import render_mail
from integrations.models import Delivery
from integrations.registry import Sent


def send(delivery: Delivery) -> Sent:
    """Send the mail of `delivery`.

    Raises: DeliveryError, permanent where the address or the mail itself was refused.
    """
    mail = render_mail(delivery)
    if mail is None:
        return Sent("What it is about, or the person, is gone; nothing was sent.", is_needless=True)
    try:
        accepted = get_connection().send_messages([mail])
    except AnymailAPIError as error:
        status = error.status_code or 0
        permanent = 400 <= status < 500 and status not in (401, 403, 408, 429)
        raise DeliveryError(f"The mail service answered {status}.", permanent=permanent) from error
    except AnymailError as error:
        raise DeliveryError(f"The mail service could not take it: {type(error).__name__}", permanent=True) from error
    except SMTPRecipientsRefused as error:
        raise DeliveryError(f"Refused: {error.recipients}", permanent=_are_permanent(error)) from error
    except SMTPResponseException as error:
        words = f"The mail server answered {error.smtp_code} {_text(error.smtp_error)}"
        # 5xx on signing in or before a recipient was named is a fault of the set-up, which somebody will mend.
        raise DeliveryError(words, permanent=error.smtp_code in (550, 551, 552, 553, 554)) from error
    except (SMTPException, OSError) as error:
        raise DeliveryError(f"The mail server cannot be reached: {type(error).__name__}: {error}") from error
    if not accepted:
        raise DeliveryError("The mail server took nothing.")
    return Sent("accepted", external_id=mail.extra_headers["Message-ID"])


def _are_permanent(error: SMTPRecipientsRefused) -> bool:
    return all(500 <= code < 600 for code, _ in error.recipients.values())


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
