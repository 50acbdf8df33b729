"""Slack's dialogs: the forms that a button, a command or a shortcut opens, and what was typed into them. Pure."""

from __future__ import annotations

import json
from typing import Any

from integrations.slack.blocks import Block, plain
from integrations.slack.text import clipped, from_slack

REPLY_FORM, TICKET_FORM = "reply_form", "ticket_form"
TEXT_MOST = 3000  # of one input of Slack's
SUBJECT_LEAST, SUBJECT_MOST = 3, 200
PUBLIC, INTERNAL = "public", "internal"


def reply_form(*, number: int, reference: str, channel: str, thread: str) -> Block:
    """Return the form that answers a ticket. What its reader may do is asked when it comes back."""
    choices = [_option("Internal note", INTERNAL), _option("Reply to the customer", PUBLIC)]
    visibility = {"type": "radio_buttons", "action_id": "value", "options": choices, "initial_option": choices[0]}
    known = {"ticket": number, "channel": channel, "thread": thread}
    return _form(
        REPLY_FORM,
        f"Reply to {reference}",
        "Send",
        known,
        [_input("body", "Text", _text_input(multiline=True)), _input("visibility", "Who sees it", visibility)],
    )


def ticket_form(*, subject: str = "", description: str = "", channel: str = "", source: str = "") -> Block:
    """Return the form that makes a ticket. source: the address of the Slack message it is made from."""
    title = _text_input(initial=clipped(subject, SUBJECT_MOST), least=SUBJECT_LEAST, most=SUBJECT_MOST)
    text = _text_input(multiline=True, initial=description[:TEXT_MOST])
    priority = {
        "type": "static_select",
        "action_id": "value",
        "placeholder": plain("Let the rules decide", 150),
        "options": [_option(*choice) for choice in PRIORITIES],
    }
    inputs = [
        _input("subject", "Summary", title),
        _input("description", "What happened", text),
        _input("requester", "Email of who asks (empty: yourself)", _text_input(), is_optional=True),
        _input("priority", "Priority", priority, is_optional=True),
    ]
    return _form(TICKET_FORM, "New ticket", "Create", {"channel": channel, "source": source[:500]}, inputs)


PRIORITIES = (
    ("Critical", "P1_CRITICAL"),
    ("High", "P2_HIGH"),
    ("Normal", "P3_NORMAL"),
    ("Low", "P4_LOW"),
)


def typed(view: dict[str, Any]) -> dict[str, str]:
    """Return what was typed or chosen in a form, by the name of its input; "" where nothing was."""
    found = {}
    for name, inputs in (view.get("state") or {}).get("values", {}).items():
        value = inputs.get("value") or {}
        chosen = value.get("selected_option") or {}
        found[name] = str(value.get("value") or chosen.get("value") or "")
    return found


def known(view: dict[str, Any]) -> dict[str, Any]:
    """Return what the form was given to remember. Raises: ValueError, TypeError where it is none of ours."""
    remembered = json.loads(view.get("private_metadata") or "{}")
    if not isinstance(remembered, dict):
        raise TypeError("private_metadata is no object")
    return remembered


def mistakes(view: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with what was typed, by the name of the input: Slack shows it beside it."""
    values = typed(view)
    found = {}
    if view.get("callback_id") == REPLY_FORM and not values.get("body", "").strip():
        found["body"] = "Write a message first."
    if view.get("callback_id") == TICKET_FORM:
        if not SUBJECT_LEAST <= len(values.get("subject", "").strip()) <= SUBJECT_MOST:
            found["subject"] = f"Write a summary of {SUBJECT_LEAST} to {SUBJECT_MOST} characters."
        if not values.get("description", "").strip():
            found["description"] = "Describe what happened and what you expected."
    return found


def from_message(text: str) -> tuple[str, str]:
    """Return summary and description of a ticket made from a Slack message."""
    body = from_slack(text)
    first = next((line for line in body.splitlines() if line.strip()), "")
    return clipped(first, 120), body


def _form(name: str, title: str, submit: str, remembered: dict[str, Any], blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": name,
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "private_metadata": json.dumps(remembered),
        "blocks": blocks,
    }


def _input(name: str, label: str, element: Block, *, is_optional: bool = False) -> Block:
    return {"type": "input", "block_id": name, "label": plain(label, 2000), "element": element, "optional": is_optional}


def _text_input(*, multiline: bool = False, initial: str = "", least: int = 0, most: int = TEXT_MOST) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": "value", "multiline": multiline, "max_length": most}
    if least:
        element["min_length"] = least
    return element | ({"initial_value": initial} if initial else {})


def _option(label: str, value: str) -> Block:
    return {"text": plain(label, 75), "value": value}
