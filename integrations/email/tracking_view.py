"""The door for what SendGrid tells of our mails. Who may come in, anymail decides; how old it may be, we do."""

from __future__ import annotations

import hashlib

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.time import now
from integrations.receiving import accepted, receiver, refused
from integrations.services import receive

TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
BYTES_MOST = 4_000_000


@receiver(most_bytes=BYTES_MOST)
def tracking(request: HttpRequest, body: bytes) -> HttpResponse:
    """Store a batch of events. The signature decides where there is a key, else the password in the address."""
    if not (_is_signed(request) if settings.SENDGRID_WEBHOOK_PUBLIC_KEYS else _knows_password(request)):
        return refused()
    receive("sendgrid-events", external_id=hashlib.sha256(body).hexdigest(), body=body)
    return accepted()


def _is_signed(request: HttpRequest) -> bool:
    stamp = request.headers.get(TIMESTAMP, "")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        return False
    if abs(now().timestamp() - int(stamp)) > settings.SENDGRID_WEBHOOK_TOLERANCE_SECONDS:
        return False
    return any(
        _lets_in(SendGridTrackingWebhookView(tracking_webhook_verification_key=key, webhook_secret=[]), request)
        for key in settings.SENDGRID_WEBHOOK_PUBLIC_KEYS
    )


def _knows_password(request: HttpRequest) -> bool:
    secrets = settings.SENDGRID_INBOUND_SECRETS
    return bool(secrets) and _lets_in(SendGridTrackingWebhookView(webhook_secret=secrets), request)


def _lets_in(door: SendGridTrackingWebhookView, request: HttpRequest) -> bool:
    try:
        door.run_validators(request)
    except (AnymailWebhookValidationFailure, ValueError):  # ValueError: a header that is no credentials at all
        return False
    return True
