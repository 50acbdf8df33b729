"""What came from Slack, worked off. The view has verified and stored it, and named it after its route."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from integrations.inbound import Outcome, Unusable
from integrations.models import InboundEvent
from integrations.slack import commands, interactions, replies

EVENT, COMMAND, INTERACTION, UNREADABLE = "event", "command", "interaction", "unreadable"


def process(row: InboundEvent) -> Outcome:
    """Do what a stored message asks for. Twice is harmless."""
    route = row.external_id.partition(":")[0]
    body = bytes(row.body)
    try:
        if route == EVENT:
            return _event(parsed_json(body))
        form = parsed_form(body)
        return commands.run(form) if route == COMMAND else _interaction(parsed_json(form["payload"]), row.external_id)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unusable(f"It does not have the form that Slack describes: {type(error).__name__} {error}") from error


def _event(payload: dict[str, Any]) -> Outcome:
    event = payload["event"]
    if event.get("type") != "message":
        return Outcome(f"Nothing is done at {str(event.get('type'))[:60]}.", is_ignored=True)
    return replies.take_message(event)


def _interaction(payload: dict[str, Any], key: str) -> Outcome:
    kind = payload.get("type")
    if kind == "block_actions":
        return interactions.press(payload, key)
    if kind == "view_submission":
        return interactions.submit(payload, key)
    return Outcome(f"Nothing is done at {str(kind)[:60]}.", is_ignored=True)


def parsed_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form. Raises: ValueError."""
    return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))


def parsed_json(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object. Raises: ValueError, TypeError."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found
