"""What mail brings with it: its events, its way in, and what it shows on other rooms' pages."""

from __future__ import annotations

from common import journal
from integrations import inbound
from integrations.email import events, surveys, tracking  # noqa: F401 - events declares the kinds
from integrations.email.incoming import intake, showing
from tickets.events import SURVEY_RATED
from tickets.slots import MESSAGES, UNREACHABLE


def register() -> None:
    inbound.register(inbound.Source("email", "Email", intake.process, page=showing.page_url))
    inbound.register(inbound.Source("sendgrid-events", "SendGrid events", tracking.process))
    MESSAGES.sign_in(showing.notes)
    UNREACHABLE.sign_in(surveys.unreachable)
    journal.subscribe((SURVEY_RATED,), surveys.tell_of_low_rating)
