"""Making a mail out of a delivery: what it says is looked up when it is sent, so it is never out of date."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from common.console import change_url
from integrations.email import addresses
from integrations.email.mails import BY_NAME, Mail
from integrations.email.notices import NOTICES
from integrations.email.surveys import faces_of
from integrations.email.templating import own_words
from integrations.email.unsubscribing import headers_for
from integrations.escalations import ROLES
from integrations.models import Delivery
from tickets.models import Message, Ticket
from tickets.services import tracking_url


def render_mail(delivery: Delivery) -> EmailMultiAlternatives | None:
    """Return the mail, or None where there is nothing to say any more: its subject or reader is gone."""
    if delivery.template in NOTICES:
        return _notice(delivery)
    if delivery.template in BY_NAME:
        return _to_customer(delivery)
    return _ready_made(delivery)


def _to_customer(delivery: Delivery) -> EmailMultiAlternatives | None:
    """Return a mail about a ticket to one of the people on it."""
    event, reader = delivery.event, delivery.recipient
    ticket = Ticket.objects.select_related("requester").filter(pk=event.subject_id).first() if event else None
    if event is None or ticket is None or reader is None or not reader.is_active:
        return None
    message = None
    if "message" in event.data:
        message = Message.objects.public().select_related("author").filter(pk=event.data["message"]).first()
        if message is None:
            return None
    mail = BY_NAME[delivery.template]
    away = delivery.payload.get("stands_in_for", "")
    faces = faces_of(event) if "survey" in event.data else []
    if mail.name == "satisfaction_survey" and not faces:
        return None
    context = {
        "ticket": ticket,
        "message": message,
        "attachments": list(message.attachments.all()) if message else [],
        "faces": faces,
        "reader": reader,
        "status_words": ticket.status_look.customer_words,
        "actor_name": event.actor_label,
        "url": f"{settings.SITE_URL}{change_url(ticket)}" if away else tracking_url(ticket, reader),
        "stands_in_for": away,
        "preferences_url": f"{settings.SITE_URL}/profile",
        "portal_name": settings.PORTAL_NAME,
        "reads_mail": settings.PORTAL_READS_MAIL,
    }
    return _compose(delivery, mail, ticket, reader, context)


def _compose(
    delivery: Delivery, mail: Mail, ticket: Ticket, reader: User, context: dict[str, Any]
) -> EmailMultiAlternatives:
    with timezone.override(zoneinfo.ZoneInfo(reader.zone_name)):
        words = own_words(mail.name, context) or _words(mail.name, context)
    thread = addresses.thread_id(ticket.pk, reader.pk)
    is_first = mail.name == "ticket_received"
    headers = {
        "Message-ID": thread if is_first else addresses.message_id(f"delivery.{delivery.pk}"),
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Reply-To": addresses.reply_address(ticket.pk, reader.pk),
    }
    if not is_first:
        headers |= {"In-Reply-To": thread, "References": thread}
    if mail.is_notice:
        headers |= headers_for(reader)
    if not mail.is_reply or (context["message"] and context["message"].is_automatic):
        headers["Auto-Submitted"] = "auto-replied" if is_first else "auto-generated"
    return _with_html(delivery, *words, headers)


def _notice(delivery: Delivery) -> EmailMultiAlternatives | None:
    """Return a mail to staff. It is no part of the customer's conversation and has a thread of its own."""
    reader = _staff_reader(delivery)
    if reader is None:
        return None
    name, zone_name = reader
    with timezone.override(zoneinfo.ZoneInfo(zone_name)):
        notice = NOTICES[delivery.template](delivery)
        if notice is None:
            return None
        context = {**notice.context, "reader": name, "portal_name": settings.PORTAL_NAME}
        words = _words(delivery.template, context)
    thread = addresses.message_id(notice.thread)
    return _with_html(delivery, *words, _automatic(delivery) | {"In-Reply-To": thread, "References": thread})


def _staff_reader(delivery: Delivery) -> tuple[str, str] | None:
    """Return who reads it, in words, and in which zone: the address of a role, or somebody who still is staff."""
    if role := delivery.payload.get("role"):
        return f"the address of {ROLES[role]}", "UTC"
    person = delivery.recipient
    if person is None or not User.objects.staff().filter(pk=person.pk).exists():
        return None
    return person.name, person.zone_name


def _ready_made(delivery: Delivery) -> EmailMultiAlternatives | None:
    """Return a mail that was rendered when it was queued, such as a sign-in code."""
    if not delivery.payload:
        return None
    payload = delivery.payload
    return _with_html(delivery, payload["subject"], payload["text"], payload["html"], _automatic(delivery))


def _words(name: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, text and HTML of the mail `name`."""
    folder = f"email/{name}"
    return (
        " ".join(render_to_string(f"{folder}/subject.txt", context).split()),
        render_to_string(f"{folder}/body.txt", context),
        render_to_string(f"{folder}/body.html", context),
    )


def _automatic(delivery: Delivery) -> dict[str, str]:
    """Return the headers of a mail that answers nobody and wants no answer."""
    return {
        "Message-ID": addresses.message_id(f"delivery.{delivery.pk}"),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def _with_html(
    delivery: Delivery, subject: str, text: str, markup: str, headers: dict[str, str]
) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=subject, body=text, from_email=addresses.sender(), to=[delivery.destination], headers=headers
    )
    if markup:
        mail.attach_alternative(markup, "text/html")
    return mail
