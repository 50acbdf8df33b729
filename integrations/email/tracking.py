"""What SendGrid tells of our mails: stored as it came, then read here, entry by entry.

An entry that makes no sense is counted and loses no other; one that comes twice is known by its own id.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from django.db import transaction

from common import journal
from common.actors import SYSTEM
from integrations.email import events
from integrations.email.bounces import note_bounce
from integrations.email.models import MailEvent, SuppressedAddress
from integrations.email.suppressing import suppress
from integrations.inbound import Outcome, Unusable
from integrations.models import Delivery, InboundEvent

Kind = MailEvent.Kind
KINDS = {
    "processed": Kind.ACCEPTED,
    "deferred": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
    "bounce": Kind.BOUNCED,
    "dropped": Kind.DROPPED,
    "spamreport": Kind.COMPLAINED,
}
# Beginnings of why SendGrid itself sends a mail no further: the address is on one of its lists.
BOUNCED_BEFORE, COMPLAINED_BEFORE = ("bounced address", "invalid"), ("spam reporting address",)


def process(row: InboundEvent) -> Outcome:
    """Note every entry of a batch. Called twice for one batch it notes nothing more."""
    try:
        entries = json.loads(bytes(row.body))
    except ValueError as error:
        raise Unusable("It is not JSON.") from error
    if not isinstance(entries, list):
        raise Unusable("It is no list of events.")
    noted = odd = 0
    for entry in entries:
        try:
            noted += note(entry)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            odd += 1
    words = f"{noted} of {len(entries)} noted" + (f", {odd} made no sense" if odd else "")
    return Outcome(f"{words}.", is_ignored=not noted)


@transaction.atomic
def note(entry: dict[str, Any]) -> bool:
    """Note one entry and do what follows from it; tell whether it was new and of a kind that is noted."""
    kind = _kind(entry)
    if kind is None:
        return False
    address, reason = str(entry["email"])[:320].lower(), str(entry.get("reason") or entry.get("response") or "")[:400]
    delivery, attempt_id = _delivery(entry, address)
    row, is_new = MailEvent.objects.get_or_create(
        external_id=str(entry["sg_event_id"])[:120],
        defaults={
            "delivery": delivery,
            "attempt_id": attempt_id,
            "address": address,
            "kind": kind,
            "reason": reason,
            "occurred_at": dt.datetime.fromtimestamp(int(entry["timestamp"]), dt.UTC),
        },
    )
    if is_new and delivery is not None:
        _follow(row, delivery)
    return is_new


def _kind(entry: dict[str, Any]) -> Kind | None:
    kind = KINDS.get(entry["event"])
    if kind == Kind.BOUNCED and entry.get("type") in {"blocked", "expired"}:
        return Kind.BLOCKED  # its server did not want it now; the address may be good
    return kind


def _delivery(entry: dict[str, Any], address: str) -> tuple[Delivery | None, str]:
    """Return the mail that is told of, by what we gave along with it; None where it is not ours."""
    attempt_id = str(entry.get("delivery", ""))[:60]
    try:
        uid = uuid.UUID(attempt_id.partition(".")[0])
    except ValueError:
        return None, ""
    delivery = Delivery.objects.filter(uid=uid, kind="email", destination__iexact=address).first()
    return delivery, attempt_id if delivery else ""


def _follow(row: MailEvent, delivery: Delivery) -> None:
    """Send nothing more to an address that does not exist, or whose reader wants no mail of ours."""
    said, kind = row.reason.lower(), row.kind
    if kind == Kind.BOUNCED or (kind == Kind.DROPPED and said.startswith(BOUNCED_BEFORE)):
        if note_bounce(row.address, row.reason, delivery.external_id) is None:
            suppress(row.address, cause=SuppressedAddress.Cause.BOUNCE, reason=row.reason)
    elif kind == Kind.COMPLAINED or (kind == Kind.DROPPED and said.startswith(COMPLAINED_BEFORE)):
        suppress(row.address, cause=SuppressedAddress.Cause.COMPLAINT, reason=row.reason)
        journal.record(
            events.COMPLAINED, subject=delivery, by=SYSTEM, data={"address": row.address, "delivery": delivery.pk}
        )
