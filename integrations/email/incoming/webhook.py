"""SendGrid's Inbound Parse. A mail that is answered with 3xx or 4xx is gone for good, one with 5xx comes again."""

from __future__ import annotations

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.sendgrid import SendGridInboundWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from integrations.email.incoming.forms import FormUnreadable, fields_of, mail_in, told_by
from integrations.email.incoming.storing import store
from integrations.receiving import accepted, receiver, refused

BYTES_MOST = 36_000_000  # a mail of 30 MB and its form


class InboundParse(SendGridInboundWebhookView):  # type: ignore[misc]
    """anymail's door: who may come in, it decides; what is brought we store before anything is made of it."""

    def post(self, request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
        try:
            self.run_validators(request)
        except (AnymailWebhookValidationFailure, ValueError):  # ValueError: a header that is no credentials at all
            return refused()
        _store(request.body, request.headers.get("Content-Type", ""))
        return accepted()


def _store(body: bytes, content_type: str) -> None:
    try:
        fields = fields_of(body, content_type)
        raw, told = mail_in(fields), told_by(fields)
    except FormUnreadable as reason:
        store(body, way="SendGrid", told={"unusable": f"SendGrid's form could not be read. {reason}"})
        return
    store(raw, way="SendGrid", recipient=told.pop("recipient", ""), told=told)


@receiver(most_bytes=BYTES_MOST)
def inbound(request: HttpRequest, _body: bytes) -> HttpResponse:
    if not settings.SENDGRID_INBOUND_SECRETS:
        return refused()
    door = InboundParse(webhook_secret=settings.SENDGRID_INBOUND_SECRETS)
    door.setup(request)
    return door.post(request)
