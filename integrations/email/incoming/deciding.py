"""What agents decide about mails that were held or could not be used."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from accounts.services import find_or_create_person
from common import journal
from common.errors import Conflict, Invalid, NotAllowed
from common.time import now
from integrations.email import events
from integrations.email.incoming import posting
from integrations.email.incoming.intake import read
from integrations.email.incoming.mail import Mail
from integrations.email.incoming.models import InboundMail
from integrations.inbound import Unusable
from integrations.models import InboundEvent
from tickets.access import may_work, require_work
from tickets.models import Message, Ticket

DECIDABLE = (
    InboundEvent.State.HELD,
    InboundEvent.State.FAILED,
    InboundEvent.State.IGNORED,
    InboundEvent.State.DISCARDED,
)


@transaction.atomic
def accept_as_message(row: InboundEvent, ticket: Ticket, *, person: User, by: User) -> Message:
    """Add a held mail to `ticket` as what `person` says, who is its requester or follows it.

    Raises: NotAllowed, Conflict where it became something already, Invalid for somebody who is not on the ticket.
    """
    row, mail = _take(row, by)
    require_work(by, ticket)
    if person.pk != ticket.requester_id and not ticket.followers.filter(person=person).exists():
        raise Invalid(f"{person.name} is not on {ticket.reference}.", field="person")
    message = posting.write_by_mail(row, mail, ticket, person, is_accepted=True)
    return _settle(row, message, person=person, by=by)


@transaction.atomic
def open_from_mail(row: InboundEvent, *, by: User) -> Message:
    """Open a ticket with a held mail, of whoever it names as its sender.

    Raises: NotAllowed, Conflict, Invalid where it names nobody.
    """
    row, mail = _take(row, by)
    if mail.sender is None:
        raise Invalid("The mail names no sender, so nobody could be answered.", field="person")
    person = find_or_create_person(email=mail.sender.email, name=mail.sender.name, by=by)
    message = posting.open_by_mail(row, mail, person)
    return _settle(row, message, person=person, by=by)


def _take(row: InboundEvent, by: User) -> tuple[InboundEvent, Mail]:
    """Return the row, locked, and its mail."""
    if not (may_work(by) and by.has_perm("integrations.replay")):
        raise NotAllowed("Your role does not decide on mails that came in.")
    row = InboundEvent.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state not in DECIDABLE or InboundMail.objects.filter(event=row).exists():
        raise Conflict("It became a message already, or waits to be looked at.")
    try:
        return row, read(row)
    except Unusable as reason:
        raise Conflict(str(reason)) from reason


def _settle(row: InboundEvent, message: Message, *, person: User, by: User) -> Message:
    row.state, row.processed_at, row.ticket = InboundEvent.State.PROCESSED, now(), message.ticket
    row.outcome = f"{by.name} took it as a message of {person.name} on {message.ticket.reference}."[:500]
    row.save(update_fields=["state", "processed_at", "ticket", "outcome"])
    data = {"inbound": row.pk, "person": person.pk, "ticket": message.ticket_id}
    journal.record(events.MAIL_ACCEPTED, subject=message.ticket, by=by, channel="EMAIL", data=data)
    return message
