"""The weekly report by mail: a delivery for each reader, and its words when it is sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Role, User
from common.journal import Event
from integrations.models import Delivery
from integrations.services import queue_delivery
from tickets.reporting.shapes import Asked
from tickets.reporting.weekly import gets_it, letter_of, week_of
from tickets.reporting.words import length_words

TEMPLATE = "weekly_report"


def queue_reports(event: Event) -> None:
    """Write a mail to each who is to get the report that is due."""
    for person in User.objects.staff().filter(pk__in=event.data["people"]).order_by("pk"):
        queue_delivery(kind="email", template=TEMPLATE, destination=person.email, event=event, recipient=person)


def words_of(delivery: Delivery) -> dict[str, Any] | None:
    """Return what the mail's templates take, as the numbers are now; None where its reader wants it no more.

    The week's days, and those of the week before, are those of the reader's zone, in which the mail is rendered.
    """
    event, reader = delivery.event, delivery.recipient
    if event is None or reader is None or not gets_it(reader):
        return None
    first = dt.date.fromisoformat(event.data["first"])
    letter = letter_of(Asked(reader, week_of(first), event.occurred_at))
    is_supervisor = reader.groups.filter(name=Role.SUPERVISOR).exists()
    return {
        "letter": letter,
        "oldest": [(one, length_words(one.waiting_seconds)) for one in letter.seen.oldest],
        "because": "you supervise the support team" if is_supervisor else "you asked for it",
        "url": f"{settings.SITE_URL}{reverse('admin:index')}?period=7d",
        "preferences_url": f"{settings.SITE_URL}{reverse('admin:tickets_weekly')}",
    }
