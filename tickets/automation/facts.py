"""What conditions ask about tickets: read for one or many in two queries, and said in SQL where SQL can say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from common.models import Event
from tickets import events
from tickets.automation.conditions import Facts, Tree, hours_of
from tickets.automation.fields import AWAY, CUSTOM, NOBODY, NONE
from tickets.models.conversation import Message
from tickets.models.tickets import Tag, Ticket
from tickets.vocabulary import MessageKind, Priority

REMINDED_BEFORE_DAYS = 2
_LAST = {
    "since_customer_message": MessageKind.CUSTOMER_MESSAGE,
    "since_public_reply": MessageKind.PUBLIC_REPLY,
}
_INSTANTS = {
    "since_opened": "created_at",
    "since_updated": "updated_at",
    "since_solved": "solved_at",
    "until_due": "next_due_at",
    "since_assigned": "seen_assigned_at",
    "since_customer_message": "seen_customer_message_at",
    "since_public_reply": "seen_public_reply_at",
}
_COLUMNS = {
    "status": "status",
    "priority": "priority",
    "team": "team_id",
    "organization": "organization_id",
    "tier": "organization__tier",
    "requester": "requester_id",
    "product_area": "product_area__key",
    "environment": "environment",
    "channel": "channel",
}
_EMPTY = {"team", "organization", "tier", "product_area", "environment"}  # NONE stands for nothing there


def spans() -> dict[str, float]:
    """Return the hours of the lengths that the settings decide."""
    days = settings.PORTAL_AUTO_CLOSE_DAYS
    return {"auto_close": 24.0 * days, "auto_close_reminder": 24.0 * max(days - REMINDED_BEFORE_DAYS, 0)}


def readable(tickets: QuerySet[Ticket], fields: Iterable[str]) -> QuerySet[Ticket]:
    """Return `tickets` with all that `fields` ask for, in two queries however many they are."""
    wanted, extra = set(fields), {}
    for name, kind in _LAST.items():
        if name in wanted:
            said = _said(kind).order_by("-created_at", "-id").values("created_at")[:1]
            extra[_INSTANTS[name]] = Subquery(said)
    if "since_assigned" in wanted:
        extra["seen_assigned_at"] = Subquery(_assigned().order_by("-occurred_at").values("occurred_at")[:1])
    if "message" in wanted:
        last = Message.objects.filter(ticket=OuterRef("pk")).order_by("-created_at", "-id")
        extra["seen_message"] = Subquery(last.values("body")[:1])
    rows = tickets.select_related("assignee", "organization", "product_area", "team", "requester")
    return (rows.prefetch_related("tags") if "tags" in wanted else rows).annotate(**extra)


def facts_of(ticket: Ticket, *, at: dt.datetime, event: Event | None = None) -> Facts:
    """Return the facts of a ticket that `readable` read. at: the instant that hours are counted from or to."""

    def value(name: str) -> Any:
        if name.startswith(CUSTOM):
            return ticket.custom_fields.get(name.removeprefix(CUSTOM))
        if name == "assignee":
            return _assignee(ticket, at)
        if name in _INSTANTS:
            return _hours(getattr(ticket, _INSTANTS[name]), at, is_ahead=name == "until_due")
        return READERS[name](ticket, event)

    return value


def _hours(instant: dt.datetime | None, at: dt.datetime, *, is_ahead: bool) -> float | None:
    if instant is None:
        return None
    return (instant - at if is_ahead else at - instant).total_seconds() / 3600


def _assignee(ticket: Ticket, at: dt.datetime) -> list[Any]:
    """Return all that may be said of who has the ticket: the id, and whether they are away, or that nobody has it."""
    if ticket.assignee is None:
        return [NOBODY]
    return [ticket.assignee_id, *([AWAY] if ticket.assignee.is_away_at(at) else [])]


READERS: dict[str, Callable[[Ticket, Event | None], Any]] = {
    "status": lambda ticket, _: ticket.status,
    "priority": lambda ticket, _: ticket.priority,
    "team": lambda ticket, _: ticket.team_id or NONE,
    "organization": lambda ticket, _: ticket.organization_id or NONE,
    "tier": lambda ticket, _: ticket.organization.tier if ticket.organization else NONE,
    "requester": lambda ticket, _: ticket.requester_id,
    "product_area": lambda ticket, _: ticket.product_area.key if ticket.product_area else NONE,
    "environment": lambda ticket, _: ticket.environment or NONE,
    "channel": lambda ticket, _: ticket.channel,
    "tags": lambda ticket, _: sorted(tag.name for tag in ticket.tags.all()),
    "subject": lambda ticket, _: ticket.subject,
    "message": lambda ticket, _: ticket.seen_message or "",  # type: ignore[attr-defined]
    "event": lambda _, event: event.kind if event else "",
    "actor_kind": lambda _, event: event.actor_kind if event else "",
}


# --- in SQL -----------------------------------------------------------------------------------------------------------


def narrowed(tree: Tree, *, at: dt.datetime) -> Q:
    """Return a filter that every ticket passes for which the tree holds, and, where SQL can say all, no other.

    What it lets through is still to be judged by `conditions.evaluate`.
    """
    found = _q(tree, at, spans())
    return Q() if found is None else found


def _q(tree: Tree, at: dt.datetime, known: Mapping[str, float]) -> Q | None:
    if "field" in tree:
        return _leaf(tree["field"], tree["op"], hours_of(tree["value"], known), at)
    join = "all" if "all" in tree else "any"
    parts = [_q(part, at, known) for part in tree[join]]
    if join == "all":
        said = [part for part in parts if part is not None]
        return reduce(and_, said) if said else None
    if not parts:
        return Q(pk__in=[])
    return None if None in parts else reduce(or_, parts)  # type: ignore[arg-type]


def _leaf(field: str, op: str, value: Any, at: dt.datetime) -> Q | None:
    if field == "assignee":
        return _of_assignee(op, value, at)
    if field == "tags":
        return _of_tags(op, value)
    if field in _INSTANTS:
        return _of_instant(field, op, value, at)
    if field in _COLUMNS:
        return _of_column(field, op, value)
    return None


def _of_column(field: str, op: str, value: Any) -> Q:
    if op in ("at_least", "at_most"):
        order = list(Priority.values)
        place = order.index(value)
        return Q(priority__in=order[: place + 1] if op == "at_least" else order[place:])
    values = value if isinstance(value, list) else [value]
    column = _COLUMNS[field]
    found = Q(**{f"{column}__in": [one for one in values if one != NONE or field not in _EMPTY]})
    if NONE in values and field in _EMPTY:
        found |= Q(environment="") if field == "environment" else Q(**{f"{column}__isnull": True})
    if op not in ("is_not", "none_of"):
        return found
    # NOT of a comparison with NULL is NULL, which finds nothing: a ticket without an organization is not of a tier.
    is_nothing_else = field in _EMPTY and field != "environment" and NONE not in values
    return ~found | Q(**{f"{column}__isnull": True}) if is_nothing_else else ~found


def _of_assignee(op: str, value: Any, at: dt.datetime) -> Q:
    if value == NOBODY:
        return Q(assignee__isnull=op == "person_is")
    found = Q(assignee__in=User.objects.away_at(at)) if value == AWAY else Q(assignee=value)
    return found if op == "person_is" else ~found | Q(assignee__isnull=True)


def _of_tags(op: str, names: list[str]) -> Q:
    def has(wanted: list[str]) -> Q:
        through = Ticket.tags.through.objects.filter(ticket=OuterRef("pk"))
        return Q(Exists(through.filter(tag__in=Tag.objects.filter(name__in=wanted))))

    if op == "has_all":
        return reduce(and_, (has([name]) for name in names))
    return has(names) if op == "has_any" else ~has(names)


def _of_instant(field: str, op: str, hours: float, at: dt.datetime) -> Q | None:
    if field == "until_due":
        edge = at + dt.timedelta(hours=hours)
        return Q(next_due_at__gt=edge) if op == "more_than" else Q(next_due_at__lt=edge)
    edge = at - dt.timedelta(hours=hours)
    is_long = op == "longer_than"
    if field in _LAST or field == "since_assigned":
        rows, column = (_said(_LAST[field]), "created_at") if field in _LAST else (_assigned(), "occurred_at")
        if not is_long:
            return Q(Exists(rows.filter(**{f"{column}__gt": edge})))
        return Q(Exists(rows)) & ~Q(Exists(rows.filter(**{f"{column}__gte": edge})))
    column = _INSTANTS[field]
    return Q(**{f"{column}__{'lt' if is_long else 'gt'}": edge})


def _said(kind: MessageKind) -> QuerySet[Any]:
    return Message.objects.filter(ticket=OuterRef("pk"), kind=kind)


def _assigned() -> QuerySet[Event]:
    return Event.objects.filter(
        kind=events.ASSIGNED.name, subject_type=Ticket._meta.label_lower, subject_id=OuterRef("pk")
    )
