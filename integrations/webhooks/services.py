"""Every write to a webhook: making, changing, its secrets, its tests, and switching it off."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts.models import Organization, ProductArea, User
from common import journal
from common.actors import SYSTEM
from common.errors import Conflict, Invalid, NotAllowed
from common.http import is_public
from common.time import now
from integrations.models import Delivery
from integrations.services import queue_delivery, redeliver_between
from integrations.webhooks import catalogue, events
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.rules import DAYS_OF_FAILURE, envelope, is_hopeless
from integrations.webhooks.signing import make_secret, sealed
from tickets.vocabulary import Priority

FIELDS = ("name", "url", "event_types", "filters", "is_active")
FILTERS = ("priorities", "organizations", "product_areas", "tags")
SUCCESS_IS_WRITTEN_EVERY = dt.timedelta(seconds=30)
OVERLAP_HOURS, OVERLAP_HOURS_MOST = 24, 168
FINISHED: tuple[str, ...] = (Delivery.State.DELIVERED, Delivery.State.DEAD, Delivery.State.SKIPPED)


@transaction.atomic
def create_webhook(*, by: User, **fields: Any) -> tuple[WebhookSubscription, str]:
    """Add a webhook and return it and its secret, which cannot be shown again.

    fields: name, url, event_types, and if wanted filters, is_active.   Raises: Invalid, NotAllowed.
    """
    _require(by, "add")
    secret = make_secret()
    checked = _checked({"filters": {}, "is_active": True, **fields})
    subscription = WebhookSubscription.objects.create(owner=by, secret=sealed(secret), **checked)
    data = {"name": subscription.name, "url": subscription.url, "event_types": subscription.event_types}
    journal.record(events.CREATED, subject=subscription, by=by, data=data)
    return subscription, secret


@transaction.atomic
def change_webhook(subscription: WebhookSubscription, *, by: User, **fields: Any) -> WebhookSubscription:
    """Change what `fields` name. Switching it on forgets why it was switched off, and how long it failed."""
    _require(by, "change")
    subscription = _locked(subscription)
    changes = {}
    for name, value in _checked(fields).items():
        if getattr(subscription, name) != value:
            changes[name] = {"from": getattr(subscription, name), "to": value}
            setattr(subscription, name, value)
    if not changes:
        return subscription
    if "is_active" in changes or "url" in changes:
        subscription.failing_since = None
    if "is_active" in changes:
        subscription.disabled_reason = "" if subscription.is_active else f"Switched off by {by.name}."[:300]
    subscription.updated_at = now()
    subscription.save()
    journal.record(events.CHANGED, subject=subscription, by=by, data={"changes": changes})
    return subscription


@transaction.atomic
def delete_webhook(subscription: WebhookSubscription, *, by: User) -> None:
    """Forget a webhook. What still waits for it is not sent any more; what was sent stays in the log."""
    _require(by, "delete")
    subscription = _locked(subscription)
    data = {"name": subscription.name, "url": subscription.url}
    journal.record(events.DELETED, subject=subscription, by=by, data=data)
    subscription.delete()


@transaction.atomic
def rotate_secret(
    subscription: WebhookSubscription, *, by: User, overlap_hours: int = OVERLAP_HOURS
) -> tuple[WebhookSubscription, str]:
    """Give the webhook a new secret and return it. The old one signs too for so many hours, 0 for not at all."""
    _require(by, "change")
    if not 0 <= overlap_hours <= OVERLAP_HOURS_MOST:
        raise Invalid(f"Choose from 0 to {OVERLAP_HOURS_MOST} hours.", field="overlap_hours")
    subscription = _locked(subscription)
    secret, at = make_secret(), now()
    until = at + dt.timedelta(hours=overlap_hours)
    subscription.previous_secret = subscription.secret if overlap_hours else ""
    subscription.previous_secret_until = until if overlap_hours else None
    subscription.secret, subscription.updated_at = sealed(secret), at
    subscription.save(update_fields=["secret", "previous_secret", "previous_secret_until", "updated_at"])
    journal.record(events.SECRET_ROTATED, subject=subscription, by=by, data={"previous_until": until})
    return subscription, secret


@transaction.atomic
def send_test(subscription: WebhookSubscription, *, by: User) -> Delivery:
    """Queue a test event. Raises: Conflict where the webhook is switched off."""
    _require(by, "change")
    subscription = _locked(subscription)
    if not subscription.is_active:
        raise Conflict("The webhook is switched off. Switch it on, then test it.")
    data = {"webhook_id": subscription.pk, "name": subscription.name, "words": catalogue.PING_EXAMPLE["words"]}
    body = envelope(catalogue.PING, catalogue.instant(now()), data)
    journal.record(events.TESTED, subject=subscription, by=by)
    delivery = queue_delivery(
        kind="webhook",
        template=catalogue.PING,
        destination=subscription.destination,
        payload={"webhook_id": f"evt_{uuid.uuid4().hex}", "body": body},
    )
    return cast("Delivery", delivery)  # only of an event there can be one already


@transaction.atomic
def redeliver_range(
    subscription: WebhookSubscription, *, since: dt.datetime, until: dt.datetime, by: User, state: str = ""
) -> int:
    """Send again what was queued for the webhook in a span, oldest first, and return how many.

    state: of those to send again; every finished one where it is not said.   Raises: Invalid, Conflict, NotAllowed.
    """
    subscription = _locked(subscription)
    if not subscription.is_active:
        raise Conflict("The webhook is switched off. Switch it on first.")
    states = (state,) if state else FINISHED
    count = redeliver_between(since, until, by=by, circuit=subscription.destination, states=states)
    data = {"since": since, "until": until, "count": count}
    journal.record(events.REDELIVERED, subject=subscription, by=by, data=data)
    return count


def note_success(subscription: WebhookSubscription, *, at: dt.datetime) -> None:
    """Keep that somebody listens; not for every delivery of a burst."""
    last = subscription.last_success_at
    if subscription.failing_since is None and last is not None and at - last < SUCCESS_IS_WRITTEN_EVERY:
        return
    WebhookSubscription.objects.filter(pk=subscription.pk).update(last_success_at=at, failing_since=None)


def note_failure(subscription: WebhookSubscription, *, at: dt.datetime) -> None:
    """Keep since when nothing but failure came of the webhook, and switch it off after DAYS_OF_FAILURE of that."""
    rows = WebhookSubscription.objects.filter(pk=subscription.pk)
    rows.filter(failing_since=None).update(failing_since=at)
    since = rows.values_list("failing_since", flat=True).first()
    if is_hopeless(since, at):
        disable_webhook(subscription, reason=f"Nothing it was sent for {DAYS_OF_FAILURE} days was taken.")


@transaction.atomic
def disable_webhook(subscription: WebhookSubscription, *, reason: str) -> None:
    """Switch the webhook off by itself, record it and write to its owner. Twice is harmless."""
    row = WebhookSubscription.objects.select_for_update(of=("self",)).filter(pk=subscription.pk, is_active=True).first()
    if row is None:
        return
    row.is_active, row.disabled_reason, row.updated_at = False, reason[:300], now()
    row.save(update_fields=["is_active", "disabled_reason", "updated_at"])
    event = journal.record(events.DISABLED, subject=row, by=SYSTEM, data={"reason": reason})
    owner = row.owner
    if owner is not None and owner.is_active:
        queue_delivery(kind="email", template="webhook_disabled", destination=owner.email, event=event, recipient=owner)


def _locked(subscription: WebhookSubscription) -> WebhookSubscription:
    return WebhookSubscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)


def _require(by: User, verb: str) -> None:
    if not by.has_perm(f"integrations.{verb}_webhooksubscription"):
        raise NotAllowed("Only an administrator can set up webhooks.")


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Return `fields` with every value checked. Raises: Invalid, ValueError for a field that is none."""
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"not changeable: {sorted(unknown)}")
    checks: dict[str, Callable[[Any], Any]] = {
        "name": _name,
        "url": _url,
        "event_types": _event_types,
        "filters": _filters,
        "is_active": bool,
    }
    return {name: checks[name](value) for name, value in fields.items()}


def _name(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= 80:
        raise Invalid("Give it a name of up to 80 characters.", field="name")
    return text


def _url(text: str) -> str:
    """Check an address. What its name resolves to is checked whenever something is sent."""
    text = text.strip()
    schemes = ["https", "http"] if settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED else ["https"]
    try:
        URLValidator(schemes=schemes)(text)
        parts = urlsplit(text)
        port = parts.port
    except (ValidationError, ValueError) as error:
        words = f"Give the whole address, beginning with {schemes[0]}://."
        raise Invalid(words, field="url") from error
    if len(text) > 500 or "@" in parts.netloc or parts.fragment or port == 0:
        raise Invalid("Give an address of up to 500 characters, without a password and without a #.", field="url")
    _refuse_private(parts.hostname or "")
    return text


def _refuse_private(host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        return
    if not settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED and not is_public(host):
        raise Invalid("This is not a public address. Whoever runs this portal can allow private ones.", field="url")


def _event_types(names: list[str]) -> list[str]:
    unknown = sorted(set(names) - set(catalogue.BY_NAME))
    if unknown:
        raise Invalid(f"There is no event {unknown[0][:50]}.", field="event_types", code="invalid_choice")
    if not names:
        raise Invalid("Choose at least one event.", field="event_types", code="required")
    return sorted(set(names))


def _filters(filters: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the filters that narrow anything, checked against what there is."""
    known: dict[str, Callable[[list[Any]], set[Any]]] = {
        "priorities": lambda values: set(Priority.values),
        "organizations": lambda values: set(Organization.objects.filter(pk__in=values).values_list("pk", flat=True)),
        "product_areas": lambda values: set(ProductArea.objects.values_list("key", flat=True)),
        "tags": set,
    }
    kept = {}
    for name in FILTERS:
        values = sorted(set(filters.get(name) or []))
        if unknown := set(values) - known[name](values):
            words = f"There is no {str(min(unknown))[:50]!r} to narrow by."
            raise Invalid(words, field="filters", code="invalid_choice")
        if values:
            kept[name] = values
    return kept
