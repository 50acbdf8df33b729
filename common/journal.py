"""The journal: what happened, written in the transaction that made it happen.

A kind of event is declared once, in the `events.py` of the app that records it. Other rooms subscribe to
kinds in their `ready()`; a subscriber runs inside the same transaction and only writes rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from common import context
from common.actors import Actor, Person, Rule
from common.models import Event
from common.time import now

__all__ = ["Event", "Kind", "declare", "kinds", "record", "subscribe", "subscribe_to", "subscribe_to_all", "timeline"]

Subscriber = Callable[[Event], None]


@dataclass(frozen=True)
class Kind:
    """A kind of event. label: what a timeline says after the actor's name. payload: name -> what it holds.

    is_public: customers may see it in a timeline.
    """

    name: str
    label: str
    payload: dict[str, str]
    is_public: bool = False


_kinds: dict[str, Kind] = {}
_subscribers: dict[str, list[Subscriber]] = defaultdict(list)
_subscribers_to_all: list[Subscriber] = []


def declare(name: str, label: str, /, *, is_public: bool = False, **payload: str) -> Kind:
    """Make `name` a kind of event that may be recorded, and return it."""
    if name in _kinds:
        raise ValueError(f"{name} is declared twice")
    _kinds[name] = kind = Kind(name, label, payload, is_public)
    return kind


def kinds() -> dict[str, Kind]:
    """Return every declared kind by its name."""
    return dict(_kinds)


def subscribe(wanted: Iterable[Kind], subscriber: Subscriber) -> None:
    """Call `subscriber` with each event of the wanted kinds, in the transaction that records it."""
    subscribe_to((kind.name for kind in wanted), subscriber)


def subscribe_to(names: Iterable[str], subscriber: Subscriber) -> None:
    """Do the same for kinds known by name alone, which a room to the right may declare."""
    for name in names:
        if subscriber not in _subscribers[name]:
            _subscribers[name].append(subscriber)


def subscribe_to_all(subscriber: Subscriber) -> None:
    """Call `subscriber` with every event, in the transaction that records it, after those that want its kind."""
    if subscriber not in _subscribers_to_all:
        _subscribers_to_all.append(subscriber)


def record(
    kind: Kind,
    *,
    subject: models.Model,
    by: Actor,
    channel: str = "",
    data: dict[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> Event:
    """Write that `kind` happened to `subject`, call the subscribers, and return the event.

    data: JSON of ids and old and new values; its names are those the kind declares.   at: now, where not said.
    Raises: TransactionManagementError outside a transaction, ValueError for an undeclared name.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            f"{kind.name} must be recorded with the change, in its transaction"
        )
    data = data or {}
    if _kinds.get(kind.name) is not kind or not set(data) <= set(kind.payload):
        raise ValueError(f"{kind.name} is not declared with {sorted(data)}")
    origin = context.current()
    event = Event(
        kind=kind.name,
        occurred_at=at or now(),
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        channel=channel,
        data=data,
        request_id=origin.request_id,
        ip_address=origin.ip_address,
        **_actor_columns(by),
    )
    event.digest = event.compute_digest()
    event.save(force_insert=True)
    event.subject = subject
    for subscriber in (*_subscribers.get(kind.name, ()), *_subscribers_to_all):
        subscriber(event)
    return event


def timeline(subject: models.Model) -> models.QuerySet[Event]:
    """Return what happened to `subject`, oldest first."""
    return Event.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


def _actor_columns(by: Actor) -> dict[str, Any]:
    if isinstance(by, Person):
        return {"actor_kind": Event.ActorKind.PERSON, "actor_id": by.pk, "actor_label": by.get_full_name()[:200]}
    kind = Event.ActorKind.RULE if isinstance(by, Rule) else Event.ActorKind.SYSTEM
    return {"actor_kind": kind, "actor_label": by.name[:200]}
