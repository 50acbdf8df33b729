"""Messages in Slack's Block Kit, within its limits. Pure: facts go in, blocks come out.

Every text of people is escaped here, and marked verbatim so that Slack does not look for names in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.slack.text import clipped, escaped, escaped_line, link

Block = dict[str, Any]

HEADER_MOST, SECTION_MOST, FIELD_MOST, CONTEXT_MOST = 150, 3000, 2000, 2000
BUTTON_MOST, BUTTON_VALUE_MOST, URL_MOST = 75, 2000, 3000
TEXT_MOST = 3000  # Slack cuts longer ones off; nobody reads them in a notification
JOINED_MOST = 20
QUOTED_MOST, QUOTED_LINES_MOST = 2500, 100

ASSIGN, ESCALATE, REPLY, SOLVE, VIEW = (
    "assign_ticket",
    "escalate_ticket",
    "reply_ticket",
    "solve_ticket",
    "view_ticket",
)
MARKS = {
    "red": ":red_circle:",
    "amber": ":large_yellow_circle:",
    "green": ":large_green_circle:",
    "blue": ":blue_circle:",
}


@dataclass(frozen=True)
class Message:
    """text: what notifications and screen readers say."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True)
class TicketFacts:
    """What a message says of a ticket, in words. number: its primary key, which the buttons carry.

    is_open: whether there is anything left to do for the buttons. url: where `View ticket` leads.
    """

    number: int
    reference: str
    subject: str
    url: str
    status: str
    priority: str
    customer: str
    assignee: str
    team: str = ""
    is_open: bool = True


@dataclass(frozen=True)
class Metrics:
    """A digest's numbers. None: nothing is known. targets: what counts as good and what as fair."""

    period: str
    dates: str
    opened: int
    resolved: int
    still_open: int
    compliance_percent: float | None
    good_percent: int
    fair_percent: int
    satisfaction: float | None = None
    top_agent: str = ""
    top_agent_tickets: int = 0
    waiting: list[tuple[str, int]] = field(default_factory=list)
    good_satisfaction: float = 4.5
    fair_satisfaction: float = 4.0


def ticket_card(facts: TicketFacts, *, heading: str, mark: str, is_internal: bool = True) -> Message:
    """Return the head of a ticket's thread: what it is and how it stands.

    is_internal: whether the support team reads it, who get buttons to work with.
    """
    subject = escaped_line(facts.subject, 1000)
    title = f"{MARKS[mark]} *{link(facts.url, facts.reference)}* {subject}"
    fields = [("Status", facts.status), ("Priority", facts.priority)]
    if is_internal:
        fields += [("Customer", facts.customer), ("Assignee", facts.assignee or "Nobody")]
        fields += [("Team", facts.team)] if facts.team else []
    blocks = [_header(heading), _section(title), _fields(fields)]
    buttons = _buttons(facts) if is_internal else [_link_button("View ticket", facts.url)]
    return Message(_fallback(f"{heading}: {facts.reference} {facts.subject}"), [*blocks, _actions(buttons)])


def critical_ticket(facts: TicketFacts) -> Message:
    return ticket_card(facts, heading="Critical ticket", mark="red")


def sla_notice(facts: TicketFacts, *, metric: str, percent: int, due: str, escalation: str = "") -> Message:
    """Return how a promise stands. percent: of the promised time that is used. escalation: what was done, in words."""
    is_breached, is_near = percent >= 100, percent >= 80
    word = "BREACHED" if is_breached else "WARNING" if is_near else "OK"
    mark = "red" if is_breached else "amber" if is_near else "green"
    title = f"{MARKS[mark]} *{word}: {percent} %* of the time for {escaped_line(metric.lower(), 100)} is used"
    about = f"{link(facts.url, facts.reference)} {escaped_line(facts.subject, 1000)}"
    fields = [("Status", facts.status), ("Priority", facts.priority), ("Assignee", facts.assignee or "Nobody")]
    fields += [("Due", due or "-")]
    fields += [("Escalation", escalation)] if escalation else []
    blocks = [_section(f"{title}\n{about}"), _fields(fields)]
    if is_near and facts.is_open:
        blocks.append(_actions([_link_button("View ticket", facts.url), _button("Escalate", ESCALATE, facts)]))
    return Message(_fallback(f"SLA {word}: {facts.reference}, {metric} at {percent} %. {facts.subject}"), blocks)


def resolved(facts: TicketFacts, *, by: str, hours: float, is_within_sla: bool | None) -> Message:
    """Return that a ticket was solved. is_within_sla: None where nothing was promised."""
    kept = {True: "within SLA", False: "SLA breached", None: "no SLA"}[is_within_sla]
    mark = MARKS["red" if is_within_sla is False else "green"]
    head = f"{mark} *Solved:* {link(facts.url, facts.reference)} {escaped_line(facts.subject, 1000)}"
    fields = [("Customer", facts.customer), ("Resolved by", by), ("Took", f"{hours:.1f} hours"), ("Promise", kept)]
    return Message(_fallback(f"Solved: {facts.reference} {facts.subject}"), [_section(head), _fields(fields)])


def note(line: str, *, body: str = "") -> Message:
    """Return a reply in a thread. line: what happened, in plain words.   body: what somebody wrote."""
    blocks = [_section(escaped_line(line, 1000))]
    if body.strip():
        rows = escaped(body, QUOTED_MOST).split("\n")
        quoted = [f"> {row}" for row in rows[:QUOTED_LINES_MOST]] + ["> …"] * (len(rows) > QUOTED_LINES_MOST)
        blocks.append(_section("\n".join(quoted)))
    return Message(_fallback(line), blocks)


def team_metrics(metrics: Metrics) -> Message:
    """Return a digest."""
    rate, score = metrics.compliance_percent, metrics.satisfaction
    compliance = "no data" if rate is None else f"{_grade(rate, metrics.good_percent, metrics.fair_percent)} {rate:g} %"
    fields = [
        ("Opened", str(metrics.opened)),
        ("Resolved", str(metrics.resolved)),
        ("Open now", str(metrics.still_open)),
    ]
    blocks = [_header(f"{metrics.period} team metrics"), _context(metrics.dates), _fields(fields)]
    lines = [f"*SLA compliance:* {compliance}"]
    if score is not None:
        lines.append(
            f"*Satisfaction:* {_grade(score, metrics.good_satisfaction, metrics.fair_satisfaction)} {score:.1f} of 5"
        )
    if metrics.top_agent:
        solved = f"{metrics.top_agent_tickets} solved"
        lines.append(f"*Most solved by:* {escaped_line(metrics.top_agent, 200)} ({solved})")
    blocks.append(_section("\n".join(lines)))
    blocks += [_fields([(name, str(count)) for name, count in metrics.waiting[:10]])] if metrics.waiting else []
    blocks.append(_context(f"Targets: compliance {metrics.good_percent} %, satisfaction {metrics.good_satisfaction:g}"))
    words = f"{metrics.period} team metrics: {metrics.opened} opened, {metrics.resolved} resolved"
    return Message(_fallback(words), blocks)


def alert(*, title: str, message: str, mark: str = "amber", url: str = "", label: str = "Open") -> Message:
    """Return words of somebody for a channel. url: where its button leads."""
    blocks = [_section(f"{MARKS[mark]} *{escaped_line(title, 300) or 'Notice'}*")]
    if message.strip():
        blocks.append(_section(escaped(message, SECTION_MOST)))
    if url and len(url) <= URL_MOST:
        blocks.append(_actions([_link_button(label, url)]))
    return Message(_fallback(f"{title or 'Notice'}: {message}"), blocks)


def ticket_list(found: Sequence[TicketFacts], *, has_more: bool) -> Message:
    """Return what a search found, a line each."""
    lines = [
        f"{link(one.url, one.reference)} {escaped_line(one.subject, 150)}"
        f" _{escaped_line(one.status, 50)}, {escaped_line(one.priority, 50)}_"
        for one in found
    ]
    lines += ["There are more: search for more words."] if has_more else []
    return Message(_fallback(f"{len(found)} tickets"), [_section("\n".join(lines))])


def joined(messages: Sequence[Message]) -> Message:
    """Return one message that stands for up to JOINED_MOST: the first section of each, under one heading."""
    shown = messages[:JOINED_MOST]
    blocks = [_header(f"{len(shown)} notices")]
    for message in shown:
        first = next((block for block in message.blocks if block["type"] == "section" and "text" in block), None)
        blocks.append(first or _section(message.text))
    return Message(_fallback(f"{len(shown)} notices. {shown[0].text if shown else ''}"), blocks)


# --- parts ------------------------------------------------------------------------------------------------------------


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": clipped(text, most) or "-", "emoji": False}


def _mrkdwn(text: str, most: int) -> Block:
    return {"type": "mrkdwn", "text": text[:most] or "-", "verbatim": True}


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER_MOST)}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text, SECTION_MOST)}


def _fields(pairs: Sequence[tuple[str, str]]) -> Block:
    fields = [
        _mrkdwn(f"*{escaped_line(name, 100)}*\n{escaped_line(value, 500) or '-'}", FIELD_MOST)
        for name, value in pairs[:10]
    ]
    return {"type": "section", "fields": fields}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(escaped_line(text, CONTEXT_MOST), CONTEXT_MOST)]}


def _actions(buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def _buttons(facts: TicketFacts) -> list[Block]:
    view = _link_button("View ticket", facts.url)
    if not facts.is_open:
        return [view]
    sure = _confirm(f"Solve {facts.reference}?", "The customer is told.", "Solve")
    return [
        view,
        _button("Assign to me", ASSIGN, facts),
        _button("Reply", REPLY, facts),
        _button("Escalate", ESCALATE, facts),
        _button("Solve", SOLVE, facts) | {"style": "primary", "confirm": sure},
    ]


def _button(label: str, action: str, facts: TicketFacts) -> Block:
    return {"type": "button", "text": plain(label, BUTTON_MOST), "action_id": action, "value": str(facts.number)}


def _link_button(label: str, url: str) -> Block:
    return {"type": "button", "text": plain(label, BUTTON_MOST), "action_id": VIEW, "url": url[:URL_MOST]}


def _confirm(title: str, text: str, deed: str) -> Block:
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(deed, 30),
        "deny": plain("Not yet", 30),
    }


def _grade(value: float, good: float, fair: float) -> str:
    return MARKS["green" if value >= good else "amber" if value >= fair else "red"]


def _fallback(text: str) -> str:
    """Return the text that stands for the blocks; Slack reads it as markup as well."""
    return escaped_line(text, TEXT_MOST) or "-"
