"""How each action is done, by a service, and what it would do, told without doing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from accounts.models import Team, User
from common import journal
from common.actors import Actor
from common.errors import Conflict, Invalid, InvalidTransition
from tickets import events
from tickets.automation import wording
from tickets.automation.checks import ASSIGNEE, CURRENT_USER, NO_LABEL, NOBODY, TEAM
from tickets.models.tickets import CustomField, StatusLabel, Ticket
from tickets.rules import FieldRule, check_move
from tickets.services import changing, conversation, people
from tickets.vocabulary import FINAL_STATUSES, Channel, Priority, Status


@dataclass(frozen=True)
class Doing:
    """by: whoever acts.   agent: the person who applies a macro; None for a rule.   at: when.

    is_answer_to_machine: what fired it was written by a machine, which gets no answer by machine.
    """

    by: Actor
    at: dt.datetime
    agent: User | None = None
    is_answer_to_machine: bool = False
    channel: Channel = Channel.CONSOLE


@dataclass(frozen=True)
class Planned:
    """One step of a plan. label: what changes; old, new: its values in words; text: what would be written.

    problem: why it would be refused, or changes nothing.
    """

    label: str
    old: str = ""
    new: str = ""
    text: str = ""
    problem: str = ""


@dataclass
class State:
    """A ticket as the steps of a plan leave it."""

    ticket: Ticket
    status: str
    priority: str
    team: Team | None
    assignee: User | None
    tags: set[str]
    custom: dict[str, Any] = field(default_factory=dict)
    label: StatusLabel | None = None

    @classmethod
    def of(cls, ticket: Ticket) -> State:
        tags = {tag.name for tag in ticket.tags.all()}
        custom = dict(ticket.custom_fields)
        return cls(
            ticket, ticket.status, ticket.priority, ticket.team, ticket.assignee, tags, custom, label=ticket.label
        )

    def move(self, status: str, label: StatusLabel | None = None) -> None:
        """Stand in another status; the old one's label goes with it, as the service has it."""
        self.status, self.label = status, label


@dataclass(frozen=True)
class Action:
    """takes: the kind of control that its value needs.   check: its value, as it is stored; raises ValueError.

    apply: does it and returns what was done, in words, "" for nothing.   plan: what it would do.
    """

    name: str
    label: str
    takes: str
    check: Callable[[Any, Mapping[str, FieldRule]], Any]
    apply: Callable[[Ticket, Any, Doing], str]
    plan: Callable[[State, Any, Doing], Planned]


def values_of(ticket: Ticket, agent: User | None) -> dict[str, str]:
    """Return the values of wording.VARIABLES for a ticket."""
    return {
        "ticket.reference": ticket.reference,
        "ticket.subject": ticket.subject,
        "ticket.status": ticket.get_status_display(),
        "ticket.priority": ticket.get_priority_display(),
        "ticket.url": f"{settings.SITE_URL}/tickets/{ticket.reference}",
        "requester.name": ticket.requester.name,
        "requester.first_name": ticket.requester.get_short_name(),
        "organization.name": ticket.organization.name if ticket.organization else "",
        "agent.name": agent.name if agent else "The support team",
        "agent.first_name": agent.get_short_name() if agent else "The support team",
        "team.name": ticket.team.name if ticket.team else "",
        "portal.name": settings.PORTAL_NAME,
        "auto_close.days": str(settings.PORTAL_AUTO_CLOSE_DAYS),
    }


def text_for(text: str, ticket: Ticket, who: Doing) -> str:
    return wording.filled(text, values_of(ticket, who.agent))


# --- status and priority ----------------------------------------------------------------------------------------------


def set_status(ticket: Ticket, value: str, who: Doing) -> str:
    changing.change_ticket(ticket, by=who.by, at=who.at, status=value)
    return f"Status: {Status(value).label}" if ticket.status != value else ""


def plan_status(state: State, value: str, _who: Doing) -> Planned:
    old, problem = state.status, "It is so already." if state.status == value else ""
    if not problem:
        try:
            check_move(old, value)
            state.move(value)
        except InvalidTransition as refusal:
            problem = refusal.message
    return Planned("Status", Status(old).label, Status(value).label, problem=problem)


def _label_row(value: Any) -> StatusLabel | None:
    if value == NO_LABEL:
        return None
    label = StatusLabel.objects.filter(pk=value).first()
    if label is None:
        raise Conflict("The status label is gone.", code="label_is_gone")
    return label


def set_label(ticket: Ticket, value: Any, who: Doing) -> str:
    label = _label_row(value)
    changing.change_ticket(ticket, by=who.by, at=who.at, label=label)
    return f"Status label: {label or 'none'}" if ticket.label != label else ""


def plan_label(state: State, value: Any, _who: Doing) -> Planned:
    """Tell the label with its status, which comes with it."""
    old = _label_words(state.label)
    try:
        label = _label_row(value)
        problem = _same(state.label, label)
        if label is not None and not problem:
            changing.check_label(label)
            if label.status != state.status:
                check_move(state.status, label.status)
    except (Conflict, Invalid) as refusal:
        return Planned("Status label", old, problem=refusal.message)
    state.move(label.status if label else state.status, label)
    return Planned("Status label", old, _label_words(label), problem=problem)


def _label_words(label: StatusLabel | None) -> str:
    return f"{label} ({label.get_status_display().lower()})" if label else "none"


def set_priority(ticket: Ticket, value: str, who: Doing) -> str:
    changing.change_ticket(ticket, by=who.by, at=who.at, priority=value)
    return f"Priority: {Priority(value).label}" if ticket.priority != value else ""


def plan_priority(state: State, value: str, _who: Doing) -> Planned:
    old, state.priority = state.priority, value
    return Planned("Priority", Priority(old).label, Priority(value).label, problem=_same(old, value))


def _same(old: object, new: object) -> str:
    return "It is so already." if old == new else ""


# --- who works on it --------------------------------------------------------------------------------------------------


def _team(value: Any) -> Team | None:
    if value == NOBODY:
        return None
    team = Team.objects.filter(pk=value).first()
    if team is None:
        raise Conflict("The team is gone.", code="team_is_gone")
    return team


def _person(value: Any, who: Doing) -> User | None:
    if value == NOBODY:
        return None
    if value == CURRENT_USER:
        return who.agent
    person = User.objects.filter(pk=value, is_active=True).first()
    if person is None:
        raise Conflict("The person is gone or no longer active.", code="person_is_gone")
    return person


def set_team(ticket: Ticket, value: Any, who: Doing) -> str:
    team = _team(value)
    changing.change_ticket(ticket, by=who.by, at=who.at, team=team)
    return f"Team: {team or 'none'}" if ticket.team != team else ""


def plan_team(state: State, value: Any, _who: Doing) -> Planned:
    try:
        team = _team(value)
    except Conflict as refusal:
        return Planned("Team", str(state.team or "none"), problem=refusal.message)
    old, state.team = state.team, team
    return Planned("Team", str(old or "none"), str(team or "none"), problem=_same(old, team))


def set_assignee(ticket: Ticket, value: Any, who: Doing) -> str:
    person = _person(value, who)
    changing.change_ticket(ticket, by=who.by, at=who.at, assignee=person)
    return f"Assignee: {person or 'nobody'}" if ticket.assignee != person else ""


def plan_assignee(state: State, value: Any, who: Doing) -> Planned:
    try:
        person = _person(value, who)
    except Conflict as refusal:
        return Planned("Assignee", str(state.assignee or "nobody"), problem=refusal.message)
    old, state.assignee = state.assignee, person
    if person is not None and state.status == Status.NEW:
        state.move(Status.OPEN)  # as the service does
    return Planned("Assignee", str(old or "nobody"), str(person or "nobody"), problem=_same(old, person))


# --- tags and fields --------------------------------------------------------------------------------------------------


def add_tags(ticket: Ticket, names: list[str], who: Doing) -> str:
    has = {tag.name for tag in ticket.tags.all()}
    if set(names) <= has:
        return ""
    changing.change_ticket(ticket, by=who.by, at=who.at, tags=sorted(has | set(names)))
    return f"Tags added: {', '.join(names)}"


def remove_tags(ticket: Ticket, names: list[str], who: Doing) -> str:
    has = {tag.name for tag in ticket.tags.all()}
    if not set(names) & has:
        return ""
    changing.change_ticket(ticket, by=who.by, at=who.at, tags=sorted(has - set(names)))
    return f"Tags removed: {', '.join(names)}"


def plan_tags_added(state: State, names: list[str], _who: Doing) -> Planned:
    return _plan_tags(state, state.tags | set(names))


def plan_tags_removed(state: State, names: list[str], _who: Doing) -> Planned:
    return _plan_tags(state, state.tags - set(names))


def _plan_tags(state: State, new: set[str]) -> Planned:
    old, state.tags = state.tags, new
    before, after = (", ".join(sorted(names)) or "none" for names in (old, new))
    return Planned("Tags", before, after, problem=_same(old, new))


def set_custom(ticket: Ticket, value: dict[str, Any], who: Doing) -> str:
    key, new = value["key"], value["value"]
    if ticket.custom_fields.get(key) == new:
        return ""
    changing.change_ticket(ticket, by=who.by, at=who.at, custom_fields={key: new})
    return f"{_label(key)}: {'empty' if new is None else new}"


def plan_custom(state: State, value: dict[str, Any], _who: Doing) -> Planned:
    key, new = value["key"], value["value"]
    old, state.custom[key] = state.custom.get(key), new
    before, after = ("empty" if one in (None, "", []) else str(one) for one in (old, new))
    return Planned(_label(key), before, after, problem=_same(old, new))


def _label(key: str) -> str:
    return CustomField.objects.filter(key=key).values_list("label", flat=True).first() or key


# --- words and people -------------------------------------------------------------------------------------------------


def add_note(ticket: Ticket, text: str, who: Doing) -> str:
    body = text_for(text, ticket, who)
    conversation.add_internal_note(ticket, body=body, by=who.by, at=who.at, channel=who.channel)
    return "Added an internal note"


def plan_note(state: State, text: str, who: Doing) -> Planned:
    return Planned("Internal note", text=text_for(text, state.ticket, who))


def add_reply(ticket: Ticket, text: str, who: Doing) -> str:
    if who.is_answer_to_machine:
        return "Sent no reply: a machine wrote"
    body = text_for(text, ticket, who)
    conversation.post_public_reply(
        ticket, body=body, by=who.by, at=who.at, channel=who.channel, is_automatic=who.agent is None
    )
    return "Replied to the customer"


def plan_reply(state: State, text: str, who: Doing) -> Planned:
    problem = "Nobody would see a reply on a closed ticket." if state.status in FINAL_STATUSES else ""
    return Planned("Reply to the customer", text=text_for(text, state.ticket, who), problem=problem)


def add_follower(ticket: Ticket, value: int, who: Doing) -> str:
    person = _person(value, who)
    if person is None or ticket.requester_id == person.pk or ticket.followers.filter(person=person).exists():
        return ""
    people.add_follower(ticket, person, by=who.by, at=who.at)
    return f"Added {person}"


def plan_follower(state: State, value: int, who: Doing) -> Planned:
    try:
        return Planned("Person", new=str(_person(value, who)))
    except Conflict as refusal:
        return Planned("Person", problem=refusal.message)


def notify(ticket: Ticket, value: dict[str, Any], who: Doing) -> str:
    """Record that a notice is wanted: another room sends it."""
    readers, words = _readers(ticket.assignee, ticket.team, value["to"])
    if not readers:
        return f"Notified nobody: {words}"
    text = wording.filled(value["text"], values_of(ticket, who.agent))
    data = {"people": [person.pk for person in readers], "what": words, "text": text}
    journal.record(events.NOTICE_WANTED, subject=ticket, by=who.by, at=who.at, data=data)
    return f"Notified {words}"


def plan_notice(state: State, value: dict[str, Any], who: Doing) -> Planned:
    readers, words = _readers(state.assignee, state.team, value["to"])
    text = text_for(value["text"], state.ticket, who)
    return Planned("Notice", new=words if readers else "", text=text, problem="" if readers else words)


def _readers(assignee: User | None, team: Team | None, to: Any) -> tuple[list[User], str]:
    """Return who gets a notice and how they are called together; nobody, and why, where there is no one."""
    staff = User.objects.staff()
    if to == ASSIGNEE:
        found = list(staff.filter(pk=assignee.pk)) if assignee else []
        return found, str(assignee) if found else "nobody is assigned."
    if to != TEAM and "person" in to:
        found = list(staff.filter(pk=to["person"]))
        return found, str(found[0]) if found else "the person is gone or no longer active."
    if to != TEAM:
        team = Team.objects.filter(pk=to["team"]).first()
    if team is None:
        return [], "no team has the ticket." if to == TEAM else "the team is gone."
    found = list(staff.filter(teams=team).order_by("pk"))
    return found, f"team {team}" if found else f"team {team} has no active members."


def require_fields(ticket: Ticket) -> None:
    """Raise Invalid, naming the field, where a ticket that is to be solved lacks one that must be filled in."""
    rows = CustomField.objects.filter(is_active=True, is_required=True)
    missing = next((row for row in rows if ticket.custom_fields.get(row.key) in (None, "", [])), None)
    if missing is not None:
        words = f"“{missing.label}” must be filled in before {ticket.reference} can be solved."
        raise Invalid(words, field=f"custom_fields.{missing.key}", code="required")
