"""Who is told in the place of an assignee who is away. The one place that knows; mails and escalations ask here."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from tickets.models import Ticket


def stand_in_for(person: User, *, at: dt.datetime) -> User | None:
    """Return who stands in at `at` for `person`, who is away; None where nobody does.

    Where the stand-in is away as well, it is theirs. Somebody who left stands in for nobody.
    """
    passed = {person.pk}
    stand_in = person.stand_in
    while stand_in is not None and stand_in.pk not in passed:
        if not (stand_in.is_active and stand_in.is_staff):
            return None
        if not stand_in.is_away_at(at):
            return stand_in
        passed.add(stand_in.pk)
        stand_in = stand_in.stand_in
    return None


def told_instead(ticket: Ticket, *, at: dt.datetime) -> User | None:
    """Return who is told of `ticket` in the place of its assignee; None where the assignee is here or nobody is."""
    assignee = ticket.assignee
    return stand_in_for(assignee, at=at) if assignee is not None and assignee.is_away_at(at) else None
