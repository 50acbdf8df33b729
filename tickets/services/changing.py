"""Changing a ticket: status, priority, who works on it, and its details."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from accounts.models import ProductArea, Team, User
from common import journal
from common.actors import Actor
from common.errors import Invalid, InvalidTransition, NotAllowed
from common.time import now
from tickets import events
from tickets.access import CUSTOMER_FIELDS, may_cancel, may_work, require_part, require_work
from tickets.models import CustomField, StatusLabel, Ticket
from tickets.rules import check_custom_fields
from tickets.services.cascade import service
from tickets.services.locking import lock, save
from tickets.services.status import move, record_label
from tickets.services.tagging import tags_named
from tickets.services.text import checked_subject
from tickets.vocabulary import Priority, PrioritySource, Status

CHANGEABLE = frozenset(
    {"subject", "status", "priority", "assignee", "team", "tags", "product_area", "environment", "product_version"}
    | {"custom_fields", "label"}
)


@service
def change_ticket(
    ticket: Ticket,
    *,
    by: Actor,
    expected_version: int | None = None,
    at: dt.datetime | None = None,
    why: Mapping[str, str] | None = None,
    **changes: Any,
) -> Ticket:
    """Change what `changes` names and return the ticket; what already is so stays without a trace.

    changes: any of CHANGEABLE; assignee, team and label are rows or None, tags a list of names, custom_fields a
    mapping of the values to set (None removes one).
    why: what the journal tells of a change of the assignee besides: {"reason", "asked_by"}, in words.
    Raises: Stale, Invalid, InvalidTransition, NotAllowed for what is not a customer's to change.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    ticket = lock(ticket, expected_version=expected_version)
    at = at or now()
    require_part(by, ticket)
    if isinstance(by, User) and not may_work(by, ticket):
        _refuse_to_customer(ticket, changes)
    _change_details(ticket, changes, by=by, at=at)
    if "priority" in changes:
        _change_priority(ticket, changes["priority"], by=by, at=at)
    if {"assignee", "team"} & set(changes):
        _assign(ticket, changes, by=by, at=at, why=why or {})
    if "status" in changes and not changes.get("label"):  # else the label brings it
        move(ticket, changes["status"], by=by, at=at)
    if "label" in changes:
        _change_label(ticket, changes["label"], changes, by=by, at=at)
    return ticket


@service
def solve_ticket(ticket: Ticket, *, by: Actor, via_link: bool = False, at: dt.datetime | None = None) -> Ticket:
    """Mark as solved. Customers may too. Twice is harmless."""
    ticket = lock(ticket)
    require_part(by, ticket, via_link=via_link)
    move(ticket, Status.SOLVED, by=by, at=at or now())
    return ticket


@service
def reopen_ticket(ticket: Ticket, *, by: Actor, via_link: bool = False, at: dt.datetime | None = None) -> Ticket:
    """Open a solved ticket again.

    Raises: InvalidTransition from any other status but open, from which nothing changes.
    """
    ticket = lock(ticket)
    require_part(by, ticket, via_link=via_link)
    if ticket.status != Status.OPEN:
        _require_solved(ticket)
        move(ticket, Status.OPEN, by=by, at=at or now())
    return ticket


@service
def cancel_ticket(ticket: Ticket, *, by: Actor, via_link: bool = False, at: dt.datetime | None = None) -> Ticket:
    """Withdraw the request. Customers may while it is new, open or pending."""
    ticket = lock(ticket)
    require_part(by, ticket, via_link=via_link)
    if ticket.status != Status.CANCELLED and isinstance(by, User) and not may_cancel(by, ticket):
        raise InvalidTransition(
            f"{ticket.reference} is {ticket.get_status_display().lower()} and can no longer be cancelled.",
            data={"from": ticket.status, "to": Status.CANCELLED},
        )
    move(ticket, Status.CANCELLED, by=by, at=at or now())
    return ticket


@service
def close_ticket(ticket: Ticket, *, by: Actor, at: dt.datetime | None = None) -> Ticket:
    """Close for good; later messages of the customer open a follow-up."""
    ticket = lock(ticket)
    require_work(by, ticket)
    move(ticket, Status.CLOSED, by=by, at=at or now())
    return ticket


def _require_solved(ticket: Ticket) -> None:
    if ticket.status != Status.SOLVED:
        raise InvalidTransition(
            f"{ticket.reference} is {ticket.get_status_display().lower()}; only a solved ticket can be opened again.",
            data={"from": ticket.status, "to": Status.OPEN},
        )


def _refuse_to_customer(ticket: Ticket, changes: Mapping[str, Any]) -> None:
    if theirs := sorted(set(changes) - CUSTOMER_FIELDS):
        raise NotAllowed(f"Only the support team can change {theirs[0].replace('_', ' ')}.")
    if ticket.is_final:
        raise NotAllowed(f"{ticket.reference} is {ticket.get_status_display().lower()} and stays as it is.")


def _change_details(ticket: Ticket, changes: Mapping[str, Any], *, by: Actor, at: dt.datetime) -> None:
    columns: dict[str, Any] = {}
    recorded: dict[str, Any] = {}
    for name in ("subject", "environment", "product_version"):
        if name in changes and changes[name] != getattr(ticket, name):
            columns[name] = checked_subject(changes[name]) if name == "subject" else changes[name]
            recorded[name] = {"from": getattr(ticket, name), "to": columns[name]}
    if "product_area" in changes:
        _change_area(ticket, changes["product_area"], columns, recorded)
    if "custom_fields" in changes:
        _change_custom_fields(ticket, changes["custom_fields"], by, columns, recorded)
    if "tags" in changes:
        _change_tags(ticket, changes["tags"], recorded)
    if recorded:
        save(ticket, **columns, updated_at=at)
        journal.record(events.FIELDS_CHANGED, subject=ticket, by=by, at=at, data={"changes": recorded})


def _change_label(
    ticket: Ticket, label: StatusLabel | None, changes: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> None:
    """Give the ticket a label, and with it the label's status, unless another status is asked for as well."""
    if label is not None and "status" in changes and label.status != changes["status"]:
        raise Invalid(f"“{label}” is a kind of {label.get_status_display().lower()}.", field="label")
    old = ticket.label
    if label == old:
        return
    if label is not None:
        check_label(label)
    if label is None or not move(ticket, label.status, by=by, at=at, label=label):
        save(ticket, label=label, updated_at=at)
    record_label(ticket, old=old, new=label, by=by, at=at)


def check_label(label: StatusLabel) -> None:
    """Raise Invalid for a label that is given to no more tickets."""
    if not label.is_active:
        raise Invalid(f"“{label}” is no longer used.", field="label")


def _change_area(ticket: Ticket, area: ProductArea | None, columns: dict[str, Any], recorded: dict[str, Any]) -> None:
    if (area.pk if area else None) != ticket.product_area_id:
        old = ticket.product_area.key if ticket.product_area else None
        columns["product_area"] = area
        recorded["product_area"] = {"from": old, "to": area.key if area else None}


def _change_custom_fields(
    ticket: Ticket, values: Mapping[str, Any], by: Actor, columns: dict[str, Any], recorded: dict[str, Any]
) -> None:
    fields = [row.rule for row in CustomField.objects.filter(is_active=True)]
    is_customer = isinstance(by, User) and not may_work(by, ticket)
    checked = check_custom_fields(values, fields, is_customer=is_customer)
    kept = {key: value for key, value in ticket.custom_fields.items() if key not in values}
    new = {**kept, **checked}
    for key in values:
        if ticket.custom_fields.get(key) != new.get(key):
            recorded[f"custom_fields.{key}"] = {"from": ticket.custom_fields.get(key), "to": new.get(key)}
            columns["custom_fields"] = new


def _change_tags(ticket: Ticket, names: Iterable[str], recorded: dict[str, Any]) -> None:
    old = sorted(tag.name for tag in ticket.tags.all())
    tags = tags_named(names)
    new = sorted(tag.name for tag in tags)
    if old != new:
        ticket.tags.set(tags)
        recorded["tags"] = {"from": old, "to": new}


def _change_priority(ticket: Ticket, priority: str, *, by: Actor, at: dt.datetime) -> None:
    if priority not in Priority.values:
        raise Invalid("There is no such priority.", field="priority")
    if priority == ticket.priority:
        return
    old = ticket.priority
    save(ticket, priority=priority, priority_source=PrioritySource.AGENT, updated_at=at)
    data = {"priority": {"from": old, "to": priority}}
    journal.record(events.PRIORITY_CHANGED, subject=ticket, by=by, at=at, data=data)


def _assign(ticket: Ticket, changes: Mapping[str, Any], *, by: Actor, at: dt.datetime, why: Mapping[str, str]) -> None:
    old_assignee, old_team = ticket.assignee, ticket.team
    assignee: User | None = changes.get("assignee", old_assignee)
    team: Team | None = changes.get("team", old_team)
    if assignee == old_assignee and team == old_team:
        return
    if assignee is not None and assignee != old_assignee and not may_work(assignee):
        raise Invalid(f"{assignee} does not work on tickets.", field="assignee", code="not_an_agent")
    save(ticket, assignee=assignee, team=team, updated_at=at)
    if assignee != old_assignee:
        data = {"assignee": _ids(old_assignee, assignee), "names": _names(old_assignee, assignee), **why}
        journal.record(events.ASSIGNED, subject=ticket, by=by, at=at, data=data)
    if team != old_team:
        data = {"team": _ids(old_team, team), "names": _names(old_team, team)}
        journal.record(events.TEAM_CHANGED, subject=ticket, by=by, at=at, data=data)
    if assignee is not None and ticket.status == Status.NEW and "status" not in changes:
        move(ticket, Status.OPEN, by=by, at=at)


def _ids(old: Model | None, new: Model | None) -> dict[str, Any]:
    return {"from": old and old.pk, "to": new and new.pk}


def _names(old: Model | None, new: Model | None) -> dict[str, Any]:
    return {"from": str(old or ""), "to": str(new or "")}
