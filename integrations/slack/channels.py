"""Which channel a notice goes to: a purpose is looked up when it is sent, so a change holds for what waits."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.cache import cache

from common.errors import DeliveryError
from integrations.slack.client import Slack
from integrations.slack.models import Purpose, SlackChannel

PREFIX = "purpose:"
FOUND_SECONDS = 24 * 3600
_ID = re.compile(r"[CGD][A-Z0-9]{6,30}")


def purpose(name: str) -> str:
    """Return the destination of notices for a purpose."""
    return f"{PREFIX}{name}"


def chosen() -> dict[str, str]:
    """Return the channel of each purpose as it was written, "" where nothing is posted: the console's, else the
    settings'."""
    channels = {name: settings.SLACK_CHANNELS.get(name, "") for name in Purpose.values}
    return channels | dict(SlackChannel.objects.values_list("purpose", "channel"))


def written(destination: str, known: dict[str, str] | None = None) -> str:
    """Return the channel that `destination` means, as it was written; "" where its purpose has none.

    known: what `chosen` returned, where several are asked for.
    """
    if not destination.startswith(PREFIX):
        return destination
    return (chosen() if known is None else known).get(destination.removeprefix(PREFIX), "")


def is_chosen(destination: str) -> bool:
    """Tell whether notices for `destination` go anywhere."""
    return bool(written(destination))


def resolve(destination: str, slack: Slack) -> str:
    """Return the id of the channel that `destination` means now; "" where the purpose has none.

    Raises: DeliveryError where Slack knows no channel of this name, or cannot be asked.
    """
    channel = written(destination)
    if not channel or is_id(channel):
        return channel
    if known := cache.get(_key(channel)):
        return str(known)
    found = slack.channel_named(channel)
    cache.set(_key(channel), found, FOUND_SECONDS)
    return found


def forget(destination: str) -> None:
    """Look a name up again next time: its channel was archived, or another one took the name."""
    channel = written(destination)
    if channel and not is_id(channel):
        cache.delete(_key(channel))


def is_id(channel: str) -> bool:
    return bool(_ID.fullmatch(channel))


def circuit_of(destination: str) -> str:
    """Return the circuit of a destination. Slack counts by channel, and an ill channel delays no other."""
    return f"slack:{destination}"[:80]


def fault_of(written: str, slack: Slack) -> str:
    """Return what is wrong with a channel, in words; "" where nothing is."""
    try:
        told = slack.channel(written if is_id(written) else slack.channel_named(written))
    except DeliveryError as error:
        return str(error)
    if told.get("is_archived"):
        return "The channel is archived."
    if told.get("is_member") is False:
        return "The app is not in the channel. Invite it there: /invite @ and the app's name."
    return ""


def _key(name: str) -> str:
    return f"slack-channel:{name.removeprefix('#').lower()}"
