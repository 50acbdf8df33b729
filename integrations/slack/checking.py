"""Whether Slack is set up, in words for whoever runs the portal. No credential is ever in them."""

from __future__ import annotations

from django.conf import settings

from common.errors import DeliveryError
from integrations.registry import Verdict
from integrations.slack import channels
from integrations.slack.client import Slack


def is_on() -> bool:
    return bool(settings.SLACK_BOT_TOKEN)


def why() -> str:
    """Say with what it is on, or because of which variable it is off."""
    if not is_on():
        return "Off: SLACK_BOT_TOKEN is not set."
    named = sorted({channel for channel in channels.chosen().values() if channel})
    words = f"On, posting to {', '.join(named)}." if named else "On, but no channel is chosen for any purpose."
    if not settings.SLACK_SIGNING_SECRETS:
        words += " Buttons, commands and replies are refused: SLACK_SIGNING_SECRET is not set."
    return words


def check(live: bool) -> Verdict:
    """Look at the settings; live: also ask Slack whose token it is and whether each channel can be posted in."""
    faults = _faults_of_settings()
    if faults or not live:
        return Verdict(not faults, " ".join(faults) or "The settings look right.")
    slack = Slack()
    try:
        who = slack.who()
    except DeliveryError as error:
        return Verdict(False, str(error))
    written = sorted({channel for channel in channels.chosen().values() if channel})
    wrong = [f"{channel}: {fault}" for channel in written if (fault := channels.fault_of(channel, slack))]
    known = f"The token is {who.get('user') or 'a bot'}'s in {who.get('team') or 'the workspace'}."
    good = f"All {len(written)} channels can be posted in."
    return Verdict(not wrong, f"{known} {' '.join(wrong) or good}")


def _faults_of_settings() -> list[str]:
    faults = []
    if not settings.SLACK_BOT_TOKEN:
        return ["SLACK_BOT_TOKEN is not set."]
    if not settings.SLACK_BOT_TOKEN.startswith("xoxb-"):
        faults.append("SLACK_BOT_TOKEN is not the token of a bot: those begin with xoxb-.")
    if not settings.SLACK_SIGNING_SECRETS:
        faults.append("SLACK_SIGNING_SECRET is not set, so nothing is taken from Slack.")
    return faults
