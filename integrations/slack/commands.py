"""The slash command: /ticket create, show, search, help."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from common.errors import PortalError
from integrations.inbound import Outcome
from integrations.slack import blocks, people
from integrations.slack.answering import answer
from integrations.slack.blocks import Message, TicketFacts
from integrations.slack.facts import facts_of, ticket_with_facts
from integrations.slack.text import clipped, from_slack
from tickets.access import may_work, ticket_for
from tickets.models import Ticket

FOUND_MOST = 8
CREATE = frozenset({"create", "new"})
HELP = (
    "*/ticket create* _summary_ opens a form for a new ticket.\n"
    "*/ticket show* _ODG-1042_ shows a ticket.\n"
    "*/ticket search* _words_ finds tickets.\n"
    "In the thread of a ticket, a reply becomes an internal note that customers do not see. "
    "A reply that begins with `!public ` goes to the customer. Files stay in Slack; the note links them.\n"
    "On any message, the shortcut *Make a ticket* opens the form with its text."
)


@dataclass(frozen=True)
class Command:
    """What was typed after /ticket."""

    verb: str
    rest: str


def parse(text: str) -> Command:
    verb, _, rest = from_slack(text).partition(" ")
    return Command(verb.lower(), rest.strip())


def help_message(first: str = "") -> Message:
    words = f"{first}\n{HELP}" if first else HELP
    block = {"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}
    return Message("How to use /ticket", [block])


def run(form: dict[str, str]) -> Outcome:
    """Answer `show` and `search`."""
    command = parse(form.get("text", ""))
    match = people.match(form["user_id"])
    response_url = form.get("response_url", "")
    if match.person is None:
        return Outcome(f"Refused: {match.reason}{answer(response_url, blocks.note(match.reason))}", is_ignored=True)
    message = _show(command.rest, match.person) if command.verb == "show" else _search(command.rest, match.person)
    return Outcome(f"/ticket {command.verb} for {match.person}.{answer(response_url, message)}")


def _facts(ticket: Ticket, reader: User) -> TicketFacts:
    return facts_of(ticket, is_internal=may_work(reader))


def _show(reference: str, reader: User) -> Message:
    try:
        ticket = ticket_with_facts(ticket_for(reader, reference).pk)
    except PortalError as refusal:
        return blocks.note(refusal.message)
    if ticket is None:
        return blocks.note("The ticket is gone.")
    is_agent = may_work(reader)
    return blocks.ticket_card(_facts(ticket, reader), heading="Ticket", mark="blue", is_internal=is_agent)


def _search(words: str, reader: User) -> Message:
    if len(words) < 2:
        return blocks.note("Say what to search for: /ticket search lineage")
    rows = Ticket.objects.visible_to(reader).matching(words[:200], is_staff=may_work(reader))
    rows = rows.select_related("requester", "organization", "assignee", "team").order_by("-updated_at", "-id")
    found = list(rows[: FOUND_MOST + 1])
    if not found:
        return blocks.note(f"No ticket matches {clipped(words, 100)}.")
    shown = [_facts(ticket, reader) for ticket in found[:FOUND_MOST]]
    return blocks.ticket_list(shown, has_more=len(found) > FOUND_MOST)
