"""Who may change people; asked by the services, so that page, API and console answer alike."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import STAFF_ROLES, Role, User
from common.actors import Actor
from common.errors import NotAllowed

ABSENCE = frozenset({"availability", "away_until", "stand_in"})
# What a person decides about themselves.
PREFERENCES = ABSENCE | {"name", "time_zone", "language", "is_mailed_replies", "is_mailed_status"}
# What a supervisor may change of a colleague: whoever could change an address could sign in as its owner.
OF_COLLEAGUES = ABSENCE


def may_set_roles(by: User) -> bool:
    return by.has_perm("auth.change_group")


def require_change(by: Actor, person: User, fields: Iterable[str]) -> None:
    """Raise NotAllowed unless `by` may change these columns of `person`. The portal itself may."""
    if not isinstance(by, User) or may_set_roles(by):
        return
    fields = set(fields)
    if by.pk == person.pk and fields <= PREFERENCES:
        return
    if not by.has_perm("accounts.change_user"):
        raise NotAllowed("You can change only your own preferences.")
    if person.is_staff and not fields <= OF_COLLEAGUES:
        raise NotAllowed("Only an administrator can change the account of a colleague.")


def require_organizations(by: Actor, verb: str) -> None:
    """Raise NotAllowed unless `by` may `verb` (add or change) organizations. The portal itself may."""
    if isinstance(by, User) and not by.has_perm(f"accounts.{verb}_organization"):
        raise NotAllowed(f"You may not {verb} organizations.")


def require_role(by: Actor, role: Role, *, person: User | None = None) -> None:
    """Raise NotAllowed unless `by` may give `role`, to `person` where they exist already."""
    if not isinstance(by, User):
        return
    if person is not None and person.pk == by.pk:
        raise NotAllowed("You cannot change your own role. Ask another administrator.")
    if not may_set_roles(by) and (person is not None or role in STAFF_ROLES or not by.has_perm("accounts.add_user")):
        raise NotAllowed("Only an administrator can decide about roles.")
