"""Agents of every level of access, for tests of what each sees and does."""

from __future__ import annotations

from django.contrib.auth.models import Permission

from accounts.models import User

WORKS = ("view_ticket", "work_ticket")
LEVELS = {
    "all": (*WORKS, "see_every_ticket", "work_every_ticket"),
    "sees all": (*WORKS, "see_every_ticket"),
    "own": WORKS,
    "light": ("view_ticket",),
}


def at_level(person: User, level: str) -> User:
    """Give `person` the rights of `level` and no others, and return them anew, without what they were known to may."""
    person.groups.clear()
    codes = LEVELS[level]
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="tickets", codename__in=codes))
    return User.objects.get(pk=person.pk)
