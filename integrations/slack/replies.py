"""What people write in the thread of a ticket: internal notes, or answers to the customer where they say so."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from common.errors import PortalError
from integrations.inbound import Outcome
from integrations.slack import people, services
from integrations.slack.answering import whisper
from integrations.slack.models import SlackIntake, SlackThread
from integrations.slack.text import clipped, escaped_line, from_slack, mentioned
from tickets.models import Message, Ticket
from tickets.services import add_internal_note, post_public_reply
from tickets.vocabulary import Channel

Payload = dict[str, Any]
PUBLIC = "!public"
SENT = "Your answer is on its way to the customer."
WRITTEN = ("", "file_share", "thread_broadcast")


def take_message(event: Payload) -> Outcome:
    """Take what was written in a channel, if it is a person's reply in the thread of a ticket."""
    subtype = str(event.get("subtype") or "")
    if subtype == "message_changed":
        return _edited(event)
    if subtype not in WRITTEN or event.get("bot_id") or event.get("app_id"):
        return Outcome("Not written by a person.", is_ignored=True)
    thread = _thread(event)
    if thread is None:
        return Outcome("Not in the thread of a ticket.", is_ignored=True)
    return _take(event, thread)


def _thread(event: Payload) -> SlackThread | None:
    channel, ts = str(event.get("channel") or ""), str(event.get("thread_ts") or "")
    if not ts or ts == event.get("ts"):
        return None
    return SlackThread.objects.select_related("ticket").filter(channel_id=channel, ts=ts).first()


def _take(event: Payload, thread: SlackThread) -> Outcome:
    slack_id, channel, ts = str(event.get("user") or ""), thread.channel_id, str(event["ts"])
    match = people.match(slack_id)
    agent = match.agent
    if agent is None:
        words = f"{match.refusal} What you wrote here stays in Slack."
        return Outcome(f"Refused: {words}{whisper(channel, slack_id, words, thread=thread.ts)}", is_ignored=True)
    text = from_slack(str(event.get("text") or ""), people.names_of(mentioned(str(event.get("text") or ""))))
    is_public, body = _addressed(text)
    body = "\n\n".join(part for part in (body, _files(event, is_public=is_public)) if part)
    if not body:
        return Outcome("Nothing was written.", ticket=thread.ticket, is_ignored=True)
    try:
        message = _write(thread.ticket, body, agent, is_public=is_public, key=key_of(channel, ts))
    except PortalError as refusal:
        told = whisper(channel, slack_id, escaped_line(refusal.message, 1000), thread=thread.ts)
        return Outcome(f"Refused: {refusal.message}{told}", ticket=thread.ticket)
    if message is None:
        return Outcome("Taken before.", ticket=thread.ticket)
    told = whisper(channel, slack_id, SENT, thread=thread.ts) if is_public else ""
    deed = "A public reply" if is_public else "An internal note"
    return Outcome(f"{deed} by {agent}.{told}", ticket=thread.ticket)


def _write(ticket: Ticket, body: str, by: User, *, is_public: bool, key: str) -> Message | None:
    with transaction.atomic():
        intake = services.take_in(key)
        if intake is None:
            return None
        write = post_public_reply if is_public else add_internal_note
        message = write(ticket, body=body, by=by, channel=Channel.SLACK)
        services.note_taken(intake, ticket=ticket, message=message)
    return message


def _edited(event: Payload) -> Outcome:
    """Add a note that says what a message that was taken says now; what was sent cannot be taken back."""
    now_says, before = event.get("message") or {}, event.get("previous_message") or {}
    channel, ts = str(event.get("channel") or ""), str(now_says.get("ts") or "")
    taken = SlackIntake.objects.select_related("ticket", "message__author").filter(key=key_of(channel, ts)).first()
    if taken is None or taken.ticket is None or taken.message is None or taken.message.author is None:
        return Outcome("Nothing of the portal's was edited.", is_ignored=True)
    if now_says.get("text") == before.get("text"):
        return Outcome("Its words are the same.", is_ignored=True)
    edited_at = str((now_says.get("edited") or {}).get("ts") or event.get("event_ts") or "")
    was = "answer to the customer, which went out as it was," if not taken.message.is_internal else "note"
    text = from_slack(str(now_says.get("text") or ""), people.names_of(mentioned(str(now_says.get("text") or ""))))
    body = f"The {was} was edited in Slack. It now says:\n\n{_addressed(text)[1] or '(nothing)'}"
    key = f"{key_of(channel, ts)}:edited:{edited_at}"
    message = _write(taken.ticket, body, taken.message.author, is_public=False, key=key)
    return Outcome("An edit was noted." if message else "Taken before.", ticket=taken.ticket)


def key_of(channel: str, ts: str) -> str:
    return f"message:{channel}:{ts}"


def _addressed(text: str) -> tuple[bool, str]:
    """Return whether a text is for the customer, and what of it."""
    first, _, rest = text.partition(" ") if " " in text.partition("\n")[0] else text.partition("\n")
    return (True, rest.strip()) if first.lower() == PUBLIC else (False, text)


def _files(event: Payload, *, is_public: bool) -> str:
    """Return a line for each file: it stays in Slack, where only its members can open it."""
    files = [one for one in event.get("files") or [] if isinstance(one, dict)]
    if is_public:
        return ""  # a customer could open none of them
    return "\n".join(
        f"File in Slack: {clipped(str(one.get('name') or 'file'), 100)} {clipped(str(one.get('permalink') or ''), 500)}"
        for one in files[:10]
    )
