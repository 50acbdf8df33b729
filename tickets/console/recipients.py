"""To whom a public reply goes, as the composer shows it before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from common.journal import Event
from tickets import events
from tickets.console.marginalia import Named
from tickets.models import Message, Ticket


@dataclass(frozen=True)
class Copy:
    """A follower, who gets the reply too. is_new: joined since the last thing that the customer could read."""

    person: Named
    is_new: bool


@dataclass(frozen=True)
class Recipients:
    """words: of the button that sends, "Rita and 2 others"."""

    copies: list[Copy]
    words: str

    @property
    def newcomers(self) -> list[str]:
        return [copy.person.name for copy in self.copies if copy.is_new]


def recipients_of(
    ticket: Ticket, author: User, followers: Iterable[Named], said: Iterable[Message], happened: Iterable[Event]
) -> Recipients:
    """Return who gets the next public reply of `author` to `ticket`, whose conversation and journal are given."""
    public = [message.created_at for message in said if not message.is_internal]
    joined = {
        event.data.get("person")
        for event in happened
        if event.kind == events.FOLLOWER_ADDED.name and public and event.occurred_at > public[-1]
    }
    copies = [Copy(person, person.pk in joined) for person in followers if person.pk != author.pk]
    first = ticket.requester.get_short_name()
    if not copies:
        return Recipients(copies, first)
    others = copies[0].person.name if len(copies) == 1 else f"{len(copies)} others"
    return Recipients(copies, f"{first} and {others}")
