"""What the page of a ticket shows its customers: public messages, public events, and the facts beside them.

Everything here starts from public(): whoever looks, this is the customers' page.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from common import journal
from common.journal import Event
from tickets import events
from tickets.access import may_cancel, may_reopen, may_solve
from tickets.fields import words_of
from tickets.models import Attachment, CustomField, Message, Ticket
from tickets.slots import MESSAGES, PROMISES
from tickets.views.doors import Visit
from tickets.vocabulary import STATUS_META, LinkKind, MessageKind, Status

# The messages themselves stand in the thread, and the first of them is the opening.
TOLD_BY_MESSAGES = {events.OPENED.name, events.CUSTOMER_MESSAGE_POSTED.name, events.PUBLIC_REPLY_POSTED.name}


@dataclass
class Said:
    """A message, as components/message.html takes it."""

    at: dt.datetime
    name: str
    said: str
    role: str
    tone: str
    body: SafeString
    id: str
    folded: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    is_message: bool = True


@dataclass
class Happened:
    """An event, as components/timeline_item.html takes it."""

    at: dt.datetime
    glyph: str
    text: SafeString
    files: list[dict[str, Any]] = field(default_factory=list)
    is_message: bool = False


def ticket_context(visit: Visit) -> dict[str, Any]:
    """Return what templates/tickets/ticket.html needs, at a number of queries that the conversation does not change."""
    ticket = visit.ticket
    followers = list(ticket.followers.select_related("person").order_by("pk"))
    return {
        "visit": visit,
        "ticket": ticket,
        "is_link_page": visit.via_link,
        "thread": thread(visit),
        "promises": PROMISES.ask([ticket])[ticket.pk],
        "facts": _facts(ticket),
        "followers": followers,
        "readers": _readers(visit, [follower.person for follower in followers]),
        "follow_ups": _follow_ups(visit) if ticket.is_final else [],
        "may_solve": may_solve(visit.person, ticket),
        "may_reopen": may_reopen(visit.person, ticket),
        "may_cancel": not ticket.is_final and may_cancel(visit.person, ticket),
        "may_add_people": not ticket.is_final and visit.person.organization_id is not None and not visit.is_onlooker,
    }


def thread(visit: Visit) -> list[Said | Happened]:
    """Return messages and events in the order in which they happened; a message comes before what it caused."""
    files: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    loose: list[Attachment] = []
    for attachment in visit.attachments().public().select_related("uploaded_by"):
        files[attachment.message_id].append(_file(visit, attachment))
        loose += [attachment] if attachment.message_id is None else []
    said = Message.objects.filter(ticket=visit.ticket).public().select_related("author__organization")
    # What somebody quoted is shown to themselves: it can hold what the others on the ticket were never sent.
    notes = MESSAGES.ask(list(said))
    items: list[Said | Happened] = [
        _said(one, visit, files[one.pk], notes[one.pk] if one.author_id == visit.person.pk else []) for one in said
    ]
    items += [_attached(visit, attachment) for attachment in loose]
    public = {name for name, kind in journal.kinds().items() if kind.is_public} - TOLD_BY_MESSAGES
    happened = journal.timeline(visit.ticket).filter(kind__in=public)
    items += [line for event in happened if (line := _happened(event, visit))]
    return sorted(items, key=lambda item: (item.at, not item.is_message))


def _said(message: Message, visit: Visit, files: list[dict[str, Any]], notes: list[dict[str, Any]]) -> Said:
    author = message.author
    is_staff = message.kind == MessageKind.PUBLIC_REPLY
    role = ""
    if is_staff:
        role = "Support team"
    elif author and author.organization and author.pk != visit.person.pk:
        role = author.organization.name
    return Said(
        at=message.created_at,
        name=author.name if author else "Support team",
        said="You" if author and author.pk == visit.person.pk else "",
        role=role,
        tone="staff" if is_staff else "customer",
        body=SafeString(message.body_html),  # sanitized when it was written  # nosec B703
        id=f"message-{message.pk}",
        folded=next((note["folded"] for note in notes if note["folded"]), ""),
        files=files,
    )


def _file(visit: Visit, attachment: Attachment) -> dict[str, Any]:
    return {"name": attachment.name, "size": attachment.size, "url": visit.url("file", attachment.uid)}


def _attached(visit: Visit, attachment: Attachment) -> Happened:
    by = attachment.uploaded_by
    who = "Somebody" if by is None else "You" if by.pk == visit.person.pk else by.name
    text = format_html("<b>{}</b> attached a file.", who)
    return Happened(attachment.created_at, "paperclip", text, [_file(visit, attachment)])


def _happened(event: Event, visit: Visit) -> Happened | None:
    """Put a public event into the customer's words. Rules stay unnamed: what they are called is the team's own."""
    status = event.data.get("status")
    if not isinstance(status, dict) or status.get("to") not in STATUS_META:
        return None
    is_person = event.actor_kind == Event.ActorKind.PERSON
    who = event.actor_label if is_person else ""
    if is_person and event.actor_id == visit.person.pk:
        who = "You"
    look = STATUS_META[status["to"]]
    return Happened(event.occurred_at, look.glyph, _status_words(event.kind, status, who))


def _status_words(kind: str, status: dict[str, str], who: str) -> SafeString:
    deeds = {
        events.SOLVED.name: ("marked the ticket as solved", "The ticket was marked as solved"),
        events.REOPENED.name: ("opened the ticket again", "The ticket was opened again"),
        events.CLOSED.name: ("closed the ticket", "The ticket was closed"),
        events.CANCELLED.name: ("cancelled the ticket", "The ticket was cancelled"),
    }
    active, passive = deeds.get(kind, ("", ""))
    if not active and (status.get("from"), status["to"]) == (Status.NEW, Status.OPEN):
        active, passive = "started to work on the ticket", "Work on the ticket has started"
    if not active:
        words = STATUS_META[status["to"]].customer_words
        return format_html("Now: <b>{}</b>.", words)
    return format_html("<b>{}</b> {}.", who, active) if who else format_html("{}.", passive)


def _facts(ticket: Ticket) -> list[tuple[str, Any]]:
    """Return the details that concern customers, in the order of the rail; what nobody filled in is left out."""
    facts: list[tuple[str, Any]] = [
        ("About", ticket.product_area.name if ticket.product_area else ""),
        ("Priority", ticket.priority_look.customer_words),
        *_custom_facts(ticket),
        ("Environment", ticket.get_environment_display() if ticket.environment else ""),
        ("Version", ticket.product_version),
        ("Handled by", ticket.assignee.name if ticket.assignee else ""),
        ("Organization", ticket.organization.name if ticket.organization else ""),
        ("Plan", ticket.organization.get_tier_display() if ticket.organization else ""),
    ]
    return [(term, value) for term, value in facts if value]


def _custom_facts(ticket: Ticket) -> list[tuple[str, Any]]:
    if not ticket.custom_fields:
        return []
    rows = CustomField.objects.filter(key__in=ticket.custom_fields, is_active=True, is_customer_visible=True)
    return [(row.label.rstrip("?"), words_of(row, ticket.custom_fields[row.key])) for row in rows]


def _readers(visit: Visit, followers: list[User]) -> str:
    """Return who gets an answer, in words: "Goes to the support team, Otto Brandt and you"."""
    people = {person.pk: person.name for person in (visit.ticket.requester, *followers)}
    others = [name for pk, name in people.items() if pk != visit.person.pk]
    by_mail = " You can also answer our emails." if settings.PORTAL_READS_MAIL else ""
    return f"Goes to {', '.join(['the support team', *others])} and you.{by_mail}"


def _follow_ups(visit: Visit) -> list[dict[str, str]]:
    """Return the tickets that follow this one up and are the visitor's to see. Shape: [{"url", "reference"}]."""
    links = visit.ticket.links_here.filter(kind=LinkKind.FOLLOW_UP_OF)
    theirs = Ticket.objects.visible_to(visit.person).filter(pk__in=links.values("ticket")).order_by("pk")
    return [{"url": visit.elsewhere(ticket), "reference": ticket.reference} for ticket in theirs]
