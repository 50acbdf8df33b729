"""Writing what a mail says into a conversation, through the same services as every page. Each within a transaction."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from accounts.models import Organization, User
from accounts.services import find_or_create_person
from common.errors import PortalError
from integrations.email.incoming import composing, finding
from integrations.email.incoming.composing import Composed
from integrations.email.incoming.mail import Address, Mail
from integrations.email.incoming.models import InboundMail
from integrations.models import InboundEvent
from tickets import services
from tickets.intake import add_colleague
from tickets.models import Message, Ticket
from tickets.vocabulary import Channel

OTHERS_MOST = 10


@transaction.atomic
def open_by_mail(row: InboundEvent, mail: Mail, person: User) -> Message:
    """Open a ticket of `person` with what the mail says, and return its first message."""
    composed = composing.compose(mail, is_opening=True)
    destination = finding.destination_of(mail)
    ticket = services.open_ticket(
        subject=composing.subject_of(mail),
        description=composed.body,
        requester=person,
        by=person,
        channel=Channel.EMAIL,
        product_area=destination.product_area,
        team=destination.team,
        tags=destination.tags,
        files=composed.files,
        followers=_followers(mail, person),
        is_automatic=bool(mail.automatic.why),
    )
    return _keep(row, mail, composed, ticket.messages.get())


@transaction.atomic
def write_by_mail(row: InboundEvent, mail: Mail, ticket: Ticket, person: User, *, is_accepted: bool = False) -> Message:
    """Add what a customer wrote, and return the message. is_accepted: an agent says that it is theirs."""
    composed = composing.compose(mail, is_opening=False)
    message = services.post_customer_message(
        ticket,
        body=composed.body,
        by=person,
        channel=Channel.EMAIL,
        files=composed.files,
        via_link=is_accepted,
        external_id=f"mail:{row.pk}",
        is_automatic=bool(mail.automatic.why or mail.list_id),
    )
    if not is_accepted:
        _add_colleagues(mail, message.ticket, person)
    return _keep(row, mail, composed, message)


@transaction.atomic
def reply_by_mail(row: InboundEvent, mail: Mail, ticket: Ticket, agent: User) -> Message:
    """Post an agent's public reply, and return it."""
    composed = composing.compose(mail, is_opening=False)
    message = services.post_public_reply(
        ticket, body=composed.body, by=agent, channel=Channel.EMAIL, files=composed.files
    )
    return _keep(row, mail, composed, message)


def _keep(row: InboundEvent, mail: Mail, composed: Composed, message: Message) -> Message:
    found = mail.authentication
    InboundMail.objects.create(
        event=row,
        message=message,
        internet_id=mail.message_id[:255],
        digest=mail.digest,
        sender=mail.sender.email if mail.sender else "",
        quoted=composed.quoted,
        has_html=bool(mail.html),
        is_suspicious=found.is_failing,
        spf=found.spf,
        dkim=found.dkim,
        dmarc=found.dmarc,
        troubles=list(mail.troubles),
    )
    return message


def _followers(mail: Mail, person: User) -> list[User]:
    """Return whom the mail went to besides us, as far as the portal makes them followers of a new ticket."""
    rule = settings.PORTAL_MAIL_CC_FOLLOWERS
    if rule == "never" or mail.authentication.is_failing or mail.automatic.why:
        return []
    others = finding.others_on(mail)[:OTHERS_MOST]
    if rule == "all":
        return [find_or_create_person(email=one.email, name=one.name) for one in others]
    return [found for one in others if (found := _colleague(one, person)) is not None]


def _colleague(other: Address, person: User) -> User | None:
    """Return the colleague of `person` who has this address, made where their organization takes people in by it."""
    if person.organization_id is None:
        return None
    known = finding.person_of(other.email)
    if known is not None:
        return known if known.organization_id == person.organization_id and known.is_active else None
    joins = Organization.objects.with_domain(other.domain).filter(is_joined_by_domain=True).first()
    if joins is None or joins.pk != person.organization_id:
        return None
    return find_or_create_person(email=other.email, name=other.name)


def _add_colleagues(mail: Mail, ticket: Ticket, person: User) -> None:
    """Add the sender's colleagues that an answer went to as well; strangers are an agent's to add."""
    if settings.PORTAL_MAIL_CC_FOLLOWERS == "never" or mail.authentication.is_failing or mail.automatic.why:
        return
    for other in finding.others_on(mail)[:OTHERS_MOST]:
        if _colleague(other, person) is not None:
            try:
                add_colleague(ticket, email=other.email, by=person)
            except PortalError:  # there are too many already; the message itself is what matters  # nosec B112
                continue
