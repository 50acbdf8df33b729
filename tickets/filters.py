"""What lists of tickets can be narrowed by."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import ProductArea
from common.filters import Choice, Identity, Since, StrictFilterSet, Text, ThroughMany, Words
from common.problems import QueryInvalid
from tickets.access import may_work
from tickets.vocabulary import PRIORITY_ALIASES, STATUS_ALIASES, Channel, Priority, Status

ORDERING = {
    "ticket_id": "pk",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "priority": "priority",
    "status": "status",
    "next_due_at": "next_due_at",
}


class Tag(ThroughMany):
    def read(self, text: str) -> str:
        return super().read(text).lower()


class TicketFilters(StrictFilterSet):
    status = Choice("status", choices=Status.values, aliases=STATUS_ALIASES)
    priority = Choice("priority", choices=Priority.values, aliases=PRIORITY_ALIASES)
    assignee = Identity("assignee", words=["me", "none"], description="A person's id.")
    requester = Identity("requester", words=["me"], description="A person's id.")
    organization = Identity("organization", words=["none"], description="An organization's id.")
    team = Identity("team", words=["none"], method="by_team", description="A team's id. For the support team only.")
    product_area = Text("product_area", method="by_area", description="A product area's key.")
    tag = Tag("tags__name")
    channel = Choice("channel", choices=Channel.values)
    created_after = Since("created_at", lookup_expr="gt")
    created_before = Since("created_at", lookup_expr="lt")
    updated_since = Since("updated_at")
    q = Words("subject", method="search", description="In subject or reference; the support team searches people too.")

    def by_team(self, queryset: QuerySet[Any], name: str, values: list[int | None]) -> QuerySet[Any]:
        if not may_work(self.request.user):
            raise QueryInvalid.at("team", "unknown_parameter", "There is no such parameter.")
        found = queryset.filter(team__in=[value for value in values if value is not None])
        return found | queryset.filter(team=None) if None in values else found

    def by_area(self, queryset: QuerySet[Any], name: str, values: list[str]) -> QuerySet[Any]:
        spellings = {
            str(spelling).upper(): area.pk
            for area in ProductArea.objects.all()
            for spelling in [area.key, *area.aliases]
        }
        unknown = next((value for value in values if value.upper() not in spellings), None)
        if unknown is not None:
            raise QueryInvalid.at("product_area", "invalid_choice", "There is no such product area.")
        return queryset.filter(product_area__in=[spellings[value.upper()] for value in values])

    def search(self, queryset: QuerySet[Any], name: str, values: list[str]) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.matching(values[0], is_staff=may_work(self.request.user))  # type: ignore[attr-defined]
        return found


class MomentFilters(StrictFilterSet):
    """For what never changes once it is there: updated is created."""

    created_after = Since("created_at", lookup_expr="gt")
    updated_since = Since("created_at")


class EventFilters(StrictFilterSet):
    kind = Text("kind", description="The kind of event, such as ticket.solved.")
    updated_since = Since("occurred_at")
