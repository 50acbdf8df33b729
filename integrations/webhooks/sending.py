"""Telling one webhook of one event: signed, never redirected, and remembered whether anybody listens."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from common import http
from common.errors import DeliveryError
from common.time import now
from integrations.models import Delivery
from integrations.registry import Sent
from integrations.webhooks import services
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.rules import GONE, SUCCESS, without_addresses
from integrations.webhooks.signing import opened, signed_headers

SECONDS_MOST = 10
ANSWER_BYTES_MOST = 64_000
ANSWER_CHARACTERS_SHOWN = 500
RETRY_AFTER_UNSAID = 30


def send(delivery: Delivery) -> Sent:
    """Make one try. Raises: DeliveryError; permanent where the address says that it is gone for good."""
    subscription = WebhookSubscription.objects.filter(pk=key_of(delivery.destination)).first()
    if subscription is None:
        return Sent("The webhook was deleted.", is_needless=True)
    if not subscription.is_active:
        return Sent("The webhook is switched off.", is_needless=True)
    try:
        answer = _ask(subscription, delivery)
        _judge(answer, subscription)
    except DeliveryError:
        services.note_failure(subscription, at=now())
        raise
    services.note_success(subscription, at=now())
    return Sent(_words(answer))


def key_of(destination: str) -> int:
    """Return the subscription's key out of "webhook:7"."""
    return int(destination.rpartition(":")[2])


def _ask(subscription: WebhookSubscription, delivery: Delivery) -> http.Answer:
    at = now()
    keys = [opened(subscription.secret)]
    if subscription.has_two_secrets_at(at):
        keys.append(opened(subscription.previous_secret))
    body = delivery.payload["body"]
    return http.send(
        subscription.url,
        body=body.encode(),
        headers=signed_headers(body, webhook_id=delivery.payload["webhook_id"], at=at, keys=keys),
        timeout=(3, SECONDS_MOST),
        seconds_most=SECONDS_MOST,
        most_bytes=ANSWER_BYTES_MOST,
    )


def _judge(answer: http.Answer, subscription: WebhookSubscription) -> None:
    """Raise DeliveryError unless the receiver took it."""
    if answer.status in SUCCESS:
        return
    if answer.status == GONE:
        services.disable_webhook(subscription, reason="Its address answered 410: it is gone for good.")
        raise DeliveryError(_words(answer), permanent=True)
    if 300 <= answer.status < 400:
        raise DeliveryError(f"{answer.status}: the address redirects, which is not followed. Give the final one.")
    raise DeliveryError(_words(answer), retry_after=_retry_after(answer))


def _words(answer: http.Answer) -> str:
    """Return the status and the beginning of what was said, without email addresses. The outbox hides secrets."""
    said = answer.body.decode("utf-8", "replace").replace("\x00", "")[:ANSWER_CHARACTERS_SHOWN].strip()
    status = f"{answer.status} {_phrase(answer.status)}".strip()
    return f"{status}: {without_addresses(said)}" if said else status


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _retry_after(answer: http.Answer) -> int | None:
    """Return the seconds that a busy receiver asks for, given as seconds or as a date."""
    if answer.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return None
    said = (answer.headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]{1,7}", said):
        return int(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return RETRY_AFTER_UNSAID if answer.status == HTTPStatus.TOO_MANY_REQUESTS else None
    until = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0, round((until - now()).total_seconds()))
