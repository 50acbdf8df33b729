"""Sending one delivery to Slack: alone, into its ticket's thread, or joined with what waits for the same channel.

A message that may have gone out is looked for by its attempt id before it is posted again, so none appears twice.
"""

from __future__ import annotations

import hashlib
import json

from common.errors import DeliveryError
from integrations.models import Delivery
from integrations.registry import Sent
from integrations.slack import channels, rendering, services
from integrations.slack.blocks import Message
from integrations.slack.client import Posted, Refused, Slack
from integrations.slack.facts import ticket_with_facts
from integrations.slack.joining import send_joined
from integrations.slack.models import SlackThread
from tickets.models import Ticket

NO_CHANNEL = "No channel is set for this purpose, or none any more."
GONE = frozenset({"message_not_found", "thread_not_found"})
UNEDITABLE = frozenset({"cant_update_message", "edit_window_closed"})


def send(delivery: Delivery) -> Sent:
    """Post the delivery's message. Raises: DeliveryError."""
    slack = Slack()
    channel = channels.resolve(delivery.destination, slack)
    if not channel:
        return Sent(NO_CHANNEL, is_needless=True)
    try:
        return send_joined(delivery, channel, slack) or _send(delivery, channel, slack)
    except Refused as refusal:
        if refusal.code in ("channel_not_found", "is_archived"):
            channels.forget(delivery.destination)
        raise


def _send(delivery: Delivery, channel: str, slack: Slack) -> Sent:
    if delivery.template not in rendering.TICKET_TEMPLATES:
        return _sent(_post_once(delivery, channel, rendering.alone(delivery), slack))
    ticket = ticket_with_facts(delivery.event.subject_id) if delivery.event else None
    if ticket is None:
        return Sent("The ticket is gone.", is_needless=True)
    return _send_of_ticket(delivery, ticket, channel, slack)


def _send_of_ticket(delivery: Delivery, ticket: Ticket, channel: str, slack: Slack) -> Sent:
    thread = SlackThread.objects.filter(ticket=ticket, channel_id=channel).exclude(ts="").first()
    if thread is not None and _is_head_of(delivery, thread):
        return Sent("Posted before.", external_id=f"{channel}:{thread.ts}")
    if thread is not None and not _redraw(thread, ticket, slack):
        thread = None
    if thread is not None:
        return _reply(delivery, ticket, thread, slack)
    if delivery.template not in rendering.HEADS:
        return Sent("The channel has no thread of the ticket.", is_needless=True)
    return _open(delivery, ticket, channel, slack)


def _is_head_of(delivery: Delivery, thread: SlackThread) -> bool:
    return thread.opener == delivery.attempt_id


def _open(delivery: Delivery, ticket: Ticket, channel: str, slack: Slack) -> Sent:
    """Post the head of the ticket's thread."""
    payload = rendering.payload_of(delivery)
    message = rendering.HEADS[delivery.template](ticket, payload)
    opener = delivery.attempt_id
    thread = services.claim_thread(ticket, channel, destination=delivery.destination, opener=opener)
    if thread.ts:
        return _reply(delivery, ticket, thread, slack)
    try:
        posted = _post_once(delivery, channel, message, slack)
    except DeliveryError as error:
        if not error.is_unknown and not delivery.may_have_gone:
            services.forget_thread(thread)
        raise
    if posted.is_joined:
        services.forget_thread(thread)
    else:
        drawn = digest_of(message)
        services.open_thread(thread, ts=posted.ts, template=delivery.template, payload=payload, drawn=drawn)
    return _sent(posted)


def _redraw(thread: SlackThread, ticket: Ticket, slack: Slack) -> bool:
    """Let the head show how the ticket stands now; tell whether the thread is still there."""
    message = rendering.HEADS[thread.head["template"]](ticket, thread.head["payload"])
    drawn = digest_of(message)
    if drawn == thread.drawn:
        return True
    try:
        slack.update(thread.channel_id, thread.ts, message)
    except Refused as refusal:
        if refusal.code in GONE:
            services.forget_thread(thread)
            return False
        if refusal.code not in UNEDITABLE:
            raise
    services.note_drawn(thread, drawn)
    return True


def _reply(delivery: Delivery, ticket: Ticket, thread: SlackThread, slack: Slack) -> Sent:
    message = rendering.reply_of(delivery, ticket, rendering.payload_of(delivery))
    if message is None:
        return Sent("The head of the thread shows it.", external_id=f"{thread.channel_id}:{thread.ts}")
    return _sent(_post_once(delivery, thread.channel_id, message, slack, thread=thread.ts))


def _post_once(delivery: Delivery, channel: str, message: Message, slack: Slack, *, thread: str = "") -> Posted:
    """Post a message, unless an earlier try did."""
    attempt = delivery.attempt_id
    if delivery.may_have_gone:
        places = (thread, "") if thread else ("",)
        for place in places:
            if found := slack.find(channel, attempt, since=delivery.created_at, thread=place):
                return found
    return slack.post(channel, message, attempts=[attempt], thread=thread)


def _sent(posted: Posted) -> Sent:
    return Sent("ok", external_id=f"{posted.channel}:{posted.ts}")


def digest_of(message: Message) -> str:
    return hashlib.sha256(json.dumps([message.text, message.blocks], sort_keys=True).encode()).hexdigest()
