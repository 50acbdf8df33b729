"""Who may write articles. Who reads which: `visible_to`."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.errors import NotAllowed


def may_add(user: User | AnonymousUser) -> bool:
    return user.has_perm("knowledgebase.add_article")


def may_change(user: User | AnonymousUser) -> bool:
    return user.has_perm("knowledgebase.change_article")


def require_add(user: User | AnonymousUser) -> None:
    if not may_add(user):
        raise NotAllowed("Only a supervisor can write articles.")


def require_change(user: User | AnonymousUser) -> None:
    if not may_change(user):
        raise NotAllowed("Only a supervisor can change articles.")
