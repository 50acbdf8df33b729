"""How this room follows its own events, in the same transaction."""

from __future__ import annotations

from common import embedding, journal, queue
from common.journal import Event
from tickets import events
from tickets.automation import firing, running
from tickets.services import cascade
from tickets.services.deflection import note_opened_ticket
from tickets.similar import forget_vector
from tickets.tasks import make_vectors


def register() -> None:
    journal.subscribe([events.OPENED], note_opened_ticket)
    journal.subscribe([events.OPENED, events.FIELDS_CHANGED], read_again)
    journal.subscribe_to(firing.EVENTS, running.notice)
    cascade.when_through(running.finish)


def read_again(event: Event) -> None:
    """Let similar tickets be found by what this one says now."""
    if event.kind == events.FIELDS_CHANGED.name:
        if "subject" not in event.data["changes"]:
            return
        forget_vector(event.subject_id)
    if embedding.is_on():
        queue.nudge("ticket-vectors", make_vectors.delay)
