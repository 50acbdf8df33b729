from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from integrations.models import Delivery  # noqa: F401 - named in a base class


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: dt.datetime) -> DeliveryQuerySet:
        """Return those to send now, the one that waits longest first."""
        return self.filter(state="PENDING", due_at__lte=at).select_related("event").order_by("due_at", "id")
