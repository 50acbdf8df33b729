"""What mail brings with it: its events, its way in, and what it shows on other rooms' pages."""

from __future__ import annotations

from accounts.models import User
from common import context, journal
from common.journal import Event
from integrations import inbound
from integrations.email import events, surveys, tracking, weekly  # noqa: F401 - events declares the kinds
from integrations.email.incoming import intake, showing
from integrations.services import queue_delivery
from tickets.events import NOTICE_WANTED, SURVEY_RATED, WEEKLY_REPORT_SENT
from tickets.slots import MESSAGES, UNREACHABLE


def register() -> None:
    inbound.register(inbound.Source("email", "Email", intake.process, page=showing.page_url))
    inbound.register(inbound.Source("sendgrid-events", "SendGrid events", tracking.process))
    MESSAGES.sign_in(showing.notes)
    UNREACHABLE.sign_in(surveys.unreachable)
    journal.subscribe((SURVEY_RATED,), surveys.tell_of_low_rating)
    journal.subscribe([NOTICE_WANTED], tell_team)
    journal.subscribe([WEEKLY_REPORT_SENT], weekly.queue_reports)


def tell_team(event: Event) -> None:
    """Write a mail to each of the team who are to know what a rule says of a ticket."""
    if context.current().is_backfill:
        return
    for person in User.objects.staff().filter(pk__in=event.data["people"]).order_by("pk"):
        queue_delivery(kind="email", template="rule_notice", destination=person.email, event=event, recipient=person)
