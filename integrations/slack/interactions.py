"""What people do with buttons and forms. Each deed is done as themselves, and answered to them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.services import find_or_create_person
from common.errors import NotAllowed, PortalError
from integrations.inbound import Outcome, Unusable
from integrations.slack import blocks, modals, notices, people, services
from integrations.slack.answering import answer, whisper
from integrations.slack.facts import facts_of
from integrations.slack.models import Purpose
from integrations.slack.text import escaped_line
from tickets.access import may_work, require_sight
from tickets.models import Message, Ticket
from tickets.services import (
    add_internal_note,
    change_ticket,
    open_ticket,
    post_public_reply,
    solve_ticket,
)
from tickets.vocabulary import Channel, Priority

Payload = dict[str, Any]
RAISED = {
    Priority.P4_LOW: Priority.P3_NORMAL,
    Priority.P3_NORMAL: Priority.P2_HIGH,
    Priority.P2_HIGH: Priority.P1_CRITICAL,
}


def press(payload: Payload, key: str) -> Outcome:
    """Do what a button stands for.   key: Slack's name for the press, so that it is done once."""
    action = payload["actions"][0]
    deed = DEEDS.get(str(action.get("action_id")))
    if deed is None:
        return Outcome("A button that asks for nothing.", is_ignored=True)
    match = people.match(payload["user"]["id"])
    response_url = str(payload.get("response_url") or "")
    agent = match.agent
    if agent is None:
        return Outcome(f"Refused: {match.refusal}{_say(response_url, match.refusal)}", is_ignored=True)
    ticket = _ticket(str(action.get("value")))
    try:
        with transaction.atomic():
            intake = services.take_in(key)
            if intake is None:
                return Outcome("Done before.", ticket=ticket)
            words = deed(ticket, agent)
            services.note_taken(intake, ticket=ticket)
    except PortalError as refusal:
        return Outcome(f"Refused: {refusal.message}{_say(response_url, refusal.message)}", ticket=ticket)
    return Outcome(f"{agent}: {words}{_say(response_url, words)}", ticket=ticket)


def submit(payload: Payload, key: str) -> Outcome:
    """Do what a form asks for."""
    view = payload["view"]
    work = FORMS.get(str(view.get("callback_id")))
    if work is None:
        raise Unusable("A form that the portal does not know.")
    slack_id, remembered = payload["user"]["id"], modals.known(view)
    match = people.match(slack_id)
    channel, thread = str(remembered.get("channel") or ""), str(remembered.get("thread") or "")
    if match.person is None:
        told = _tell(channel, slack_id, match.reason, thread)
        return Outcome(f"Refused: {match.reason}{told}", is_ignored=True)
    ticket = None
    try:
        with transaction.atomic():
            intake = services.take_in(key)
            if intake is None:
                return Outcome("Done before.")
            ticket, message, words = work(modals.typed(view), remembered, match)
            services.note_taken(intake, ticket=ticket, message=message)
    except PortalError as refusal:
        told = _tell(channel, slack_id, refusal.message, thread)
        return Outcome(f"Refused: {refusal.message}{told}", is_ignored=True)
    return Outcome(f"{match.person}: {words}{_tell(channel, slack_id, words, thread)}", ticket=ticket)


# --- buttons ----------------------------------------------------------------------------------------------------------


def _assign(ticket: Ticket, by: User) -> str:
    change_ticket(ticket, by=by, assignee=by)
    return f"{ticket.reference} is assigned to you."


def _solve(ticket: Ticket, by: User) -> str:
    solve_ticket(ticket, by=by)
    return f"{ticket.reference} is solved."


def _escalate(ticket: Ticket, by: User) -> str:
    """Raise the priority by one, and call for help in the channel of alerts."""
    raised = RAISED.get(Priority(ticket.priority))
    if raised is not None:
        change_ticket(ticket, by=by, priority=raised)
    add_internal_note(ticket, body="Escalated from Slack.", by=by, channel=Channel.SLACK)
    title, url = f"{by.name} escalates {ticket.reference}", facts_of(ticket).url
    notices.send_alert(title=title, message=ticket.subject, to=Purpose.ALERTS, url=url, mark="red")
    level = raised.label if raised is not None else "Critical already"
    return f"{ticket.reference} is escalated. Priority: {level}. The channel for alerts is told."


DEEDS: dict[str, Callable[[Ticket, User], str]] = {
    blocks.ASSIGN: _assign,
    blocks.SOLVE: _solve,
    blocks.ESCALATE: _escalate,
}


# --- forms ------------------------------------------------------------------------------------------------------------

Done = tuple[Ticket, Message | None, str]


def _reply(values: dict[str, str], remembered: Payload, match: people.Match) -> Done:
    agent = _agent(match)
    ticket = _ticket(str(remembered.get("ticket")))
    require_sight(agent, ticket)
    if values.get("visibility") == modals.PUBLIC:
        message = post_public_reply(ticket, body=values["body"], by=agent, channel=Channel.SLACK)
        return ticket, message, f"Your answer to {ticket.reference} is on its way to the customer."
    message = add_internal_note(ticket, body=values["body"], by=agent, channel=Channel.SLACK)
    return ticket, message, f"Your note is on {ticket.reference}. Customers do not see it."


def _create(values: dict[str, str], remembered: Payload, match: people.Match) -> Done:
    """Open a ticket: everybody for themselves, the support team for others too."""
    by = match.person
    if by is None:
        raise Unusable("Nobody asks.")
    requester, email = by, values.get("requester", "").strip()
    if email and email.lower() != by.email:
        _agent(match)
        requester = find_or_create_person(email=email, by=by)
    description = values["description"]
    if source := str(remembered.get("source") or ""):
        description = f"{description}\n\nFrom Slack: {source}" if may_work(by) else description
    ticket = open_ticket(
        subject=values["subject"],
        description=description,
        requester=requester,
        by=by,
        channel=Channel.SLACK,
        priority=values.get("priority") or None,
    )
    return ticket, None, f"{ticket.reference} is open: {ticket.subject}"


FORMS: dict[str, Callable[[dict[str, str], Payload, people.Match], Done]] = {
    modals.REPLY_FORM: _reply,
    modals.TICKET_FORM: _create,
}


def _agent(match: people.Match) -> User:
    if match.agent is None:
        raise NotAllowed(match.refusal)
    return match.agent


def _ticket(number: str) -> Ticket:
    ticket = Ticket.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if ticket is None:
        raise Unusable("It is about a ticket that is not there.")
    return ticket


def _say(response_url: str, words: str) -> str:
    return answer(response_url, blocks.note(words))


def _tell(channel: str, slack_id: str, words: str, thread: str) -> str:
    """Tell somebody what became of their form: in the channel it was opened in, else in the app's own conversation."""
    return whisper(channel, slack_id, escaped_line(words, 1000), thread=thread) if channel else ""
