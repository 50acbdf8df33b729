"""How the outside learns of events: each channel says here which kinds it listens to."""

from common import journal
from integrations import escalations, registry
from integrations.email import checking, mails, transport
from integrations.email import subscribers as email
from integrations.slack import subscribers as slack
from integrations.webhooks import subscribers as webhooks
from sla.events import STEP_DUE, STORM_BEGAN
from tickets.events import CUSTOMER_MESSAGE_POSTED


def register() -> None:
    registry.register(registry.Kind("email", "Email", transport.send, why=checking.why, check=checking.check))
    webhooks.register()
    email.register()
    for mail in mails.MAILS:
        journal.subscribe(mail.kinds, mail.queue)
    journal.subscribe((CUSTOMER_MESSAGE_POSTED,), mails.tell_stand_in)
    journal.subscribe((STEP_DUE,), escalations.escalate)
    journal.subscribe((STORM_BEGAN,), escalations.tell_of_storm)
    slack.register()
