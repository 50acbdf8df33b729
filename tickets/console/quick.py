"""The short menus in a ticket's head: one press opens, one chooses. Beside it the form in the rail has everything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from tickets.console.forms import LABEL
from tickets.console.shared import Choices
from tickets.models import Ticket
from tickets.rules import MOVES
from tickets.vocabulary import PRIORITY_META, STATUS_META, Priority, Status


@dataclass(frozen=True)
class Option:
    value: str
    words: str
    glyph: str = ""
    is_set: bool = False


@dataclass(frozen=True)
class Menu:
    """field: as services.change_ticket names it. key: the single key that opens it."""

    field: str
    title: str
    key: str
    options: list[Option]


def menus(ticket: Ticket, choices: Choices, reader: User) -> list[Menu]:
    """Return what can be set from the head of a ticket, nothing where it is over."""
    if ticket.is_final:
        return []
    return [
        Menu("status", "Status", "s", _statuses(ticket, choices)),
        Menu("priority", "Priority", "p", _priorities(ticket)),
        Menu("assignee", "Assignee", "a", _agents(ticket, choices, reader)),
    ]


def aside_until(at: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """Return times until which one puts a ticket aside, in the current zone. Shape: [(words, instant)]."""
    here = timezone.localtime(at)
    monday = here.date() + dt.timedelta(days=7 - here.weekday())
    return [
        ("In 4 hours", at + dt.timedelta(hours=4)),
        ("Tomorrow, 9:00", _morning(here.date() + dt.timedelta(days=1))),
        ("Monday, 9:00", _morning(monday)),
        ("In two weeks, 9:00", _morning(here.date() + dt.timedelta(days=14))),
    ]


def _morning(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9)))


def _statuses(ticket: Ticket, choices: Choices) -> list[Option]:
    """Return the statuses that the ticket can have, each followed by its labels."""
    options = []
    for status in Status:
        if status != ticket.status and status not in MOVES[ticket.status]:
            continue
        glyph, is_here = STATUS_META[status].glyph, status == ticket.status
        options.append(Option(status.value, status.label, glyph, is_here and ticket.label_id is None))
        options += [
            Option(f"{LABEL}{label.pk}", label.name, glyph, label.pk == ticket.label_id)
            for label in choices.labels
            if label.status == status
        ]
    return options


def _priorities(ticket: Ticket) -> list[Option]:
    return [Option(one.value, one.label, PRIORITY_META[one].glyph, one == ticket.priority) for one in Priority]


def _agents(ticket: Ticket, choices: Choices, reader: User) -> list[Option]:
    """Return the reader first, then nobody, then the others by name."""
    others = [Option(str(pk), name, "", pk == ticket.assignee_id) for pk, name in choices.agents if pk != reader.pk]
    me = Option(str(reader.pk), "Me", "user", ticket.assignee_id == reader.pk)
    return [me, Option("", "Nobody", "circle-dashed", ticket.assignee_id is None), *others]
