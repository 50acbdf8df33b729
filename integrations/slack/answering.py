"""Answers to one person in Slack: by the address that came with what they did, or beside a thread.

An answer that cannot be given is no reason to do the work again: it is told in the outcome instead.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from django.conf import settings

from common import http
from common.errors import DeliveryError
from integrations.slack.blocks import Message
from integrations.slack.client import Slack


def is_slacks(url: str) -> bool:
    """Tell whether an address of an answer is Slack's own: it came in a signed request, and is still not trusted."""
    base, given = urlsplit(settings.SLACK_RESPONSE_URL), urlsplit(url)
    return (given.scheme, given.netloc) == (base.scheme, base.netloc) and given.path.startswith(base.path or "/")


def answer(response_url: str, message: Message) -> str:
    """Answer whoever did something, so that they alone see it, and return what came of that for the outcome."""
    if not is_slacks(response_url):
        return " No answer was given: it should have gone to an address that is not Slack's."
    body = {"response_type": "ephemeral", "replace_original": False, "text": message.text, "blocks": message.blocks}
    try:
        told = http.send(
            response_url, body=json.dumps(body).encode(), headers={"Content-Type": "application/json; charset=utf-8"}
        )
    except DeliveryError as error:
        return f" The answer could not be given: {error}"
    return "" if told.status == 200 else f" Slack did not take the answer: {told.status}."


def whisper(channel: str, slack_id: str, text: str, *, thread: str = "") -> str:
    """Say something to one person in a channel or thread, and return what came of that for the outcome."""
    try:
        Slack().whisper(channel, slack_id, text, thread=thread)
    except DeliveryError as error:
        return f" The answer could not be given: {error}"
    return ""
