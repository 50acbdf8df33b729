from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

if TYPE_CHECKING:
    from integrations.models import Delivery, InboundEvent  # noqa: F401 - named in base classes


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> DeliveryQuerySet:
        return self.filter(state="PENDING")

    def due(self, circuit: str, at: dt.datetime) -> DeliveryQuerySet:
        """Return those of a circuit to send now, the one that waits longest first, each the first of its stream."""
        earlier = self.model._default_manager.filter(
            state="PENDING",
            circuit=OuterRef("circuit"),
            destination=OuterRef("destination"),
            stream=OuterRef("stream"),
            id__lt=OuterRef("id"),
        ).exclude(stream="")
        waiting = self.pending().filter(circuit=circuit, due_at__lte=at)
        return waiting.filter(models.Q(stream="") | ~Exists(earlier)).order_by("due_at", "id")

    def about(self, subject_type: str, ids: list[int]) -> DeliveryQuerySet:
        return self.filter(event__subject_type=subject_type, event__subject_id__in=ids)


class InboundEventQuerySet(models.QuerySet["InboundEvent"]):
    def due(self, at: dt.datetime) -> InboundEventQuerySet:
        """Return those to process now, the one that waits longest first, without their bodies."""
        return self.light().filter(state="RECEIVED", due_at__lte=at).order_by("due_at", "id")

    def light(self) -> InboundEventQuerySet:
        """Leave the body in the database until somebody asks for it: it may be a mail of 30 MB."""
        return self.defer("body")
