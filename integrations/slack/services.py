"""Every write to what the portal remembers of Slack."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from common import journal
from common.errors import DeliveryError, Invalid, NotAllowed
from common.time import now
from integrations import registry
from integrations.events import SLACK_CHANNEL_CHOSEN
from integrations.services import queue_delivery
from integrations.slack import digest
from integrations.slack.channels import is_id, purpose
from integrations.slack.models import Purpose, SlackChannel, SlackDigest, SlackIntake, SlackThread, SlackUser
from tickets.models import Message, Ticket

OPENING_MOST = dt.timedelta(minutes=3)  # longer than a delivery may take: whoever opened the thread has died


@transaction.atomic
def choose_channel(purpose_name: str, *, channel: str, by: User) -> SlackChannel:
    """Let notices of a purpose go to another channel than the settings name; "" lets them go nowhere.

    Raises: NotAllowed, Invalid for what is neither a channel's id nor its name.
    """
    if not by.has_perm("integrations.change_slackchannel"):
        raise NotAllowed("Only an administrator can choose Slack's channels.")
    written = channel.strip()
    if written and not is_id(written) and not re.fullmatch(r"#[a-z0-9_\-\u0080-\uffff]{1,79}", written):
        words = "Write the id of a channel, like C0123456789, or the name of a public one, like #support-critical."
        raise Invalid(words, field="channel", code="invalid")
    row, _ = SlackChannel.objects.select_for_update().get_or_create(purpose=Purpose(purpose_name))
    data = {"purpose": row.purpose, "channel": {"from": row.channel, "to": written}}
    row.channel = written
    row.save(update_fields=["channel"])
    journal.record(SLACK_CHANNEL_CHOSEN, subject=row, by=by, data=data)
    return row


@transaction.atomic
def unchoose_channel(row: SlackChannel, *, by: User) -> None:
    """Let notices of a purpose go where the settings say again."""
    if not by.has_perm("integrations.delete_slackchannel"):
        raise NotAllowed("Only an administrator can choose Slack's channels.")
    default = settings.SLACK_CHANNELS.get(row.purpose, "")
    data = {"purpose": row.purpose, "channel": {"from": row.channel, "to": default}}
    journal.record(SLACK_CHANNEL_CHOSEN, subject=row, by=by, data=data)
    row.delete()


def claim_thread(ticket: Ticket, channel_id: str, *, destination: str, opener: str) -> SlackThread:
    """Return the thread of `ticket` in a channel, making its row where there is none; `ts` is "" while it has no head.

    Two purposes may mean one channel, and their notices are sent at once: one opens the thread, the other comes back.
    Raises: DeliveryError while somebody else opens it.
    """
    row, is_new = SlackThread.objects.get_or_create(
        ticket=ticket, channel_id=channel_id, defaults={"destination": destination, "opener": opener}
    )
    if is_new or row.ts or row.opener == opener:
        return row
    stale = SlackThread.objects.filter(pk=row.pk, ts="", opener=row.opener, claimed_at__lt=now() - OPENING_MOST)
    if not stale.update(opener=opener, destination=destination, claimed_at=now()):
        raise DeliveryError("Another notice opens the ticket's thread at this moment.", is_lone=True)
    row.refresh_from_db()
    return row


def open_thread(thread: SlackThread, *, ts: str, template: str, payload: dict[str, object], drawn: str) -> None:
    """Note the head of a thread, from what it is drawn, and what it shows."""
    thread.ts, thread.head, thread.drawn = ts, {"template": template, "payload": payload}, drawn
    thread.save(update_fields=["ts", "head", "drawn"])


def note_drawn(thread: SlackThread, drawn: str) -> None:
    thread.drawn = drawn
    thread.save(update_fields=["drawn"])


def forget_thread(thread: SlackThread) -> None:
    """Let the next notice open a thread: the head is gone, or never came about."""
    SlackThread.objects.filter(pk=thread.pk).delete()


def remember_user(slack_id: str, *, person: User | None, reason: str) -> SlackUser:
    """Note who somebody in Slack is, or why they are nobody here."""
    facts = {"person": person, "reason": reason[:200], "checked_at": now()}
    return SlackUser.objects.update_or_create(slack_id=slack_id, defaults=facts)[0]


def take_in(key: str) -> SlackIntake | None:
    """Begin to work off what Slack calls `key`, in the transaction at hand; None where it was worked off before."""
    try:
        with transaction.atomic():
            return SlackIntake.objects.create(key=key[:120])
    except IntegrityError:
        return None


def note_taken(intake: SlackIntake, *, ticket: Ticket | None, message: Message | None = None) -> None:
    """Say what became of it."""
    intake.ticket, intake.message = ticket, message
    intake.save(update_fields=["ticket", "message"])


def queue_digests(at: dt.datetime | None = None) -> int:
    """Queue the digests that should be out by now and were not queued yet, and return how many."""
    queued = 0
    if not registry.is_on("slack"):
        return queued
    for period, day in digest.due_digests(at or now()):
        with transaction.atomic():
            if not SlackDigest.objects.get_or_create(period=period, day=day)[1]:
                continue
            since, until = digest.bounds(period, day)
            payload = {"period": period, "since": since.isoformat(), "until": until.isoformat()}
            destination = purpose(Purpose.METRICS)
            queue_delivery(kind="slack", template="slack_metrics", destination=destination, payload=payload)
            queued += 1
    return queued
