"""The people and organizations of the demonstration, and the staff of a new portal."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Organization, Role, Skill, Team, Tier, User
from accounts.services import create_organization, create_user
from common.actors import SYSTEM

FOLDER = Path(__file__).parent / "seed"


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in. password: generated, known only to whoever reads this now."""

    name: str
    role: str
    email: str
    password: str


def seed_organizations() -> list[Organization]:
    """Make the demonstration's organizations that are not there yet, and return those."""
    made = []
    for row in _read("organizations.json"):
        if Organization.objects.filter(name=row["name"]).exists():
            continue
        made.append(
            create_organization(
                name=row["name"],
                tier=Tier(row["tier"].upper()),
                domains=row["domains"],
                time_zone=row["time_zone"],
                max_tickets_per_month=row["monthly_ticket_quota"],
                support_hours_included=row["support_hours_included"],
                support_hours_used=row["support_hours_used"],
                slack_channel_id=row["slack_channel_id"] or "",
                by=SYSTEM,
            )
        )
    return made


def create_staff_users() -> list[Account]:
    """Make one team member of every role, and return those that are new with their generated passwords."""
    return [account for row in _read("people.json")["staff"] if (account := _create_staff(row))]


def create_customers() -> list[Account]:
    """Make the demonstration's customers; one of each organization gets a password and is returned."""
    organizations = {row["key"]: row["name"] for row in _read("organizations.json")}
    accounts, with_password = [], set()
    for row in _read("people.json")["customers"]:
        if User.objects.with_email(row["email"]).exists():
            continue
        organization = Organization.objects.filter(name=organizations.get(row["organization"], "")).first()
        is_first = organization is not None and organization.pk not in with_password
        password = make_password() if is_first or row["is_organization_admin"] else None
        create_user(
            email=row["email"],
            name=row["name"],
            password=password,
            organization=organization,
            is_organization_admin=row["is_organization_admin"],
            time_zone=row["time_zone"],
            by=SYSTEM,
        )
        if organization is not None and password:
            with_password.add(organization.pk)
            role = f"customer of {organization.name} ({organization.get_tier_display()})"
            accounts.append(Account(row["name"], role, row["email"], password))
    return accounts


def people_by_key() -> dict[str, User]:
    """Return the demonstration's people by the short names that its tickets use."""
    people = _read("people.json")
    keys = {row["email"]: row["key"] for row in [*people["staff"], *people["customers"]]}
    found = User.objects.filter(email__in=keys).select_related("organization")
    return {keys[user.email]: user for user in found}


def make_password() -> str:
    """Return a password that can be read out: four groups of four, 80 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


@transaction.atomic
def _create_staff(row: dict[str, Any]) -> Account | None:
    if User.objects.with_email(row["email"]).exists():
        return None
    password = make_password()
    user = create_user(
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        password=password,
        time_zone=row["time_zone"],
        availability=row["availability"].upper(),
        by=SYSTEM,
    )
    user.skills.set([_skill(key) for key in row["skills"]])
    if row["team"]:
        user.teams.add(Team.objects.get_or_create(name=row["team"].capitalize())[0])
    return Account(user.name, row["role"], user.email, password)


def _skill(key: str) -> Skill:
    return Skill.objects.get_or_create(key=key, defaults={"name": key.replace("_", " ").capitalize()})[0]


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
