"""Slack's three doors. Each verifies, stores and answers within Slack's three seconds; a task does the work.

A form is opened here, in the request: the right to open one ends three seconds after somebody pressed a button.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

from common.errors import DeliveryError
from integrations.receiving import receiver, refused
from integrations.services import receive
from integrations.slack import blocks, commands, modals, people
from integrations.slack.client import Slack
from integrations.slack.incoming import COMMAND, EVENT, INTERACTION, UNREADABLE, parsed_form, parsed_json
from integrations.slack.signatures import is_genuine
from tickets.models import Ticket

log = structlog.get_logger(__name__)

SOURCE = "slack"
FORM_SECONDS = 2
NOT_OPENED = "Slack did not open the form in time. Try again."
MAKE_A_TICKET = "make_ticket"

View = Callable[[HttpRequest, bytes], HttpResponse]


def _signed(view: View) -> View:
    """Let in only what Slack has signed. What it signed and we cannot read is kept for somebody to look at."""

    @wraps(view)
    def door(request: HttpRequest, body: bytes) -> HttpResponse:
        if not is_genuine(body, request.headers):
            return refused()
        try:
            return view(request, body)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            receive(SOURCE, external_id=f"{UNREADABLE}:{hashlib.sha256(body).hexdigest()}", body=body)
            return HttpResponse(status=200)

    return door


@receiver(most_bytes=1_000_000)
@_signed
def events(request: HttpRequest, body: bytes) -> HttpResponse:
    payload = parsed_json(body)
    if payload.get("type") == "url_verification":
        return JsonResponse({"challenge": str(payload["challenge"])})
    if payload.get("type") != "event_callback":
        return HttpResponse(status=200)
    retry = {name: request.headers.get(name, "") for name in ("X-Slack-Retry-Num", "X-Slack-Retry-Reason")}
    told = {name: value for name, value in retry.items() if value}
    receive(SOURCE, external_id=f"{EVENT}:{payload['event_id']}", body=body, headers=told)
    return HttpResponse(status=200)


@receiver(most_bytes=200_000)
@_signed
def slash_command(request: HttpRequest, body: bytes) -> HttpResponse:
    form = parsed_form(body)
    command = commands.parse(form.get("text", ""))
    if command.verb in commands.CREATE:
        view = modals.ticket_form(subject=command.rest, channel=form.get("channel_id", ""))
        return HttpResponse(status=200) if _open(form["trigger_id"], view) else _whispered(blocks.note(NOT_OPENED))
    if command.verb in ("show", "search"):
        receive(SOURCE, external_id=f"{COMMAND}:{form['trigger_id']}", body=body)
        return HttpResponse(status=200)
    known = command.verb in ("", "help")
    return _whispered(commands.help_message("" if known else "There is no such command."))


@receiver(most_bytes=1_000_000)
@_signed
def interactivity(request: HttpRequest, body: bytes) -> HttpResponse:
    payload = parsed_json(parsed_form(body)["payload"])
    kind = payload.get("type")
    if kind == "block_actions":
        return _pressed(payload, body)
    if kind == "view_submission":
        return _submitted(payload, body)
    if kind == "message_action" and payload.get("callback_id") == MAKE_A_TICKET:
        _open(payload["trigger_id"], _form_of_message(payload))
    return HttpResponse(status=200)


def _pressed(payload: dict[str, Any], body: bytes) -> HttpResponse:
    action = payload["actions"][0]
    name = str(action.get("action_id"))
    if name == blocks.VIEW:
        return HttpResponse(status=200)  # it is a link; Slack tells us all the same
    if name == blocks.REPLY and _may_ask(payload["user"]["id"]):
        ticket = Ticket.objects.filter(pk=int(action["value"])).first()
        if ticket is not None:
            _open(payload["trigger_id"], _reply_form(ticket, payload))
        return HttpResponse(status=200)
    receive(SOURCE, external_id=f"{INTERACTION}:{payload['trigger_id']}", body=body)
    return HttpResponse(status=200)


def _may_ask(slack_id: str) -> bool:
    """Tell whether to open a form for somebody: whoever is known to have no right is told so by the task instead. Who
    is not known yet gets the form, which shows nothing, and is judged when it comes back."""
    known = people.remembered(slack_id)
    return known is None or known.agent is not None


def _submitted(payload: dict[str, Any], body: bytes) -> HttpResponse:
    view = payload["view"]
    if wrong := modals.mistakes(view):
        return JsonResponse({"response_action": "errors", "errors": wrong})
    state = hashlib.sha256(json.dumps(view.get("state"), sort_keys=True).encode()).hexdigest()[:32]
    receive(SOURCE, external_id=f"{INTERACTION}:{view['id']}:{state}", body=body)
    return HttpResponse(status=200)


def _reply_form(ticket: Ticket, payload: dict[str, Any]) -> dict[str, Any]:
    container = payload.get("container") or {}
    message = payload.get("message") or {}
    channel = str(container.get("channel_id") or (payload.get("channel") or {}).get("id") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or container.get("message_ts") or "")
    return modals.reply_form(number=ticket.pk, reference=ticket.reference, channel=channel, thread=thread)


def _form_of_message(payload: dict[str, Any]) -> dict[str, Any]:
    message, channel = payload.get("message") or {}, payload.get("channel") or {}
    subject, description = modals.from_message(str(message.get("text") or ""))
    domain, place = str((payload.get("team") or {}).get("domain") or ""), str(channel.get("id") or "")
    ts = str(payload.get("message_ts") or message.get("ts") or "").replace(".", "")
    source = f"https://{domain}.slack.com/archives/{place}/p{ts}" if domain and place and ts.isdecimal() else ""
    return modals.ticket_form(subject=subject, description=description, channel=place, source=source)


def _open(trigger: str, view: dict[str, Any]) -> bool:
    """Open a form for whoever holds the trigger; tell whether it came about."""
    try:
        Slack(seconds_most=FORM_SECONDS).open_form(trigger, view)
    except DeliveryError as error:
        log.warning("slack_form_not_opened", reason=str(error))
        return False
    return True


def _whispered(message: blocks.Message) -> HttpResponse:
    return JsonResponse({"response_type": "ephemeral", "text": message.text, "blocks": message.blocks})
