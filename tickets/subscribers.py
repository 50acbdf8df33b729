"""How this room reacts to its own events, in the same transaction."""

from common import journal
from tickets import events
from tickets.services.deflection import note_opened_ticket


def register() -> None:
    journal.subscribe((events.OPENED,), note_opened_ticket)
