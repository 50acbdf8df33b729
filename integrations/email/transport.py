"""Sending one mail through whichever backend the settings name, or through the second one while that is away.

SMTP repeats a mail under the same Message-ID, and mail programs show it once. SendGrid has nothing of the kind: a
sending whose outcome is unknown waits for what SendGrid tells of it, and is repeated only when nothing comes.
"""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

import structlog
from anymail.exceptions import AnymailAPIError, AnymailError
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from common.errors import DeliveryError
from common.http import never_connected
from common.time import now
from integrations.email.models import MailEvent
from integrations.email.rendering import render_mail
from integrations.email.suppressing import held_back_words, suppressed
from integrations.models import Delivery
from integrations.registry import Sent

log = structlog.get_logger(__name__)

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SENDGRID = "anymail.backends.sendgrid.EmailBackend"
AWAY, AWAY_SECONDS = "email:first-server-away", 60
WORD_COMES_WITHIN = dt.timedelta(minutes=5)  # SendGrid tells of a mail within seconds of taking it
WAITING = "Waiting for word of the last try"
BUSY_SECONDS, BUSY_SECONDS_MOST = 30, 3600


def send(delivery: Delivery) -> Sent:
    """Send the mail of `delivery`.

    Raises: DeliveryError, permanent where the address or the mail itself was refused.
    """
    mail = render_mail(delivery)
    if mail is None:
        return Sent("What it is about, or the person, is gone; nothing was sent.", is_needless=True)
    held_back = suppressed([delivery.destination])
    # What somebody asked for a moment ago, such as a code to sign in, is sent all the same.
    if held_back and not delivery.is_secret:
        return Sent(held_back_words(held_back[delivery.destination.lower()]), is_needless=True)
    name = mail.extra_headers["Message-ID"]
    if delivery.may_have_gone and settings.EMAIL_BACKEND == SENDGRID and _went_out(delivery):
        return Sent("The last try had been taken, as the mail service told.", external_id=name)
    mail.metadata = _metadata(delivery)  # type: ignore[attr-defined]  # what comes back with every event of it
    return Sent(_send_somehow(mail), external_id=name)


def _metadata(delivery: Delivery) -> dict[str, str]:
    event, ticket = delivery.event, ""
    if event is not None and event.subject_type == "tickets.ticket":
        ticket = f"{settings.PORTAL_TICKET_PREFIX}-{event.subject_id}"
    level = str(delivery.payload.get("percent", "")) if delivery.template == "sla_escalation" else ""
    told = {"ticket_id": ticket, "email_type": delivery.template, "escalation_level": level}
    return {name: value for name, value in told.items() if value} | {"delivery": delivery.attempt_id}


def _went_out(delivery: Delivery) -> bool:
    """Tell whether the last try was taken. Raises: DeliveryError while word of it may still come."""
    if MailEvent.objects.filter(attempt_id=delivery.attempt_id).exists():
        return True
    last = delivery.attempts.exclude(answer__startswith=WAITING).order_by("-started_at").first()
    began_at = last.started_at if last else delivery.claimed_at
    if began_at is not None and now() - began_at < WORD_COMES_WITHIN:
        raise DeliveryError(f"{WAITING}: whether it was taken is not known yet.", is_lone=True)
    return False


def _send_somehow(mail: EmailMultiAlternatives) -> str:
    """Send by the first server, or by the second one while the first is away; return what to log."""
    if not settings.SMTP_FALLBACK:
        _send_by(get_connection(), mail)
        return "accepted"
    if not cache.get(AWAY):
        try:
            _send_by(get_connection(), mail)
            return "accepted"
        except DeliveryError as failure:
            if failure.permanent or failure.is_unknown:
                raise
            cache.set(AWAY, 1, timeout=AWAY_SECONDS)
            log.warning("email_by_second_server", error=str(failure)[:200])
    _send_by(_second(), mail)
    return "accepted by the second mail server"


def _second() -> BaseEmailBackend:
    named = settings.SMTP_FALLBACK
    options: dict[str, Any] = {
        "host": named.get("EMAIL_HOST"),
        "port": named.get("EMAIL_PORT"),
        "username": named.get("EMAIL_HOST_USER"),
        "password": named.get("EMAIL_HOST_PASSWORD"),
        "use_tls": named.get("EMAIL_USE_TLS", False),
        "use_ssl": named.get("EMAIL_USE_SSL", False),
    }
    backend: BaseEmailBackend = get_connection(SMTP, **options)
    return backend


def _send_by(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    try:
        accepted = connection.send_messages([mail])
    except AnymailAPIError as error:
        raise _refusal(error) from error
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


def _refusal(error: AnymailAPIError) -> DeliveryError:
    """Return what an answer of the mail service means, or that none came."""
    status = error.status_code or 0
    if not status:
        causes = (error, error.__cause__, error.__context__)  # anymail wraps the connection's own fault
        is_unknown = isinstance(error, OSError) and not any(never_connected(one) for one in causes if one)
        words = "The mail service broke off before it answered." if is_unknown else "The mail service is out of reach."
        return DeliveryError(words, is_unknown=is_unknown)
    permanent = 400 <= status < 500 and status not in (401, 403, 408, 429)
    wait = _wait_seconds(error) if status == 429 else None
    return DeliveryError(f"The mail service answered {status}.", permanent=permanent, retry_after=wait)


def _wait_seconds(error: AnymailAPIError) -> int:
    """Return how long to wait: SendGrid names the instant, and has no Retry-After."""
    headers = error.response.headers if error.response is not None else {}
    reset = headers.get("X-RateLimit-Reset", "")
    seconds = int(reset) - int(now().timestamp()) if reset.isdecimal() and len(reset) < 12 else BUSY_SECONDS
    return min(max(seconds, 1), BUSY_SECONDS_MOST)


def _are_permanent(error: SMTPRecipientsRefused) -> bool:
    return all(500 <= code < 600 for code, _ in error.recipients.values())


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
