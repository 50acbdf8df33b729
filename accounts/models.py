"""Who: organizations, teams, people, what they know and what they may do."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.querysets import OrganizationQuerySet, ProductAreaQuerySet, UserQuerySet
from common.time import now


class Tier(models.TextChoices):
    COMMUNITY = "COMMUNITY", "Community"
    PROFESSIONAL = "PROFESSIONAL", "Professional"
    ENTERPRISE = "ENTERPRISE", "Enterprise"


class Role(models.TextChoices):
    """Names of the groups that carry the permissions (accounts/roles.py)."""

    CUSTOMER = "customer", "Customer"
    AGENT = "agent", "Agent"
    SUPERVISOR = "supervisor", "Supervisor"
    ADMINISTRATOR = "administrator", "Administrator"


STAFF_ROLES = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR})


class Strategy(models.TextChoices):
    """How a ticket finds its agent by itself."""

    SKILL_BASED = "SKILL_BASED", "By skills"
    ROUND_ROBIN = "ROUND_ROBIN", "In turn"
    LOAD_BALANCED = "LOAD_BALANCED", "Whoever has the fewest open tickets"


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError("Choose a time zone by its IANA name, like Europe/Oslo.")


class Organization(models.Model):
    name = models.CharField(max_length=200, unique=True)
    tier = models.CharField(max_length=16, choices=Tier, default=Tier.COMMUNITY)
    is_joined_by_domain = models.BooleanField(
        "joined by domain", default=True, help_text="A new person whose address has one of the domains joins by itself."
    )
    max_tickets_per_month = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    support_hours_included = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    support_hours_used = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    support_hours_reset_on = models.DateField(null=True, blank=True)
    success_manager = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="managed_organizations"
    )
    slack_channel_id = models.CharField(max_length=32, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        db_table = "organizations"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganizationDomain(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.CheckConstraint(condition=Q(domain=Lower("domain")), name="organization_domain_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.domain


class Skill(models.Model):
    key = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField("accounts.User", blank=True, related_name="teams")
    strategy = models.CharField(
        "new tickets are given to",
        max_length=16,
        choices=[("", "Nobody by itself"), *Strategy.choices],
        blank=True,
        default="",
        help_text="Only agents of the team who are here are chosen.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProductArea(models.Model):
    """What a ticket is about. aliases: older spellings that input may use, in upper case."""

    key = models.CharField(max_length=50, unique=True, help_text="Upper case, as the API names it: DATA_CATALOG.")
    name = models.CharField(max_length=80)
    aliases = models.JSONField(default=list, blank=True)
    skills = models.ManyToManyField(Skill, blank=True, related_name="product_areas")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, help_text="Takes its new tickets.")
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    objects = ProductAreaQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds people by address, whatever its case. People are made by accounts.services."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=(username or "").strip())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, on either side. A guest is a person without a password, known by an address."""

    class Availability(models.TextChoices):
        AVAILABLE = "AVAILABLE", "Available"
        AWAY = "AWAY", "Away"

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=150)
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, blank=True, related_name="people")
    is_organization_admin = models.BooleanField(
        default=False, help_text="Sees all tickets of the organization, not only their own."
    )
    skills = models.ManyToManyField(Skill, blank=True, related_name="people")
    availability = models.CharField(max_length=10, choices=Availability, default=Availability.AVAILABLE)
    away_until = models.DateTimeField(null=True, blank=True, help_text="Empty: until they come back by themselves.")
    stand_in = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="stand-in",
        help_text="Is told of what customers write while this person is away.",
    )
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])
    language = models.CharField(max_length=10, default="en")
    is_mailed_replies = models.BooleanField("mail about answers", default=True)
    is_mailed_status = models.BooleanField("mail about status changes", default=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may enter the console", default=False, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "users"
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]
        indexes = [models.Index(fields=["organization", "name"], name="user_organization")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def zone_name(self) -> str:
        """The IANA name of the zone in which this person reads times: their own, else their organization's."""
        return self.time_zone or (self.organization.time_zone if self.organization else "UTC")

    def is_away_at(self, at: dt.datetime) -> bool:
        """Tell whether this person is away: said so, and the end that was named has not passed."""
        return self.availability == self.Availability.AWAY and (self.away_until is None or self.away_until > at)

    @property
    def is_away(self) -> bool:
        return self.is_away_at(now())

    @property
    def present_availability(self) -> str:
        """The availability as it is now: nobody has to come back from an absence whose end has passed."""
        return (self.Availability.AWAY if self.is_away else self.Availability.AVAILABLE).value

    def get_short_name(self) -> str:
        return self.name.split(" ", 1)[0]


class RoleDefaults(models.Model):
    """Which permissions a role's group was given by the portal, so that none taken away comes back."""

    group = models.OneToOneField(Group, models.CASCADE, related_name="+")
    permissions = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.group)


class PersonalAccessToken(models.Model):
    """A key for a program that acts as a person. Only its digest is kept; the token is shown once."""

    SCOPES: ClassVar = [
        *("tickets:read", "tickets:write", "kb:read", "kb:write", "people:read", "people:write", "me:read", "me:write"),
        *("webhooks:read", "webhooks:write"),
    ]

    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_ip = models.GenericIPAddressField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    def is_valid_at(self, at: dt.datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at
