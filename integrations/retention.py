"""How long the outbox and the inbox remember."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Min, Q

from common import retention
from integrations.models import Circuit, Delivery, InboundEvent

DELIVERY_LIFE = dt.timedelta(days=180)
# Of the raw message, once something was made of it. A mail's original is asked for long after, in a dispute.
INBOUND_LIFE = dt.timedelta(days=30)
MAIL_LIFE = dt.timedelta(days=365)
BATCH = 1000


def _purge_deliveries(at: dt.datetime) -> int:
    return sum(_purge_circuit(circuit, at - DELIVERY_LIFE) for circuit in Circuit.objects.all())


def _purge_circuit(circuit: Circuit, before: dt.datetime) -> int:
    """Delete a circuit's deliveries from the first on, up to one that is younger or still waits.

    Only the beginning goes, so that what is kept has numbers without a gap.
    """
    rows = Delivery.objects.filter(circuit=circuit.key, sequence__gt=circuit.purged_through)
    kept = rows.exclude(created_at__lt=before) | rows.filter(state=Delivery.State.PENDING)
    first_kept = kept.aggregate(Min("sequence"))["sequence__min"] or circuit.last_sequence + 1
    purged = 0
    for start in range(circuit.purged_through + 1, first_kept, BATCH):
        end = min(start + BATCH, first_kept)
        with transaction.atomic():
            purged += Delivery.objects.filter(circuit=circuit.key, sequence__gte=start, sequence__lt=end).count()
            Delivery.objects.filter(circuit=circuit.key, sequence__gte=start, sequence__lt=end).delete()
            Circuit.objects.filter(pk=circuit.pk).update(purged_through=end - 1)
    return purged


def _purge_inbound(at: dt.datetime) -> int:
    """Delete what something was made of. What waits for somebody stays until they have decided."""
    states = InboundEvent.State
    done = InboundEvent.objects.filter(state__in=(states.PROCESSED, states.IGNORED, states.DISCARDED))
    old = Q(processed_at__lt=at - INBOUND_LIFE) & ~Q(source="email") | Q(processed_at__lt=at - MAIL_LIFE)
    return retention.delete_in_batches(done.filter(old))


retention.register("deliveries", _purge_deliveries)
retention.register("inbound events", _purge_inbound)
