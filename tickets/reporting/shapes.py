"""What a report is asked, and what it answers: one shape for page, file and API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from common.periods import Period
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

Row = tuple[Any, ...]
UNITS = ("text", "count", "seconds", "percent", "rating", "day", "instant")


@dataclass(frozen=True)
class Asked:
    """reader: whose tickets are counted.   at: what is open and how long it waits is as of this instant."""

    reader: User
    period: Period
    at: dt.datetime

    @property
    def tickets(self) -> TicketQuerySet:
        return Ticket.objects.visible_to(self.reader).order_by()


@dataclass(frozen=True)
class Column:
    """unit: one of UNITS; None in a row is "no data"."""

    name: str
    label: str
    unit: str = "count"


@dataclass(frozen=True)
class Report:
    """about: what is counted, in a sentence.   read: returns rows with a value for each column."""

    name: str
    title: str
    about: str
    columns: Sequence[Column]
    read: Callable[[Asked], Sequence[Row]]
    permission: str = "tickets.view_ticket"
