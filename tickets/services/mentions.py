"""Telling those whom a note calls by name."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from common import journal
from common.actors import Actor
from tickets import events
from tickets.access import may_see
from tickets.mentions import mentioned
from tickets.models import Message
from tickets.services.people import follow

EXCERPT_CHARACTERS = 600


def tell_mentioned(note: Message, *, by: Actor, at: dt.datetime) -> list[User]:
    """Mail those of the team whom the new `note` calls, let them follow its ticket, and return them.

    Who may not see the ticket is not told of it; nobody is told of what they wrote themselves.
    """
    if "@" not in note.body:
        return []
    team = {person.pk: person for person in User.objects.staff().exclude(pk=note.author_id or 0)}
    called = [team[pk] for pk in mentioned(note.body, ((pk, person.name) for pk, person in team.items()))]
    people = [person for person in called if may_see(person, note.ticket)]
    if people:
        for person in people:
            follow(note.ticket, person)
        names = ", ".join(person.name for person in people)
        text = f"{note.author or 'Somebody'} mentioned you in a note:\n\n{note.body[:EXCERPT_CHARACTERS]}"
        data = {"people": [person.pk for person in people], "what": f"{names}, who are mentioned", "text": text}
        journal.record(events.NOTICE_WANTED, subject=note.ticket, by=by, at=at, data=data)
    return people
