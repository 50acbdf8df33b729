"""Who has a ticket open, what they have written and not sent, and how they like to work. None of it is in a journal."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from common import retention
from common.errors import Invalid
from common.time import now
from tickets.access import require_sight, require_work
from tickets.models import Draft, FormPost, Habits, Presence, Ticket
from tickets.services.holding import drop_files, files_of_draft
from tickets.services.locking import lock
from tickets.services.text import BODY_CHARACTERS_MOST
from tickets.vocabulary import MessageKind

PRESENT = dt.timedelta(seconds=15)  # a page that says nothing for so long is gone; it speaks every 4 seconds
DRAFTS_KEPT = dt.timedelta(days=90)
PRESENCE_KEPT = dt.timedelta(days=1)


def note_presence(ticket: Ticket, *, by: User, is_composing: bool = False) -> list[Presence]:
    """Note that `by` has the ticket open, and return who else has."""
    require_work(by, ticket)
    require_sight(by, ticket)
    Presence.objects.update_or_create(
        ticket=ticket, person=by, defaults={"is_composing": is_composing, "seen_at": now()}
    )
    return present_besides(ticket, by)


def leave_ticket(ticket: Ticket, *, by: User) -> None:
    """Note that `by` has closed the ticket's page."""
    Presence.objects.filter(ticket=ticket, person=by).delete()


def present_besides(ticket: Ticket, user: User) -> list[Presence]:
    """Return who has the ticket open besides `user`, whoever writes first."""
    rows = Presence.objects.filter(ticket=ticket, seen_at__gt=now() - PRESENT).exclude(person=user)
    return list(rows.select_related("person").order_by("-is_composing", "person__name"))


def present_on(tickets: Sequence[Ticket], user: User) -> dict[int, list[Presence]]:
    """Return who but `user` has which of the tickets open, by the ticket's number."""
    fresh = Presence.objects.filter(seen_at__gt=now() - PRESENT, ticket__in=[ticket.pk for ticket in tickets])
    found: dict[int, list[Presence]] = defaultdict(list)
    for presence in fresh.exclude(person=user).select_related("person").order_by("person__name"):
        found[presence.ticket_id].append(presence)
    return found


def present_elsewhere(user: User) -> QuerySet[Any, Any]:
    """Return which tickets anybody but `user` has open, as numbers for a filter."""
    return Presence.objects.filter(seen_at__gt=now() - PRESENT).exclude(person=user).values("ticket")


@transaction.atomic
def save_draft(ticket: Ticket, *, by: User, kind: str, body: str, token: uuid.UUID | None = None) -> Draft | None:
    """Keep what `by` has written so far; nothing is kept of an empty text.   Raises: NotAllowed, NotFound.

    token: of the form it is written in. What comes late, when the form has been sent already, is no draft any more.
    """
    require_work(by, ticket)
    require_sight(by, ticket)
    lock(ticket)  # or it might be kept while the same text is being sent
    is_sent = token is not None and FormPost.objects.filter(token=token).exists()
    if is_sent:
        return None
    if not body.strip() and not files_of_draft(ticket, by).exists():
        discard_draft(ticket, by=by)
        return None
    kind = kind if kind == MessageKind.INTERNAL_NOTE else MessageKind.PUBLIC_REPLY
    draft, _ = Draft.objects.update_or_create(
        ticket=ticket, author=by, defaults={"kind": kind, "body": body[: 2 * BODY_CHARACTERS_MOST], "saved_at": now()}
    )
    return draft


@transaction.atomic
def discard_draft(ticket: Ticket, *, by: User) -> None:
    """Forget what `by` has written to the ticket, and the files kept with it."""
    Draft.objects.filter(ticket=ticket, author=by).delete()
    drop_files(files_of_draft(ticket, by))


def set_habits(*, by: User, then: str | None = None, uses_keys: bool | None = None) -> Habits:
    """Keep what `by` wants of the console; what is None stays as it is.   Raises: Invalid, NotAllowed."""
    require_work(by)
    if then is not None and then not in Habits.Then.values:
        raise Invalid("Choose what happens after an answer from the list.", field="then")
    told = {"then": then, "uses_keys": uses_keys}
    changes = {name: value for name, value in told.items() if value is not None}
    habits, _ = Habits.objects.update_or_create(person=by, defaults=changes)
    return habits


def purge_drafts(at: dt.datetime) -> int:
    return retention.delete_in_batches(Draft.objects.filter(saved_at__lt=at - DRAFTS_KEPT))


def purge_presence(at: dt.datetime) -> int:
    return retention.delete_in_batches(Presence.objects.filter(seen_at__lt=at - PRESENCE_KEPT))


retention.register("drafts of replies", purge_drafts)
retention.register("who had which ticket open", purge_presence)
