"""Keeping views of the queue: one's own, a team's, everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import Team, User
from common import journal
from common.errors import Invalid
from tickets import events, finding
from tickets.access import require_keeping, require_work
from tickets.models import SavedView

NAME_CHARACTERS_MOST = 60
VIEWS_MOST = 50  # of one person's own, or shared: more than anybody finds anything in


@transaction.atomic
def save_view(
    *,
    by: User,
    name: str,
    filters: Mapping[str, Sequence[str]],
    sort: str = "",
    columns: Sequence[str] = (),
    team: Team | None = None,
    is_everybodys: bool = False,
) -> SavedView:
    """Keep a view under `name` and return it. It is the person's own unless it is a team's or everybody's.

    Raises: NotAllowed for a team one is not in, or for everybody without the right; Invalid.
    """
    require_work(by)
    owner = None if team or is_everybodys else by
    view = SavedView(owner=owner, team=team, filters=_checked(filters), sort=_sort(sort), columns=list(columns))
    require_keeping(by, view)
    view.name = _name(name, view)
    others = SavedView.objects.filter(owner=owner, team=team)
    if others.count() >= VIEWS_MOST:
        raise Invalid(f"There are {VIEWS_MOST} such views already. Remove one first.", field="name", code="too_many")
    view.position = min((others.aggregate(last=Max("position"))["last"] or 0) + 10, 32_000)
    view.save()
    journal.record(events.VIEW_SAVED, subject=view, by=by, data=_facts(view))
    return view


@transaction.atomic
def change_view(view: SavedView, *, by: User, **changes: Any) -> SavedView:
    """Change name, filters, sort or columns of a view, and return it.   Raises: NotAllowed, Invalid."""
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    require_keeping(by, view)
    readers = {"name": lambda text: _name(text, view), "filters": _checked, "sort": _sort, "columns": list}
    if unknown := set(changes) - set(readers):
        raise ValueError(f"not changeable: {sorted(unknown)}")
    for member, value in changes.items():
        setattr(view, member, readers[member](value))  # type: ignore[operator]
    view.save(update_fields=list(changes))
    journal.record(events.VIEW_SAVED, subject=view, by=by, data=_facts(view))
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Remove a view. No ticket changes by it.   Raises: NotAllowed."""
    require_keeping(by, view)
    journal.record(events.VIEW_DELETED, subject=view, by=by, data=_facts(view))
    SavedView.objects.filter(pk=view.pk).delete()


def _checked(filters: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if unknown := sorted(set(filters) - set(finding.READERS)):
        raise Invalid(f"There is no filter {unknown[0]}.", field="filters", code="unknown_filter")
    return {name: [str(value)[:100] for value in values][:50] for name, values in filters.items() if values}


def _sort(name: str) -> str:
    if name and name not in finding.SORTS:
        raise Invalid("There is no such order.", field="sort")
    return name


def _name(text: str, view: SavedView) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= NAME_CHARACTERS_MOST:
        raise Invalid(f"Give the view a name of at most {NAME_CHARACTERS_MOST} characters.", field="name")
    same = SavedView.objects.filter(owner=view.owner, team=view.team, name__iexact=name).exclude(pk=view.pk)
    if same.exists():
        raise Invalid("There is a view of this name already.", field="name", code="taken")
    return name


def _facts(view: SavedView) -> dict[str, Any]:
    return {"name": view.name, "filters": view.filters, "owner": view.owner_id, "team": view.team_id}
