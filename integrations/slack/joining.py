"""Joining notices: where many wait for one channel, one message tells them all, for Slack takes one a second."""

from __future__ import annotations

from django.conf import settings

from common.errors import DeliveryError
from common.time import now
from integrations.models import Delivery
from integrations.registry import Sent
from integrations.services import claim_along, give_back_along, settle_along
from integrations.slack import blocks, rendering
from integrations.slack.client import Slack
from integrations.slack.facts import ticket_with_facts

JOINABLE = ("slack_critical", "slack_sla", "sla_escalation", "slack_solved")
WAITING_LEAST = 5  # besides the one that is being sent


def send_joined(delivery: Delivery, channel: str, slack: Slack) -> Sent | None:
    """Post the delivery together with what else is due for its destination; None where it is better sent alone."""
    if delivery.template not in JOINABLE or delivery.may_have_gone or not _is_worth_it(delivery):
        return None
    others = claim_along(delivery, templates=JOINABLE, size=blocks.JOINED_MOST - 1)
    told = [(row, message) for row in (delivery, *others) if (message := _message(row)) is not None]
    try:
        posted = slack.post(
            channel,
            blocks.joined([message for _, message in told]),
            attempts=[row.attempt_id for row, _ in told],
        )
    except DeliveryError as error:
        give_back_along(others, is_unknown=error.is_unknown)
        raise
    external_id = f"{posted.channel}:{posted.ts}"
    settle_along(others, Sent(f"Posted in one message with {len(told) - 1} others.", external_id=external_id))
    return Sent(f"Posted in one message with {len(told) - 1} others.", external_id=external_id)


def _is_worth_it(delivery: Delivery) -> bool:
    least = 1 if settings.SLACK_BATCH_NOTIFICATIONS else WAITING_LEAST
    due = Delivery.objects.due(delivery.circuit, now()).filter(template__in=JOINABLE, claimed_at=None)
    return due.exclude(pk=delivery.pk).filter(destination=delivery.destination)[:least].count() >= least


def _message(delivery: Delivery) -> blocks.Message | None:
    ticket = ticket_with_facts(delivery.event.subject_id) if delivery.event else None
    return rendering.HEADS[delivery.template](ticket, rendering.payload_of(delivery)) if ticket else None
