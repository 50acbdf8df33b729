"""How this room follows its own events, in the same transaction."""

from __future__ import annotations

from common import context, embedding, journal, queue
from common.journal import Event
from tickets import events
from tickets.automation import firing, running
from tickets.models import Ticket
from tickets.services import cascade
from tickets.services.assigning import want_assignment
from tickets.services.changes import note_change
from tickets.services.deflection import note_opened_ticket
from tickets.services.satisfaction import drop_survey, plan_survey
from tickets.similar import forget_vector
from tickets.tasks import assign_wanted, make_vectors


def register() -> None:
    journal.subscribe([events.OPENED], note_opened_ticket)
    journal.subscribe([events.OPENED], let_assign)
    journal.subscribe([events.OPENED, events.FIELDS_CHANGED], read_again)
    journal.subscribe([events.SOLVED], plan_survey)
    journal.subscribe([events.REOPENED], drop_survey)
    journal.subscribe_to(firing.EVENTS, running.notice)
    journal.subscribe_to_all(note_change)
    cascade.when_through(running.finish)


def let_assign(event: Event) -> None:
    """Let a new ticket find its agent, but for one that is filled in from the past."""
    if context.current().is_backfill:
        return
    ticket = event.subject if isinstance(event.subject, Ticket) else Ticket.objects.get(pk=event.subject_id)
    if want_assignment(ticket):
        queue.nudge("assignment", assign_wanted.delay)


def read_again(event: Event) -> None:
    """Let similar tickets be found by what this one says now."""
    if event.kind == events.FIELDS_CHANGED.name:
        if "subject" not in event.data["changes"]:
            return
        forget_vector(event.subject_id)
    if embedding.is_on():
        queue.nudge("ticket-vectors", make_vectors.delay)
