"""What can be done on the ticket page: each deed is one POST, one form, one right and one or two services.

A deed refuses with PortalError, and what it did until then is undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Strategy, User
from accounts.services import find_or_create_person
from common.console import change_url
from common.errors import Conflict, Invalid, NotFound
from common.templatetags.portal import moment_words
from tickets import services
from tickets.access import one_deed, ticket_for
from tickets.console import forms
from tickets.console.properties import ROWS, PropertiesForm, row_of
from tickets.models import ChecklistItem, StatusLabel, Ticket
from tickets.vocabulary import Channel, LinkKind, Status

Fields = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """words: what happened, for the person who did it. ticket: where to go on; url: where else, if not there."""

    words: str
    ticket: Ticket
    anchor: str = ""
    url: str = ""


@dataclass(frozen=True)
class Deed:
    """goes_on: with it an agent may be done with the ticket, and goes on to what they chose comes then."""

    form: type[forms.DeedForm]
    perform: Callable[[Ticket, Fields, User], Done]
    permission: str = "tickets.work_ticket"
    goes_on: bool = False


def answer(ticket: Ticket, fields: Fields, by: User) -> Done:
    """Raises: Stale where the ticket changed since the agent saw it: the answer may have been given already."""
    if settings.PORTAL_UNDO_SECONDS:
        return _hold(ticket, fields, by)
    message = _say(ticket, fields, by, partial(services.post_public_reply, expected_version=fields["version"]))
    return Done(f"Your reply is on its way to {ticket.requester}.", ticket, f"message-{message}")


def _hold(ticket: Ticket, fields: Fields, by: User) -> Done:
    """Send the reply so that it can be taken back for a while: it is no message yet."""

    def work() -> Ticket:
        said = {name: fields[name] for name in ("body", "status", "label", "files", "kept")}
        services.hold_reply(ticket, **said, by=by, expected_version=fields["version"])
        services.discard_draft(ticket, by=by)
        return ticket

    services.once_per_form(fields["token"], work)
    words = format_html(
        'Your reply to {} leaves in {} seconds. <a href="{}#held">Take it back</a>',
        *(ticket.reference, settings.PORTAL_UNDO_SECONDS, change_url(ticket)),
    )
    return Done(words, ticket, "held")


def note(ticket: Ticket, fields: Fields, by: User) -> Done:
    message = _say(ticket, fields, by, services.add_internal_note)
    return Done("The internal note was added. Only the support team sees it.", ticket, f"message-{message}")


def _say(ticket: Ticket, fields: Fields, by: User, say: Callable[..., Any]) -> int:
    """Add the message, set the status chosen with it, and return the last message of the form."""

    def work() -> Ticket:
        with services.draft_files(ticket, by=by, chosen=fields["kept"]) as kept:
            say(ticket, body=fields["body"], by=by, channel=Channel.CONSOLE, files=[*kept, *fields["files"]])
        services.discard_draft(ticket, by=by)
        wanted = {"label": fields["label"]} if fields["label"] else {"status": fields["status"]}
        return services.change_ticket(ticket, by=by, **wanted) if fields["status"] else ticket

    services.once_per_form(fields["token"], work)
    return ticket.messages.order_by("-pk").values_list("pk", flat=True)[0]


def discard_draft(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.discard_draft(ticket, by=by)
    return Done("Your draft is discarded.", ticket, "composer")


def take(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.change_ticket(ticket, by=by, assignee=by)
    return Done(f"{ticket.reference} is yours now.", ticket)


def assign_by_turn(ticket: Ticket, fields: Fields, by: User) -> Done:
    """Let the rule of the ticket's team choose an agent; by skills where the team has none."""
    strategy = (ticket.team.strategy if ticket.team else "") or Strategy.SKILL_BASED
    assigned = services.assign_ticket(ticket, strategy=strategy, by=by)
    if assigned.ticket.assignee_id is None:
        raise Conflict(f"Nobody was chosen. {assigned.reason}")
    return Done(f"Assigned to {assigned.reason}" if assigned.is_new else assigned.reason, ticket)


def set_one(ticket: Ticket, fields: Fields, by: User) -> Done:
    name, value = fields["field"], fields["value"]
    if name == "status" and value.startswith(forms.LABEL):
        label = row_of(StatusLabel, value.removeprefix(forms.LABEL), "status")
        ticket = services.change_ticket(ticket, by=by, label=label)
        return Done(f"Status: {ticket.status_words}.", ticket)
    chosen = row_of(ROWS[name], value, name) if name in ROWS else value
    # A status that is chosen without a label takes the label off.
    plain = {"label": None} if name == "status" and value == ticket.status else {}
    ticket = services.change_ticket(ticket, by=by, **{name: chosen}, **plain)
    words = {"status": ticket.status_words, "priority": ticket.get_priority_display()}
    told = words.get(name) or str(chosen or "nobody")
    return Done(f"{name.capitalize()}: {told}.", ticket)


def snooze(ticket: Ticket, fields: Fields, by: User) -> Done:
    until = fields["choice"] or fields["until"]
    services.snooze_ticket(ticket, until=until, by=by)
    return Done(f"{ticket.reference} is put aside until {moment_words(until, 'sentence')}.", ticket)


def wake(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.wake_ticket(ticket, by=by)
    return Done(f"{ticket.reference} is back in the queue.", ticket)


def follow(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.add_follower(ticket, by, by=by)
    return Done("You follow this ticket: you get the mails that its customers get.", ticket)


def unfollow(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.remove_follower(ticket, by, by=by)
    return Done("You no longer follow this ticket.", ticket)


def undo_macro(ticket: Ticket, fields: Fields, by: User) -> Done:
    undone = services.undo_macro(ticket, fields["row"], by=by)
    stays = "".join(f" The {name} stays: {why}." for name, why in undone.kept)
    restored = f"Taken back: {', '.join(undone.restored)}." if undone.restored else "Nothing was taken back."
    return Done(f"{restored}{stays.replace('..', '.')}", ticket)


def add_items(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.add_checklist_items(ticket, fields["lines"].splitlines(), by=by)
    return Done("Added to the checklist.", ticket, "panel-checklist")


def tick(ticket: Ticket, fields: Fields, by: User) -> Done:
    item = services.tick(_item(ticket, fields), is_done=fields["is_done"], by=by)
    left = ticket.checklist.filter(done_at=None).count()
    return Done(f"“{item}” is {'done' if item.done_at else 'open again'}. {left} left.", ticket, "panel-checklist")


def remove_item(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.remove_checklist_item(_item(ticket, fields), by=by)
    return Done("Taken off the checklist.", ticket, "panel-checklist")


def _item(ticket: Ticket, fields: Fields) -> ChecklistItem:
    item = ticket.checklist.filter(pk=fields["row"]).first()
    if item is None:
        raise NotFound("This is no longer on the checklist.")
    return item


def spend_time(ticket: Ticket, fields: Fields, by: User) -> Done:
    entry = services.spend_time(ticket, by=by, **fields)
    return Done(f"{entry.minutes} min noted.", ticket, "panel-time")


def remove_time(ticket: Ticket, fields: Fields, by: User) -> Done:
    entry = ticket.time_entries.filter(pk=fields["row"]).select_related("ticket").first()
    if entry is not None:  # somebody else may have taken it back already
        services.remove_time(entry, by=by)
    return Done("The time was taken back.", ticket, "panel-time")


def solve(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.solve_ticket(ticket, by=by)
    count = Ticket.objects.visible_to(by).incidents_of(ticket).count()
    if not count:
        return Done(f"{ticket.reference} is solved.", ticket)
    words = format_html(
        '{} is solved. It has {} open {}: <a href="{}">tell them</a>.',
        *(ticket.reference, count, "incident" if count == 1 else "incidents"),
        reverse("admin:tickets_ticket_incidents", args=[ticket.pk]),
    )
    return Done(words, ticket)


def reopen(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.reopen_ticket(ticket, by=by)
    return Done(f"{ticket.reference} is open again.", ticket)


def cancel(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.cancel_ticket(ticket, by=by)
    return Done(f"{ticket.reference} is cancelled.", ticket)


def close(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.close_ticket(ticket, by=by)
    return Done(f"{ticket.reference} is closed for good.", ticket)


def merge(ticket: Ticket, fields: Fields, by: User) -> Done:
    into = services.merge_tickets(ticket, into=_other(fields, by), by=by)
    return Done(f"{ticket.reference} was merged into {into.reference}, which is this ticket.", into)


def split(ticket: Ticket, fields: Fields, by: User) -> Done:
    message = ticket.messages.filter(pk=fields["message"]).first()
    if message is None:
        raise NotFound("This message is not on this ticket.")
    new = services.split_message(message, subject=fields["subject"], by=by)
    return Done(f"{new.reference} was made from a message of {ticket.reference}.", new)


def link(ticket: Ticket, fields: Fields, by: User) -> Done:
    made = services.link_tickets(ticket, kind=LinkKind(fields["kind"]), other=_other(fields, by), by=by)
    return Done(f"{ticket.reference} is now {made.get_kind_display()} {made.other.reference}.", ticket, "linked")


def unlink(ticket: Ticket, fields: Fields, by: User) -> Done:
    row = ticket.links.filter(pk=fields["row"]).select_related("ticket", "other").first()
    if row is not None:  # somebody else may have removed it already
        services.unlink_tickets(row, by=by)
    return Done("The link was removed.", ticket, "linked")


def revoke_link(ticket: Ticket, fields: Fields, by: User) -> Done:
    row = ticket.tracking_links.filter(pk=fields["row"]).select_related("person").first()
    if row is None:
        raise NotFound("This secret link is no longer there.")
    services.revoke_tracking_link(row, by=by)
    return Done(f"The secret link of {row.person} no longer opens this ticket.", ticket, "people")


def add_follower(ticket: Ticket, fields: Fields, by: User) -> Done:
    person = find_or_create_person(email=fields["email"], by=by)
    services.add_follower(ticket, person, by=by)
    return Done(f"{person} now sees this ticket and gets its mails.", ticket, "people")


def remove_follower(ticket: Ticket, fields: Fields, by: User) -> Done:
    person = User.objects.filter(pk=fields["row"], followed_tickets__ticket=ticket).first()
    if person is not None:
        services.remove_follower(ticket, person, by=by)
    return Done("The person no longer follows this ticket.", ticket, "people")


def draft_article(ticket: Ticket, fields: Fields, by: User) -> Done:
    article = services.draft_article(ticket, by=by)
    words = f"This is the article drafted from {ticket.reference}. Read it through: it may still name somebody."
    return Done(words, ticket, url=change_url(article))


def erase_comment(ticket: Ticket, fields: Fields, by: User) -> Done:
    services.erase_comment(ticket, by=by)
    return Done("The comment is gone for good. The rating stays.", ticket)


def _other(fields: Fields, by: User) -> Ticket:
    try:
        return ticket_for(by, fields["reference"])
    except NotFound as error:
        raise Invalid("There is no ticket with this reference.", field="reference") from error


DEEDS: dict[str, Deed] = {
    "answer": Deed(forms.AnswerForm, answer, goes_on=True),
    "note": Deed(forms.AnswerForm, note),
    "discard_draft": Deed(forms.DeedForm, discard_draft),
    "take": Deed(forms.DeedForm, take),
    "assign_by_turn": Deed(forms.DeedForm, assign_by_turn),
    "set": Deed(forms.SetForm, set_one),
    "snooze": Deed(forms.SnoozeForm, snooze, goes_on=True),
    "wake": Deed(forms.DeedForm, wake),
    "follow": Deed(forms.DeedForm, follow),
    "unfollow": Deed(forms.DeedForm, unfollow),
    "undo_macro": Deed(forms.RowForm, undo_macro),
    "add_items": Deed(forms.ChecklistForm, add_items),
    "tick": Deed(forms.TickForm, tick),
    "remove_item": Deed(forms.RowForm, remove_item),
    "spend_time": Deed(forms.TimeForm, spend_time),
    "remove_time": Deed(forms.RowForm, remove_time),
    "solve": Deed(forms.DeedForm, solve, goes_on=True),
    "reopen": Deed(forms.DeedForm, reopen),
    "cancel": Deed(forms.DeedForm, cancel, goes_on=True),
    "close": Deed(forms.DeedForm, close, goes_on=True),
    "merge": Deed(forms.ReferenceForm, merge),
    "split": Deed(forms.SplitForm, split),
    "link": Deed(forms.LinkForm, link),
    "unlink": Deed(forms.RowForm, unlink),
    "revoke_link": Deed(forms.RowForm, revoke_link),
    "add_follower": Deed(forms.FollowerForm, add_follower),
    "remove_follower": Deed(forms.RowForm, remove_follower),
    "draft_article": Deed(forms.DeedForm, draft_article, "knowledgebase.add_article"),
    "erase_comment": Deed(forms.DeedForm, erase_comment, "tickets.erase_comment"),
}
# Saved apart: its form needs what the page knows, and a stale save is answered with what changed meanwhile.
PROPERTIES = Deed(
    PropertiesForm, lambda ticket, fields, by: Done("Saved.", services.change_ticket(ticket, by=by, **fields))
)


def may_offer(ticket: Ticket) -> dict[str, bool]:
    """Return which of the verbs that depend on the status make sense now."""
    return {
        "assign_by_turn": ticket.is_open and ticket.assignee_id is None,
        "solve": ticket.is_open,
        "reopen": ticket.status == Status.SOLVED,
        "cancel": ticket.is_open,
        "close": not ticket.is_final,
        "merge": not ticket.is_final,
        "answer": not ticket.is_final,
    }


def do(deed: Deed, ticket: Ticket, fields: Fields, by: User) -> Done:
    with transaction.atomic(), one_deed(by, ticket):
        return deed.perform(ticket, fields, by)
