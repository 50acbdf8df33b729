"""Macros and saved replies: writing them, showing what one would do, and doing it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Conflict, NotAllowed
from common.time import now
from tickets import events
from tickets.access import one_deed, require_sight, require_work
from tickets.automation import actions, wording
from tickets.automation.checking import checked_macro, checked_saved_reply
from tickets.automation.doing import Doing, Planned, require_fields, text_for, values_of
from tickets.models import Macro, SavedReply, Ticket
from tickets.services.cascade import service
from tickets.services.conversation import add_internal_note, post_public_reply
from tickets.services.locking import lock
from tickets.vocabulary import FINAL_STATUSES, Channel, Status

MACRO_FIELDS = (
    *("name", "description", "team", "actions", "reply", "is_reply_internal", "position"),
    "is_active",
)
SAVED_REPLY_FIELDS = ("title", "keyword", "team", "body", "is_active")
ENDS = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True)
class Preview:
    """What a macro would do to a ticket. changes: its steps.   reply: its words, with the values in them."""

    changes: list[Planned]
    reply: str
    is_reply_internal: bool


@transaction.atomic
def create_macro(*, by: Actor, **fields: Any) -> Macro:
    """Make a macro. fields: any of MACRO_FIELDS; name, and actions or reply are needed. Raises: Invalid, NotAllowed."""
    _require(by, "add", "macro")
    macro = Macro.objects.create(**checked_macro(fields))
    journal.record(events.MACRO_CREATED, subject=macro, by=by, data={"name": macro.name})
    return macro


@transaction.atomic
def change_macro(macro: Macro, *, by: Actor, **fields: Any) -> Macro:
    """Change what `fields` name and return the macro."""
    _require(by, "change", "macro")
    macro = Macro.objects.select_for_update(of=("self",)).get(pk=macro.pk)
    present = {name: getattr(macro, name) for name in MACRO_FIELDS}
    new = checked_macro({**present, **fields}, macro=macro)
    changes = {
        name: {"from": _plain(present[name]), "to": _plain(new[name])} for name in new if new[name] != present[name]
    }
    if changes:
        Macro.objects.filter(pk=macro.pk).update(**{name: new[name] for name in changes}, changed_at=now())
        macro.refresh_from_db()
        journal.record(events.MACRO_CHANGED, subject=macro, by=by, data={"name": macro.name, "changes": changes})
    return macro


@transaction.atomic
def delete_macro(macro: Macro, *, by: Actor) -> None:
    """Delete a macro. What it did stays."""
    _require(by, "delete", "macro")
    journal.record(events.MACRO_DELETED, subject=macro, by=by, data={"name": macro.name})
    macro.delete()


def preview_macro(macro: Macro, ticket: Ticket, *, by: User, at: dt.datetime | None = None) -> Preview:
    """Return what `apply_macro` would do to the ticket as it is now. It changes nothing.

    Raises: NotFound, NotAllowed, Conflict.
    """
    _require_usable(macro, ticket, by)
    who = Doing(by, at=at or now(), agent=by)
    steps = actions.plan(macro.actions, ticket, who)
    return Preview(steps, words_of(macro, ticket, by=by, at=who.at), macro.is_reply_internal)


def words_of(macro: Macro, ticket: Ticket, *, by: User, at: dt.datetime | None = None) -> str:
    """Return the macro's words for `ticket`, with the values in them; "" where it says nothing."""
    return text_for(macro.reply, ticket, Doing(by, at=at or now(), agent=by)) if macro.reply else ""


@service
def apply_macro(
    macro: Macro,
    ticket: Ticket,
    *,
    by: User,
    reply: str | None = None,
    channel: Channel = Channel.CONSOLE,
    expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> Ticket:
    """Send the macro's words, take its steps in their order, count the use, and return the ticket: all or nothing.

    reply: the words as the agent changed them; "" for none.
    Raises: Invalid, naming the field, where the ticket ends without one that must be filled in; Stale; whatever
    a step's own service refuses.
    """
    ticket = lock(ticket, expected_version=expected_version)
    _require_usable(macro, ticket, by)
    who = Doing(by, at=at or now(), agent=by, channel=channel)
    words = text_for(macro.reply, ticket, who) if reply is None else reply.strip()
    with one_deed(by, ticket):
        if words:
            say = add_internal_note if macro.is_reply_internal else post_public_reply
            say(ticket, body=words, by=by, channel=channel, at=who.at)
        actions.perform(macro.actions, ticket, who)
    journal.record(
        events.MACRO_APPLIED,
        subject=ticket,
        by=by,
        channel=channel,
        at=who.at,
        data={"macro": macro.pk, "name": macro.name},
    )
    after = Ticket.objects.get(pk=ticket.pk)
    if after.status in ENDS and after.status != ticket.status:
        require_fields(after)
    Macro.objects.filter(pk=macro.pk).update(used_count=F("used_count") + 1)
    return after


@transaction.atomic
def create_saved_reply(*, by: Actor, **fields: Any) -> SavedReply:
    """Keep words for answers. fields: any of SAVED_REPLY_FIELDS. Raises: Invalid, NotAllowed."""
    _require(by, "add", "savedreply")
    reply = SavedReply.objects.create(**checked_saved_reply(fields))
    journal.record(events.SAVED_REPLY_CREATED, subject=reply, by=by, data={"name": reply.title})
    return reply


@transaction.atomic
def change_saved_reply(reply: SavedReply, *, by: Actor, **fields: Any) -> SavedReply:
    """Change what `fields` name and return the saved reply."""
    _require(by, "change", "savedreply")
    present = {name: getattr(reply, name) for name in SAVED_REPLY_FIELDS}
    new = checked_saved_reply({**present, **fields}, reply=reply)
    if changed := [name for name in new if new[name] != present[name]]:
        SavedReply.objects.filter(pk=reply.pk).update(**{name: new[name] for name in changed}, changed_at=now())
        reply.refresh_from_db()
        journal.record(events.SAVED_REPLY_CHANGED, subject=reply, by=by, data={"name": reply.title})
    return reply


@transaction.atomic
def delete_saved_reply(reply: SavedReply, *, by: Actor) -> None:
    """Delete a saved reply."""
    _require(by, "delete", "savedreply")
    journal.record(events.SAVED_REPLY_DELETED, subject=reply, by=by, data={"name": reply.title})
    reply.delete()


def fill_saved_reply(reply: SavedReply, ticket: Ticket, *, by: User) -> str:
    """Return the words of a saved reply for `ticket`, for `by` to send. Raises: NotFound, NotAllowed."""
    require_sight(by, ticket)
    require_work(by, ticket)
    return wording.filled(reply.body, values_of(ticket, by))


def _require_usable(macro: Macro, ticket: Ticket, by: User) -> None:
    require_sight(by, ticket)
    require_work(by, ticket)
    if not Macro.objects.usable_by(by).filter(pk=macro.pk).exists():
        raise NotAllowed("This macro belongs to another team, or is switched off.")
    if macro.reply and not macro.is_reply_internal and ticket.status in FINAL_STATUSES:
        raise Conflict(
            f"{ticket.reference} is {ticket.get_status_display().lower()}: nobody would see the macro's reply.",
            code="ticket_is_final",
        )


def _plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value


def _require(by: Actor, verb: str, model: str) -> None:
    if isinstance(by, User) and not by.has_perm(f"tickets.{verb}_{model}"):
        raise NotAllowed("Only a supervisor can change macros and saved replies.")
