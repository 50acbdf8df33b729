"""What all views of tickets have in common."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.authentication import SIGNED_IN
from common.problems import name_codes
from common.views import PortalViewSet
from tickets.access import may_work, ticket_for
from tickets.models import CustomField, Message, Ticket
from tickets.querysets import TicketQuerySet
from tickets.slots import SLA

REFERENCE = {
    "schema": {"type": "string", "pattern": "^([A-Za-z]{1,10}-)?[0-9]{1,19}$"},
    "description": "The ticket's reference, such as ODG-1042.",
    "example": "ODG-1042",
}
name_codes(
    ticket_is_final="The ticket is closed or cancelled",
    same_ticket="A ticket cannot be merged into itself",
    different_customers="The tickets belong to different customers",
    not_a_customer_message="Only a customer's message can do this",
    sender_blocked="Messages from this address are not accepted",
)


class TicketView(PortalViewSet):
    """A view of tickets or of what belongs to one."""

    scope = "tickets"
    permission_classes = SIGNED_IN
    path_parameters = {"ticket_id": REFERENCE}

    def ticket(self) -> Ticket:
        """Return the ticket of the route, or answer 404."""
        return ticket_for(self.person, self.kwargs["ticket_id"])

    def is_staff(self) -> bool:
        return self.person.is_authenticated and may_work(self.person)


def described(tickets: TicketQuerySet) -> TicketQuerySet:
    """Return them with all that the API says of one, their descriptions included."""
    first = Message.objects.public().filter(ticket=OuterRef("pk")).order_by("created_at", "id")
    found = tickets.for_list().select_related("requester", "submitter", "merged_into")
    found = found.select_related("organization", "assignee", "team", "product_area", "label", "request_form")
    return found.annotate(description=Subquery(first.values("body")[:1]))


def ticket_context(rows: list[Ticket], *, is_staff: bool) -> dict[str, Any]:
    """Return what a page of tickets needs besides its rows, at a number of queries that does not depend on them."""
    visible = None
    if not is_staff:
        fields = CustomField.objects.filter(is_active=True, is_customer_visible=True)
        visible = set(fields.values_list("key", flat=True))
    return {"sla": SLA.ask(rows), "visible_fields": visible}
