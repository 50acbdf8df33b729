"""Tickets that belong together: links, merging, splitting."""

from __future__ import annotations

from accounts.models import User
from common import journal
from common.errors import Conflict, Invalid, NotFound
from common.time import now
from tickets import events
from tickets.access import require_work
from tickets.models import Follower, Message, Ticket, TicketLink
from tickets.services.cascade import service
from tickets.services.conversation import add_internal_note
from tickets.services.links import write_link
from tickets.services.locking import lock
from tickets.services.opening import open_ticket
from tickets.services.status import move
from tickets.vocabulary import Channel, LinkKind, MessageKind, Status


@service
def link_tickets(ticket: Ticket, *, kind: LinkKind, other: Ticket, by: User) -> TicketLink:
    """Say what `ticket` is to `other`. Twice is harmless."""
    require_work(by, ticket)
    if ticket.pk == other.pk:
        raise Invalid("A ticket cannot be linked to itself.", field="other", code="same_ticket")
    return write_link(lock(ticket), kind=kind, other=other, by=by)


@service
def unlink_tickets(link: TicketLink, *, by: User) -> None:
    """Remove the link."""
    require_work(by, link.ticket)
    ticket = lock(link.ticket)
    data = {"kind": link.kind, "other": link.other.reference, "other_id": link.other_id}
    link.delete()
    journal.record(events.UNLINKED, subject=ticket, by=by, data=data)


@service
def merge_tickets(ticket: Ticket, *, into: Ticket, by: User) -> Ticket:
    """Close `ticket` in favour of `into`, where its later messages go, and return the survivor.

    Both must be of one requester or one organization: a merge shows each side the other's conversation.
    Raises: Conflict with the reason where they cannot be merged.
    """
    for one in (ticket, into):
        require_work(by, one)
    if ticket.pk == into.pk:
        raise Conflict("A ticket cannot be merged into itself.", code="same_ticket")
    # Always in the order of their numbers, so that two opposite merges cannot wait for each other.
    locked = {
        row.pk: row
        for row in Ticket.objects.select_for_update(no_key=True).filter(pk__in=[ticket.pk, into.pk]).order_by("pk")
    }
    ticket, into = locked[ticket.pk], locked[into.pk]
    for one in (ticket, into):
        if one.is_final:
            raise Conflict(f"{one.reference} is {one.get_status_display().lower()}.", code="ticket_is_final")
    is_same_side = ticket.requester_id == into.requester_id or (
        ticket.organization_id is not None and ticket.organization_id == into.organization_id
    )
    if not is_same_side:
        raise Conflict(
            "These tickets belong to different customers, who would read each other's messages. Link them instead.",
            code="different_customers",
        )
    at = now()
    for person in User.objects.filter(pk__in=[ticket.requester_id, *ticket.followers.values_list("person", flat=True)]):
        if person.pk != into.requester_id:
            Follower.objects.get_or_create(ticket=into, person=person)
    journal.record(events.MERGED, subject=ticket, by=by, at=at, data={"into": into.reference, "into_id": into.pk})
    move(ticket, Status.CLOSED, by=by, at=at, merged_into=into)
    description = ticket.messages.public().first()
    add_internal_note(
        into,
        body=f"{ticket.reference} “{ticket.subject}” was merged into this ticket.\n\n"
        + "\n".join(f"> {line}" for line in (description.body if description else "").splitlines())[:9000],
        by=by,
        at=at,
    )
    into = lock(into)
    data = {"merged": ticket.reference, "merged_id": ticket.pk}
    journal.record(events.ABSORBED, subject=into, by=by, at=at, data=data)
    return into


@service
def split_message(message: Message, *, subject: str, by: User) -> Ticket:
    """Open a ticket of its own from a customer's message, linked to where it stood, and return it."""
    require_work(by, message.ticket)
    if message.kind != MessageKind.CUSTOMER_MESSAGE or message.author is None:
        raise Conflict("Only a customer's message can become a ticket of its own.", code="not_a_customer_message")
    origin = lock(message.ticket)
    if message.ticket_id != origin.pk:
        raise NotFound("The message is not on this ticket.")
    ticket = open_ticket(
        subject=subject,
        description=message.body,
        requester=message.author,
        by=by,
        channel=Channel.CONSOLE,
        priority=origin.priority,
        product_area=origin.product_area,
        team=origin.team,
        environment=origin.environment,
        product_version=origin.product_version,
    )
    write_link(ticket, kind=LinkKind.SPLIT_FROM, other=origin, by=by)
    return ticket
