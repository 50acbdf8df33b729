"""Making of a stored mail what it asks for: a ticket, a message, a note of a bounce, or nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.services import find_or_create_person
from common.errors import PortalError
from common.time import now
from integrations.email.bounces import note_bounce
from integrations.email.incoming import finding, posting, rules
from integrations.email.incoming.finding import Found
from integrations.email.incoming.mail import Address, Authentication, DeliveryReport, Mail
from integrations.email.incoming.models import InboundMail
from integrations.email.incoming.parsing import parse
from integrations.email.incoming.rules import Step
from integrations.inbound import Held, Outcome, Unusable
from integrations.models import InboundEvent
from tickets.access import may_see, may_take_part, may_work
from tickets.models import BlockedSender

OWN_HEADERS = ("spf", "dkim")  # what a way in found itself of the sender, for mails that lack the header


@dataclass(frozen=True)
class Arrival:
    """A mail with what is known of it. person: who has its sender's address here, if anybody."""

    row: InboundEvent
    mail: Mail
    sender: Address
    person: User | None
    found: Found


def read(row: InboundEvent) -> Mail:
    """Return the mail in a stored message.

    Raises: Unusable.
    """
    if reason := row.headers.get("unusable"):
        raise Unusable(reason)
    server = settings.PORTAL_MAIL_AUTHENTICATION_SERVER
    mail = parse(bytes(row.body), server=server, recipient=row.headers.get("recipient", ""))
    told = {name: row.headers[name] for name in OWN_HEADERS if row.headers.get(name)}
    if not told:
        return mail
    return replace(mail, authentication=Authentication(**{"dmarc": mail.authentication.dmarc, **told}))


def process(row: InboundEvent) -> Outcome:
    """Make of a mail what it asks for. Doing it twice makes nothing more.

    Raises: Held where an agent has to decide, Unusable where nothing can be read.
    """
    done = InboundMail.objects.filter(event=row).select_related("message__ticket").first()
    if done is not None:
        return Outcome(f"It is a message of {done.message.ticket.reference}.", done.message.ticket)
    mail = read(row)
    if words := _own(mail) or _seen(mail):
        return Outcome(words, is_ignored=True)
    if mail.report is not None:
        return _note_report(mail.report)
    if mail.sender is None:
        raise Held("It does not say who sent it, or names several senders.")
    if BlockedSender.objects.filter(pattern__in=BlockedSender.patterns_of(mail.sender.email)).exists():
        return Outcome(f"{mail.sender.email} is blocked.", is_ignored=True)
    _refuse_flood(mail.sender.email)
    person = finding.person_of(mail.sender.email)
    if person is not None and not person.is_active:
        raise Held(f"The account of {mail.sender.email} is switched off.")
    return _take(Arrival(row, mail, mail.sender, person, finding.find_ticket(mail)))


def _take(arrival: Arrival) -> Outcome:
    decision = rules.decide(_facts(arrival))
    if decision.step == Step.HOLD:
        raise Held(decision.words)
    if decision.step == Step.IGNORE:
        return Outcome(decision.words, ticket=arrival.found.ticket, is_ignored=True)
    try:
        with transaction.atomic():
            return _write(arrival, decision.step)
    except PortalError as refusal:
        raise Held(refusal.message) from refusal


def _write(arrival: Arrival, step: Step) -> Outcome:
    person = arrival.person or find_or_create_person(email=arrival.sender.email, name=arrival.sender.name)
    ticket = arrival.found.ticket
    if step == Step.OPEN or ticket is None:
        message = posting.open_by_mail(arrival.row, arrival.mail, person)
        return Outcome(f"It opened {message.ticket.reference}.", message.ticket)
    if step == Step.REPLY:
        message = posting.reply_by_mail(arrival.row, arrival.mail, ticket, person)
        return Outcome(f"{person.name} answered {ticket.reference} by it.", message.ticket)
    message = posting.write_by_mail(arrival.row, arrival.mail, ticket, person)
    after = message.ticket
    follows = "" if after.pk == ticket.pk else f", which continues {ticket.reference}"
    return Outcome(f"It is a message of {after.reference}{follows}.", after)


def _facts(arrival: Arrival) -> rules.Facts:
    mail, person, ticket = arrival.mail, arrival.person, arrival.found.ticket
    if ticket is None:
        return rules.Facts(
            sender=arrival.sender.email,
            is_answer=mail.automatic.is_answer,
            is_automatic=bool(mail.automatic.why),
            list_name=_foreign_list(mail),
        )
    return rules.Facts(
        sender=arrival.sender.email,
        reference=ticket.reference,
        is_final=ticket.is_final,
        is_on_ticket=person is not None and may_see(person, ticket),
        is_requester=person is not None and person.pk == ticket.requester_id,
        is_agent=person is not None and may_work(person),
        is_onlooker=person is not None and not may_take_part(person, ticket),
        has_own_token=person is not None and arrival.found.token_person == person.pk,
        is_failing=mail.authentication.is_failing,
        is_automatic=bool(mail.automatic.why) or bool(mail.list_id),
        is_answer=mail.automatic.is_answer,
    )


def _foreign_list(mail: Mail) -> str:
    """Return the list a mail came through, unless it is a group address that is our own."""
    own = {one.replace("@", ".") for one in finding.own_addresses()}
    name = mail.list_id.lower()
    return "" if name.replace("@", ".") in own else mail.list_id


def _own(mail: Mail) -> str:
    """Say that one of our own mails came back; "" where it is somebody else's."""
    if mail.report is None and finding.is_ours(mail.message_id):
        return "One of our own mails came back."
    if mail.sender and rules.base_address(mail.sender.email)[0] in finding.own_addresses():
        return "It says it was sent by the portal's own address."
    return ""


def _seen(mail: Mail) -> str:
    seen = InboundMail.objects.filter(internet_id=mail.message_id[:255], digest=mail.digest)
    earlier = seen.select_related("message__ticket").first()
    return f"The same mail came before, and is in {earlier.message.ticket.reference}." if earlier else ""


def _refuse_flood(sender: str) -> None:
    """Raise Held where more came from this address than people write."""
    minutes, most = settings.PORTAL_MAIL_SENDER_MINUTES, settings.PORTAL_MAIL_PER_SENDER
    since = now() - dt.timedelta(minutes=minutes)
    if InboundMail.objects.filter(sender=sender, created_at__gt=since).count() >= most:
        raise Held(f"More than {most} mails from {sender} within {minutes} minutes.")


def _note_report(report: DeliveryReport) -> Outcome:
    """Note each address that a delivery report names."""
    noted = [
        one.address
        for one in report.failures
        if note_bounce(one.address, one.reason or one.status, report.message_id, is_permanent=one.is_permanent)
    ]
    if noted:
        return Outcome(f"A delivery report: our mail did not reach {', '.join(noted)}.")
    named = ", ".join(one.address for one in report.failures) or "nobody"
    return Outcome(f"A delivery report about a mail that is none of ours (it names {named}).", is_ignored=True)
