"""What the log of a webhook can be narrowed by."""

from common.filters import Choice, Since, StrictFilterSet, Text
from integrations.models import Delivery


class DeliveryFilters(StrictFilterSet):
    state = Choice("state", choices=Delivery.State.values)
    event_type = Text("template", description="An event's name, such as ticket.created.")
    created_after = Since("created_at", lookup_expr="gt")
    created_before = Since("created_at", lookup_expr="lt")
