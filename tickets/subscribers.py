"""How the memory for similar tickets follows what happens to tickets."""

from __future__ import annotations

from common import embedding, journal, queue
from common.journal import Event
from tickets import events
from tickets.similar import forget_vector
from tickets.tasks import make_vectors


def register() -> None:
    journal.subscribe([events.OPENED, events.FIELDS_CHANGED], read_again)


def read_again(event: Event) -> None:
    if event.kind == events.FIELDS_CHANGED.name:
        if "subject" not in event.data["changes"]:
            return
        forget_vector(event.subject_id)
    if embedding.is_on():
        queue.nudge("ticket-vectors", make_vectors.delay)
