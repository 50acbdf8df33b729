"""Every write to people, organizations and their tokens."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts import events
from accounts.access import ABSENCE, PREFERENCES, require_change, require_organizations, require_role
from accounts.models import STAFF_ROLES, Organization, OrganizationDomain, PersonalAccessToken, Role, Tier, User
from common import journal
from common.actors import SYSTEM, Actor
from common.errors import Invalid, NotAllowed
from common.richtext import clean_text
from common.time import now

TOKEN_LIFE_DAYS_MOST = 366


def normalize_email(email: str) -> str:
    """Return the one spelling under which an address is kept.

    Raises: Invalid for what is no address.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid("Enter an email address with a domain, like name@example.org", field="customer_email") from error
    return email


@transaction.atomic
def find_or_create_person(*, email: str, name: str = "", by: Actor = SYSTEM) -> User:
    """Return the person with this address, made as a guest (no password) where there is none.

    A new person whose address has the domain of an organization that allows it joins that organization.
    """
    email = normalize_email(email)
    person = User.objects.with_email(email).first()
    if person is not None:
        return person
    try:
        with transaction.atomic():
            return _create(email=email, name=name, role=Role.CUSTOMER, password=None, by=by)
    except IntegrityError:  # a simultaneous request made the same person
        return User.objects.with_email(email).get()


@transaction.atomic
def create_user(
    *,
    email: str,
    name: str,
    role: Role = Role.CUSTOMER,
    password: str | None = None,
    organization: Organization | None = None,
    by: Actor,
    **fields: Any,
) -> User:
    """Make a person of the given role and return them. fields: further columns of User.

    Raises: Invalid where the address is taken.
    """
    require_role(by, role)
    email = normalize_email(email)
    if User.objects.with_email(email).exists():
        raise Invalid("Somebody with this address is here already.", field="email", code="email_taken")
    return _create(email=email, name=name, role=role, password=password, by=by, organization=organization, **fields)


def _create(*, email: str, name: str, role: Role, password: str | None, by: Actor, **fields: Any) -> User:
    name = clean_text(name).strip()[:150] or email.partition("@")[0][:150]
    user = User(email=email, name=name, is_staff=role in STAFF_ROLES, **fields)
    user.set_password(password)
    user.save(force_insert=True)
    user.groups.add(Group.objects.get(name=role.value))
    journal.record(events.USER_CREATED, subject=user, by=by, data={"email": email, "role": role.value})
    if user.organization_id is None and role == Role.CUSTOMER:
        _join_by_domain(user, by=by)
    return user


def _join_by_domain(user: User, *, by: Actor) -> None:
    domain = user.email.partition("@")[2]
    organization = Organization.objects.with_domain(domain).filter(is_joined_by_domain=True).first()
    if organization is None:
        return
    user.organization = organization
    user.save(update_fields=["organization"])
    journal.record(
        events.ORGANIZATION_JOINED, subject=user, by=by, data={"organization": organization.pk, "domain": domain}
    )


@transaction.atomic
def set_role(user: User, *, role: Role, by: Actor) -> User:
    """Give `user` the one role `role`. Nobody gives themselves one."""
    require_role(by, role, person=user)
    user = User.objects.select_for_update().get(pk=user.pk)
    roles = user.groups.filter(name__in=Role.values)
    old = sorted(roles.values_list("name", flat=True))
    if old == [role.value]:
        return user
    user.groups.remove(*roles)
    user.groups.add(Group.objects.get(name=role.value))
    user.is_staff = role in STAFF_ROLES
    user.save(update_fields=["is_staff"])
    journal.record(events.ROLE_CHANGED, subject=user, by=by, data={"role": {"from": ",".join(old), "to": role.value}})
    return user


@transaction.atomic
def change_user(user: User, *, by: Actor, **fields: Any) -> User:
    """Change columns of `user` and record the old and new values. Absence has events of its own."""
    user = User.objects.select_for_update().get(pk=user.pk)
    require_change(by, user, fields)
    absence = {name: fields.pop(name) for name in ABSENCE & set(fields)}
    if absence:
        _change_absence(user, absence, by=by)
    changes: dict[str, Any] = {}
    for field, value in fields.items():
        old = getattr(user, field)
        if old != value:
            setattr(user, field, value)
            changes[field] = {"from": _plain(old), "to": _plain(value)}
    if changes:
        try:
            user.clean_fields(exclude=[f.name for f in user._meta.fields if f.name not in changes])
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise Invalid(" ".join(messages), field=field) from error
        user.save(update_fields=list(changes))
        journal.record(events.USER_CHANGED, subject=user, by=by, data={"changes": changes})
    return user


def go_away(user: User, *, until: dt.datetime | None = None, stand_in: User | None = None, by: Actor) -> User:
    """Let `user` be given no tickets until `until`, or until they come back where it is None.

    stand_in: who is told meanwhile of what customers write on their tickets.
    Raises: Invalid for an end that has passed, and for a stand-in who is no other active agent.
    """
    return change_user(user, by=by, availability=User.Availability.AWAY, away_until=until, stand_in=stand_in)


def come_back(user: User, *, by: Actor) -> User:
    """Let `user` be given tickets again. Twice is harmless."""
    return change_user(user, by=by, availability=User.Availability.AVAILABLE)


def _change_absence(user: User, fields: dict[str, Any], *, by: Actor) -> None:
    """Write the absence of the locked `user`: what is not named stays, and who is here has neither end nor stand-in."""
    was_away, had = user.is_away, (user.availability, user.away_until, user.stand_in_id)
    for name, value in fields.items():
        setattr(user, name, value)
    if user.availability not in User.Availability.values:
        raise Invalid("Choose available or away.", field="availability")
    is_to_be_away = user.availability == User.Availability.AWAY
    if not is_to_be_away:
        if named := next((name for name in ("away_until", "stand_in") if fields.get(name)), ""):
            raise Invalid("Only who is away has this. Choose Away, or leave it empty.", field=named)
        user.away_until, user.stand_in = None, None
    elif not was_away:  # what an earlier absence left is over
        user.away_until, user.stand_in = fields.get("away_until"), fields.get("stand_in")
    if (user.availability, user.away_until, user.stand_in_id) == had:
        return
    if is_to_be_away:
        _check_absence(user)
    user.save(update_fields=sorted(ABSENCE))
    if is_to_be_away:
        until = user.away_until.isoformat() if user.away_until else None
        data = {"until": until, "stand_in": user.stand_in_id, "name": str(user.stand_in or "")}
        journal.record(events.WENT_AWAY, subject=user, by=by, data=data)
    elif had[0] == User.Availability.AWAY:
        data = {"until": had[1].isoformat() if had[1] else None}
        journal.record(events.CAME_BACK, subject=user, by=by, data=data)


def _check_absence(user: User) -> None:
    if user.away_until is not None and user.away_until <= now():
        raise Invalid("Choose an end that lies ahead.", field="away_until")
    stand_in = user.stand_in
    if stand_in is None:
        return
    if stand_in.pk == user.pk:
        raise Invalid("Choose somebody else: nobody stands in for themselves.", field="stand_in")
    if not (stand_in.is_active and stand_in.is_staff):
        raise Invalid(f"{stand_in} is not an active member of the support team.", field="stand_in")


def change_preferences(user: User, *, by: User, **fields: Any) -> User:
    """Change what a person decides about themselves: name, zone, language, mails, availability."""
    if by.pk != user.pk or not set(fields) <= PREFERENCES:
        raise NotAllowed("You can change only your own preferences.")
    return change_user(user, by=by, **fields)


@transaction.atomic
def create_organization(
    *, name: str, tier: Tier = Tier.COMMUNITY, domains: list[str] | None = None, by: Actor, **fields: Any
) -> Organization:
    """Make an organization with the mail domains `domains`. fields: further columns of Organization."""
    require_organizations(by, "add")
    organization = Organization.objects.create(name=name, tier=tier, **fields)
    OrganizationDomain.objects.bulk_create(
        OrganizationDomain(organization=organization, domain=domain.lower().strip()) for domain in domains or []
    )
    journal.record(events.ORGANIZATION_CREATED, subject=organization, by=by, data={"name": name, "tier": str(tier)})
    return organization


@transaction.atomic
def change_organization(
    organization: Organization, *, by: Actor, domains: list[str] | None = None, **fields: Any
) -> Organization:
    """Change columns of `organization`, and all its mail domains where given; record the old and new values."""
    require_organizations(by, "change")
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    changes: dict[str, Any] = {}
    for field, value in fields.items():
        old = getattr(organization, field)
        if old != value:
            setattr(organization, field, value)
            changes[field] = {"from": _plain(old), "to": _plain(value)}
    if changes:
        organization.save(update_fields=[*changes, "updated_at"])
    if domains is not None and (moved := _set_domains(organization, {domain.lower().strip() for domain in domains})):
        changes["domains"] = moved
    if changes:
        journal.record(events.ORGANIZATION_CHANGED, subject=organization, by=by, data={"changes": changes})
    return organization


def use_support_minutes(organization: Organization, *, before: int, after: int) -> None:
    """Count work to the support hours of the locked `organization`.

    before, after: minutes of all work for it. Hours are kept to a hundredth: the sums are rounded, not their
    difference, so that sixty single minutes make an hour.
    """
    change = _hours(after) - _hours(before)
    organization.support_hours_used = max(organization.support_hours_used + change, Decimal(0))
    organization.save(update_fields=["support_hours_used"])


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def _set_domains(organization: Organization, wanted: set[str]) -> dict[str, list[str]] | None:
    """Give `organization` exactly the domains `wanted`; return the old and new ones, None where they are the same."""
    had = set(organization.domains.values_list("domain", flat=True))
    if had == wanted:
        return None
    if taken := OrganizationDomain.objects.filter(domain__in=wanted - had).first():
        raise Invalid(f"{taken.domain} belongs to {taken.organization}.", field="domains", code="domain_taken")
    organization.domains.exclude(domain__in=wanted).delete()
    OrganizationDomain.objects.bulk_create(
        OrganizationDomain(organization=organization, domain=domain) for domain in sorted(wanted - had)
    )
    return {"from": sorted(had), "to": sorted(wanted)}


def token_digest(token: str) -> str:
    """Return the digest under which a token is kept: SHA-256, for the token itself has the randomness of a key."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_access_token(
    user: User, *, name: str, scopes: list[str], days: int, by: User
) -> tuple[PersonalAccessToken, str]:
    """Make a token for `user` and return its row and the token, which cannot be shown again.

    days: until it expires, 1 to 366.
    """
    if by.pk != user.pk:
        raise NotAllowed("You can make tokens only for yourself.")
    if unknown := sorted(set(scopes) - set(PersonalAccessToken.SCOPES)):
        raise Invalid(f"There is no scope {unknown[0]}.", field="scopes", code="unknown_scope")
    if not scopes:
        raise Invalid("Choose at least one scope.", field="scopes", code="required")
    if not 1 <= days <= TOKEN_LIFE_DAYS_MOST:
        raise Invalid(f"Choose from 1 to {TOKEN_LIFE_DAYS_MOST} days.", field="expires_in_days")
    token = f"spt_{secrets.token_urlsafe(32)}"
    row = PersonalAccessToken.objects.create(
        user=user,
        name=name,
        prefix=token[:12],
        digest=token_digest(token),
        scopes=sorted(set(scopes)),
        expires_at=now() + dt.timedelta(days=days),
    )
    journal.record(
        events.TOKEN_CREATED, subject=user, by=by, data={"token": row.pk, "name": name, "scopes": row.scopes}
    )
    return row, token


@transaction.atomic
def revoke_access_token(token: PersonalAccessToken, *, by: User) -> PersonalAccessToken:
    """Make `token` useless from now on. Doing it twice changes nothing."""
    token = PersonalAccessToken.objects.select_for_update().get(pk=token.pk)
    if by.pk != token.user_id and not by.has_perm("accounts.change_user"):
        raise NotAllowed("You can revoke only your own tokens.")
    if token.revoked_at is None:
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
        journal.record(events.TOKEN_REVOKED, subject=token.user, by=by, data={"token": token.pk})
    return token


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool | None) else getattr(value, "pk", str(value))
