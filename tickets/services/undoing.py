"""Taking a macro back: what it set is set again as it was, unless somebody changed it since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import ProductArea, Team, User
from common import journal
from common.errors import Conflict, PortalError
from common.journal import Event
from common.time import now
from tickets import events
from tickets.access import require_sight, require_work
from tickets.models import StatusLabel, Ticket
from tickets.services.cascade import service
from tickets.services.changing import change_ticket
from tickets.services.locking import lock

UNDONE_WITHIN = dt.timedelta(minutes=10)
Change = tuple[Any, Any]  # what a thing was before, and what the macro made of it
SAID = {events.PUBLIC_REPLY_POSTED.name, events.INTERNAL_NOTE_ADDED.name}


@dataclass
class Undone:
    """restored: names of what is as it was before. kept: what is not, with the reason."""

    restored: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


@service
def undo_macro(ticket: Ticket, applied: int, *, by: User, at: dt.datetime | None = None) -> Undone:
    """Take back what a macro changed on the ticket within the last ten minutes, and tell what became of each change.

    applied: the number of the event that tells of it, which must be of `by`. What was said with it stays.
    Raises: Conflict where there is no such macro, NotAllowed.
    """
    at = at or now()
    ticket = lock(ticket)
    require_sight(by, ticket)
    require_work(by, ticket)
    ours = journal.timeline(ticket).filter(actor_kind=Event.ActorKind.PERSON, actor_id=by.pk)
    event = ours.filter(pk=applied, kind=events.MACRO_APPLIED.name, occurred_at__gt=at - UNDONE_WITHIN).first()
    if event is None:
        raise Conflict("A macro can be taken back for ten minutes, by who applied it.", code="too_late")
    # A macro's steps bear one instant, which is how they are told from what was done beside it.
    steps = list(ours.filter(occurred_at=event.occurred_at, pk__lt=event.pk).order_by("pk"))
    undone = Undone()
    for changed in _together(_changes(steps)):
        _restore(ticket, changed, undone, by=by, at=at)
    if any(step.kind in SAID for step in steps):
        undone.kept.append(("message", "it has been sent"))
    journal.record(events.MACRO_UNDONE, subject=ticket, by=by, at=at, data={"name": event.data.get("name", "")})
    return undone


def _changes(steps: Iterable[Event]) -> dict[str, Change]:
    """Return what each thing was before the first step and after the last."""
    found: dict[str, Change] = {}
    for step in steps:
        for name, change in _told(step):
            found[name] = (found[name][0] if name in found else change["from"], change["to"])
    return {name: change for name, change in found.items() if change[0] != change[1]}


def _together(changes: dict[str, Change]) -> list[dict[str, Change]]:
    """Return what is set back at once: a label stands in its status, so neither goes back alone."""
    paired = {name: change for name, change in changes.items() if name in {"status", "status_label"}}
    others = [{name: change} for name, change in changes.items() if name not in paired]
    return [paired, *others] if paired else others


def _told(step: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    told = {**step.data, **step.data.get("changes", {})}
    for name, change in told.items():
        if name != "names" and isinstance(change, dict) and set(change) == {"from", "to"}:
            yield name, change


def _restore(ticket: Ticket, changed: dict[str, Change], undone: Undone, *, by: User, at: dt.datetime) -> None:
    present = Ticket.objects.get(pk=ticket.pk)
    labels = [name.removeprefix("custom_fields.").replace("_", " ") for name in changed]
    if any(_value(present, name) != new for name, (_old, new) in changed.items()):
        undone.kept += [(label, "it was changed since") for label in labels]
        return
    try:
        with transaction.atomic():
            change_ticket(present, by=by, at=at, **_arguments(changed))
    except PortalError as refusal:
        undone.kept += [(label, refusal.message) for label in labels]
    else:
        undone.restored += labels


def _value(ticket: Ticket, name: str) -> Any:
    """Return what the ticket has now, as the journal writes it."""
    if name == "tags":
        return sorted(tag.name for tag in ticket.tags.all())
    if name == "product_area":
        return ticket.product_area.key if ticket.product_area else None
    if name in ("assignee", "team"):
        return getattr(ticket, f"{name}_id")
    if name.startswith("custom_fields."):
        return ticket.custom_fields.get(name.removeprefix("custom_fields."))
    if name == "status_label":
        return ticket.label.name if ticket.label else None
    return getattr(ticket, name, None)


def _arguments(changed: dict[str, Change]) -> dict[str, Any]:
    """Return what change_ticket takes to set things to what the journal says they were."""
    return {key: value for name, (old, _new) in changed.items() for key, value in _argument(name, old).items()}


def _argument(name: str, old: Any) -> dict[str, Any]:
    rows: dict[str, Any] = {"assignee": User.objects, "team": Team.objects}
    if name in rows:
        return {name: rows[name].filter(pk=old).first()}
    if name == "status_label":
        return {"label": StatusLabel.objects.filter(name=old).first()}
    if name == "product_area":
        return {name: ProductArea.objects.filter(key=old).first()}
    if name.startswith("custom_fields."):
        return {"custom_fields": {name.removeprefix("custom_fields."): old}}
    return {name: old}
