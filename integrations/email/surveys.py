"""The five faces of the mail that asks how good the help was, and whom a bad answer is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import Role, User
from common import context
from common.journal import Event
from integrations.email.suppressing import held_back_words, suppressed
from integrations.escalations import role_address
from integrations.services import queue_delivery
from tickets.models import Survey, Ticket
from tickets.satisfaction.links import survey_url
from tickets.satisfaction.rules import is_low, may_be_rated
from tickets.satisfaction.vocabulary import FACES

LOW_RATING = "low_rating"


def faces_of(event: Event) -> list[dict[str, Any]]:
    """Return the faces, each with its link; none where it was rated meanwhile, or there is nothing to rate any more.

    Shape: [{"emoji", "word", "rating", "url"}], the worst first.
    """
    survey = Survey.objects.select_related("ticket").filter(pk=event.data["survey"], rated_at=None).first()
    if survey is None:
        return []
    ticket = survey.ticket
    if not may_be_rated(ticket.status, is_merged=ticket.merged_into_id is not None):
        return []
    return [
        {
            "emoji": face.emoji,
            "word": face.word,
            "rating": face.rating,
            "url": survey_url(survey, rating=face.rating),
        }
        for face in FACES.values()
    ]


def tell_of_low_rating(event: Event) -> None:
    """Queue a notice of a bad rating for each supervisor and the assignee, once each; nothing while the past is
    filled in. Where there is none of them, it goes to the address of the manager."""
    if context.current().is_backfill or not is_low(event.data["rating"]):
        return
    ticket = Ticket.objects.select_related("assignee").get(pk=event.subject_id)
    supervisors = User.objects.staff().filter(groups__name=Role.SUPERVISOR).order_by("pk")
    people = {person.pk: person for person in supervisors}
    if ticket.assignee is not None and ticket.assignee.is_staff and ticket.assignee.is_active:
        people[ticket.assignee.pk] = ticket.assignee
    for person in people.values():
        queue_delivery(
            kind="email", template=LOW_RATING, destination=person.email, event=event, recipient=person, payload={}
        )
    if not people and (address := role_address("manager")):
        payload = {"role": "manager"}
        queue_delivery(kind="email", template=LOW_RATING, destination=address, event=event, payload=payload)


def unreachable(people: Sequence[User]) -> dict[int, str]:
    """Return for each person to whose address nothing is mailed words that say why."""
    held_back = suppressed(person.email for person in people)
    return {
        person.pk: held_back_words(row) for person in people if (row := held_back.get(person.email.lower())) is not None
    }
