"""What people say on a ticket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from common import journal
from common.actors import SYSTEM, Actor
from common.errors import Conflict
from common.time import now
from tickets import events
from tickets.access import may_work, require_part, require_work
from tickets.models import Message, Ticket
from tickets.rules import status_after_message
from tickets.services.attaching import attach_all
from tickets.services.cascade import service
from tickets.services.links import write_link
from tickets.services.locking import lock, save
from tickets.services.mentions import tell_mentioned
from tickets.services.messages import add_message
from tickets.services.opening import open_ticket
from tickets.services.snoozing import wake
from tickets.services.status import move
from tickets.services.text import checked_body
from tickets.vocabulary import Channel, LinkKind, MessageKind


@service
def post_public_reply(
    ticket: Ticket,
    *,
    body: str,
    by: Actor,
    channel: Channel = Channel.CONSOLE,
    files: Sequence[UploadedFile] = (),
    is_automatic: bool = False,
    expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> Message:
    """Answer the customer, open a new ticket by it, and return the message. A rule's answer has no author.

    Raises: Conflict on a closed or cancelled ticket, Stale, Invalid, NotAllowed.
    """
    ticket = lock(ticket, expected_version=expected_version)
    at = at or now()
    require_work(by, ticket)
    require_open(ticket)
    message = add_message(
        ticket,
        kind=MessageKind.PUBLIC_REPLY,
        body=checked_body(body, field="body"),
        author=by if isinstance(by, User) else None,
        channel=channel,
        is_automatic=is_automatic,
        at=at,
    )
    attach_all(ticket, files, message=message, by=by)
    is_first = ticket.first_response_at is None and not is_automatic and message.author_id != ticket.requester_id
    save(ticket, **({"first_response_at": at} if is_first else {}), updated_at=at)
    journal.record(
        events.PUBLIC_REPLY_POSTED,
        subject=ticket,
        by=by,
        channel=channel,
        at=at,
        data={"message": message.pk, "is_first_response": is_first, "is_automatic": is_automatic},
    )
    move(ticket, status_after_message(ticket.status, message.kind), by=by, at=at)
    return message


def require_open(ticket: Ticket) -> None:
    """Raise Conflict where nobody would see an answer."""
    if ticket.is_final:
        raise Conflict(
            f"{ticket.reference} is {ticket.get_status_display().lower()}: nobody would see an answer. "
            "Add an internal note, or open a new ticket.",
            code="ticket_is_final",
        )


@service
def add_internal_note(
    ticket: Ticket,
    *,
    body: str,
    by: Actor,
    channel: Channel = Channel.CONSOLE,
    files: Sequence[UploadedFile] = (),
    expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> Message:
    """Add what only the support team sees, tell whom it calls by name, and return it. Allowed on closed tickets too."""
    ticket = lock(ticket, expected_version=expected_version)
    at = at or now()
    require_work(by, ticket)
    message = add_message(
        ticket,
        kind=MessageKind.INTERNAL_NOTE,
        body=checked_body(body, field="body"),
        author=by if isinstance(by, User) else None,
        channel=channel,
        at=at,
    )
    attach_all(ticket, files, message=message, by=by)
    save(ticket, updated_at=at)
    journal.record(
        events.INTERNAL_NOTE_ADDED, subject=ticket, by=by, channel=channel, at=at, data={"message": message.pk}
    )
    tell_mentioned(message, by=by, at=at)
    return message


@service
def post_customer_message(
    ticket: Ticket,
    *,
    body: str,
    by: User,
    channel: Channel,
    files: Sequence[UploadedFile] = (),
    via_link: bool = False,
    external_id: str = "",
    is_automatic: bool = False,
    expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> Message:
    """Add what a customer says and return the message; its ticket may be another than the one asked for.

    It opens a pending or solved ticket again, unless a machine wrote it. On a merged ticket it goes to the survivor;
    on a closed or cancelled one it opens a follow-up ticket.
    """
    require_part(by, ticket, via_link=via_link)
    ticket = _survivor(lock(ticket, expected_version=expected_version))
    at = at or now()
    body = checked_body(body, field="body")
    if ticket.is_final:
        message = _open_follow_up(ticket, body=body, by=by, channel=channel, files=files, at=at)
    else:
        message = add_message(
            ticket,
            kind=MessageKind.CUSTOMER_MESSAGE,
            body=body,
            author=by,
            channel=channel,
            external_id=external_id,
            is_automatic=is_automatic,
            at=at,
        )
        attach_all(ticket, files, message=message, by=by)
        save(ticket, updated_at=at)
        journal.record(
            events.CUSTOMER_MESSAGE_POSTED,
            subject=ticket,
            by=by,
            channel=channel,
            at=at,
            data={
                "message": message.pk,
                "is_automatic": is_automatic,
                "is_agents": by.pk != ticket.requester_id and may_work(by),
            },
        )
        if not is_automatic:  # an out-of-office reply is no answer that anybody waited for
            wake(ticket, by=SYSTEM, at=at, reason="somebody wrote")
            move(ticket, status_after_message(ticket.status, message.kind), by=by, at=at)
    return message


def _survivor(ticket: Ticket) -> Ticket:
    """Return the ticket that this one was merged into, at last, locked."""
    while ticket.merged_into_id is not None:
        ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.merged_into_id)
    return ticket


def _open_follow_up(
    ticket: Ticket, *, body: str, by: User, channel: Channel, files: Sequence[UploadedFile], at: dt.datetime
) -> Message:
    follow_up = open_ticket(
        subject=ticket.subject,
        description=body,
        requester=by,
        by=by,
        channel=channel,
        priority=ticket.priority,
        product_area=ticket.product_area,
        team=ticket.team,
        environment=ticket.environment,
        product_version=ticket.product_version,
        files=files,
        at=at,
    )
    write_link(follow_up, kind=LinkKind.FOLLOW_UP_OF, other=ticket, by=by)
    return follow_up.messages.get()
