from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from accounts.models import Organization, ProductArea, User  # noqa: F401 - named in a base class


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def with_domain(self, domain: str) -> OrganizationQuerySet:
        return self.filter(domains__domain=domain.lower())

    def visible_to(self, user: User) -> OrganizationQuerySet:
        """Return all for staff, their own for everybody else."""
        if user.has_perm("accounts.view_organization"):
            return self
        return self.filter(pk=user.organization_id)


class ProductAreaQuerySet(models.QuerySet["ProductArea"]):
    def named(self, word: str) -> ProductArea | None:
        """Return the active area whose key or older spelling is `word`, in any case (decision C4)."""
        word = word.upper()
        areas = self.filter(is_active=True)
        return next((area for area in areas if word in (area.key, *(str(a).upper() for a in area.aliases))), None)


class UserQuerySet(models.QuerySet["User"]):
    def with_email(self, email: str) -> UserQuerySet:
        return self.filter(email__iexact=email.strip())

    def staff(self) -> UserQuerySet:
        return self.filter(is_staff=True, is_active=True)

    def with_right(self, permission: str) -> UserQuerySet:
        """Return those who have `permission` ("app.codename") themselves, by a group, or as superusers."""
        app, _, codename = permission.partition(".")
        rows = Permission.objects.filter(content_type__app_label=app, codename=codename)
        groups = Group.objects.filter(permissions__in=rows)
        return self.filter(
            Q(is_superuser=True)
            | Exists(self.model.user_permissions.through.objects.filter(user=OuterRef("pk"), permission__in=rows))
            | Exists(self.model.groups.through.objects.filter(user=OuterRef("pk"), group__in=groups))
        )

    def away_at(self, at: dt.datetime) -> UserQuerySet:
        return self.filter(availability="AWAY").filter(Q(away_until=None) | Q(away_until__gt=at))

    def visible_to(self, user: User) -> UserQuerySet:
        """Return all for staff, colleagues for an organization's admin, themselves for everybody else."""
        if user.has_perm("accounts.view_user"):
            return self
        if user.is_organization_admin and user.organization_id:
            return self.filter(Q(pk=user.pk) | Q(organization=user.organization_id))
        return self.filter(pk=user.pk)
