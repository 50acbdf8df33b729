"""Rows of the doors to other systems. A channel with tables of its own keeps them in its folder and names them here."""

from integrations.email.incoming.models import FetchedMail, InboundMail, MailboxAddress, MailFolder
from integrations.email.models import MailEvent, MailTemplate, SuppressedAddress
from integrations.models.incoming import InboundEvent
from integrations.models.outgoing import Attempt, Circuit, Delivery
from integrations.slack.models import SlackChannel, SlackDigest, SlackIntake, SlackThread, SlackUser
from integrations.webhooks.models import WebhookSubscription

__all__ = [
    "Attempt",
    "Circuit",
    "Delivery",
    "FetchedMail",
    "InboundEvent",
    "InboundMail",
    "MailEvent",
    "MailFolder",
    "MailTemplate",
    "MailboxAddress",
    "SlackChannel",
    "SlackDigest",
    "SlackIntake",
    "SlackThread",
    "SlackUser",
    "SuppressedAddress",
    "WebhookSubscription",
]
