"""Addresses that are sent nothing more, and letting mail go to one again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from common import journal
from common.errors import NotAllowed
from integrations.email import events
from integrations.email.models import SuppressedAddress
from integrations.models import Delivery
from integrations.services import redeliver

HELD_BACK = "Held back: "
SENT_AGAIN_MOST = 50


def suppress(address: str, *, cause: str, reason: str) -> bool:
    """Send nothing more to `address` and tell whether that is new."""
    _row, is_new = SuppressedAddress.objects.get_or_create(
        address=address.lower(), defaults={"cause": cause, "reason": reason[:400]}
    )
    return is_new


def suppressed(addresses: Iterable[str]) -> dict[str, SuppressedAddress]:
    """Return those of `addresses` that are sent nothing, by the address in lower case."""
    wanted = {address.lower() for address in addresses}
    return {row.address: row for row in SuppressedAddress.objects.filter(address__in=wanted)}


def held_back_words(row: SuppressedAddress) -> str:
    """Return why a mail is not sent, for the log."""
    said = f" ({row.reason})" if row.reason else ""
    return f"{HELD_BACK}{row.get_cause_display().lower()}{said}. Let mail go there again to send it."


@transaction.atomic
def lift_suppression(row: SuppressedAddress, *, by: User) -> int:
    """Let mail go to the address again, send again what was held back, and return how many mails that are."""
    if not by.has_perm("integrations.redeliver"):
        raise NotAllowed("Only a supervisor can let mail go to this address again.")
    data = {"address": row.address, "cause": row.cause}
    journal.record(events.SUPPRESSION_LIFTED, subject=row, by=by, data=data)
    held_back = Delivery.objects.filter(
        kind="email",
        state=Delivery.State.SKIPPED,
        destination__iexact=row.address,
        created_at__gte=row.suppressed_at,
        attempts__answer__startswith=HELD_BACK,
    )
    row.delete()
    found = list(held_back.distinct().order_by("id")[:SENT_AGAIN_MOST])
    for delivery in found:
        redeliver(delivery, by=by)
    return len(found)
