"""What mail servers report of our own mails: noted, and addresses that do not exist marked."""

from __future__ import annotations

from django.db import transaction

from common import journal
from common.actors import SYSTEM
from integrations.email import events
from integrations.email.models import SuppressedAddress
from integrations.email.suppressing import suppress
from integrations.models import Delivery


@transaction.atomic
def note_bounce(address: str, reason: str, message_id: str, *, is_permanent: bool = True) -> Delivery | None:
    """Note that our mail `message_id` did not reach `address`, and return the delivery it was.

    Returns None, and changes nothing, where we sent no such mail to this address: anybody can write a report.
    """
    if not message_id:
        return None
    sent = Delivery.objects.filter(kind="email", external_id=message_id, destination__iexact=address)
    delivery = sent.order_by("-id").first()
    if delivery is None:
        return None
    data = {"address": address, "reason": reason[:400], "is_permanent": is_permanent, "delivery": delivery.pk}
    journal.record(events.BOUNCED, subject=delivery, by=SYSTEM, data=data)
    if is_permanent:
        suppress(address, cause=SuppressedAddress.Cause.BOUNCE, reason=reason)
    return delivery
