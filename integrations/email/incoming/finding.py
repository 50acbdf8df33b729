"""Which ticket a mail belongs to, and where a new one goes: reading only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import parseaddr

from django.conf import settings

from accounts.models import ProductArea, Team, User
from integrations.email import addresses
from integrations.email.incoming import rules
from integrations.email.incoming.mail import Address, Mail
from integrations.email.incoming.models import InboundMail, MailboxAddress
from integrations.models import Delivery
from tickets.models import Ticket

IDS_MOST = 40


@dataclass(frozen=True)
class Found:
    """ticket: None where the mail belongs to none.   token_person: for whom its signed address was made."""

    ticket: Ticket | None = None
    token_person: int | None = None


@dataclass(frozen=True)
class Destination:
    """What a ticket begins with because of the address it came to."""

    team: Team | None = None
    product_area: ProductArea | None = None
    tags: list[str] = field(default_factory=list)


def find_ticket(mail: Mail) -> Found:
    """Return the ticket by the signed address, else by what it answers, else by the reference in its subject."""
    for address in mail.addressed_to:
        if token := addresses.read_reply_address(address):
            ticket = Ticket.objects.filter(pk=token[0]).first()
            if ticket is not None:
                return Found(ticket, token[1])
    ids = (*mail.in_reply_to, *reversed(mail.references))
    ticket = _by_thread(dict.fromkeys(ids)) or _by_subject(mail.subject)
    return Found(ticket)


def _by_thread(ids: Iterable[str]) -> Ticket | None:
    known = list(ids)[:IDS_MOST]
    numbers = [thread[0] for one in known if (thread := addresses.read_thread_id(one))]
    deliveries = [number for one in known if (number := addresses.read_delivery_id(one))]
    about = Delivery.objects.filter(pk__in=deliveries, event__subject_type=Ticket._meta.label_lower)
    numbers += about.order_by("-id").values_list("event__subject_id", flat=True) if deliveries else []
    if known:
        earlier = InboundMail.objects.filter(internet_id__in=[one[:255] for one in known]).order_by("-id")
        numbers += earlier.values_list("message__ticket", flat=True)[:1]
    return Ticket.objects.filter(pk=numbers[0]).first() if numbers else None


def _by_subject(subject: str) -> Ticket | None:
    reference = rules.tagged_reference(subject, settings.PORTAL_TICKET_PREFIX)
    return Ticket.objects.with_reference(reference).first() if reference else None


def own_addresses() -> set[str]:
    """Return the addresses that are the portal's own, each without its plus part."""
    own = {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()}
    own |= set(MailboxAddress.objects.values_list("address", flat=True))
    return {rules.base_address(one.lower())[0] for one in own}


def destination_of(mail: Mail) -> Destination:
    """Return what the table of addresses says; a plus part that names a product area counts without a line there."""
    rows = {row.address.lower(): row for row in MailboxAddress.objects.select_related("team", "product_area")}
    row = next((rows[one] for one in mail.addressed_to if one in rows), None)
    parts = [rules.base_address(one) for one in mail.addressed_to]
    own = own_addresses()
    area = None
    if row is None:
        row = next((rows[base] for base, _ in parts if base in rows), None)
        named = (ProductArea.objects.named(detail) for base, detail in parts if detail and base in own)  # type: ignore[attr-defined]
        area = next((one for one in named if one is not None), None)
    if row is None:
        return Destination(product_area=area)
    return Destination(row.team, area or row.product_area, [str(tag) for tag in row.tags])


def others_on(mail: Mail) -> list[Address]:
    """Return whom else the mail went to: nobody's own address, nor the sender's."""
    own = own_addresses()
    return [one for one in mail.recipients if rules.base_address(one.email)[0] not in own and one != mail.sender]


def is_ours(message_id: str) -> bool:
    """Tell whether a Message-ID is that of a mail we sent."""
    return addresses.read_thread_id(message_id) is not None or addresses.read_delivery_id(message_id) is not None


def person_of(address: str) -> User | None:
    return User.objects.with_email(address).first()
