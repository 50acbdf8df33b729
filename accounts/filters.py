"""What lists of people and organizations can be narrowed by."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Role, Tier
from common.filters import Choice, Identity, Parameter, Since, StrictFilterSet, ThroughMany, Words


class RoleName(ThroughMany):
    """A role, by its lower-case name."""

    schema = {"type": "string", "enum": Role.values}

    def read(self, text: str) -> str:
        return Choice("role", choices=[role.upper() for role in Role.values]).read(text).lower()


class OrganizationFilters(StrictFilterSet):
    tier = Choice("tier", choices=Tier.values)
    updated_since = Since("updated_at")
    q = Words("name", method="search", description="In the name.")

    def search(self, queryset: QuerySet[Any], name: str, values: list[str]) -> QuerySet[Any]:
        return queryset.filter(name__icontains=values[0])


class UserFilters(StrictFilterSet):
    role: Parameter = RoleName("groups__name")
    organization = Identity("organization", words=["none"], description="An organization's id.")
    created_after = Since("created_at", lookup_expr="gt")
    q = Words("name", method="search", description="In the name or the email address.")

    def search(self, queryset: QuerySet[Any], name: str, values: list[str]) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=values[0]) | Q(email__icontains=values[0]))
