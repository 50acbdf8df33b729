"""Which event means which mail, and to whom: one entry a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import User
from common import context
from common.journal import Event, Kind
from integrations.services import queue_delivery
from tickets import events
from tickets.assignment.standing_in import told_instead
from tickets.models import Ticket
from tickets.vocabulary import SPAM, Status

Recipients = Callable[[Event, Ticket], Iterable[User]]


@dataclass(frozen=True)
class Mail:
    """A mail. name: its folder in templates/email. is_reply: a person wrote it, so it is no automatic mail.

    is_notice: nobody waits for it, so its reader may leave it by one click.
    """

    name: str
    kinds: tuple[Kind, ...]
    recipients: Recipients
    is_reply: bool = False
    is_notice: bool = False

    def queue(self, event: Event) -> None:
        """Write a delivery for everybody who is to get this mail about `event`; none while the past is filled in."""
        if context.current().is_backfill:
            return
        ticket = Ticket.objects.select_related("requester").get(pk=event.subject_id)
        for person in self.recipients(event, ticket):
            queue_delivery(kind="email", template=self.name, destination=person.email, event=event, recipient=person)


def everybody_else(event: Event, ticket: Ticket) -> list[User]:
    """Return requester and followers, without whoever did it."""
    followers = User.objects.filter(followed_tickets__ticket=ticket, is_active=True)
    people = {ticket.requester_id: ticket.requester, **{person.pk: person for person in followers}}
    return [person for pk, person in people.items() if person.is_active and pk != event.actor_id]


def who_asked(event: Event, ticket: Ticket) -> list[User]:
    """Return the requester, but for what a machine wrote: two machines could answer each other for ever."""
    return [] if event.data.get("is_automatic") else [ticket.requester]


def who_reads_answers(event: Event, ticket: Ticket) -> list[User]:
    if event.kind == events.CUSTOMER_MESSAGE_POSTED.name and event.data["is_automatic"]:
        return []
    return [person for person in everybody_else(event, ticket) if person.is_mailed_replies]


def who_follows_status(event: Event, ticket: Ticket) -> list[User]:
    """Return who wants mails about the status, unless the move says nothing new.

    An agent's first touch only opens the ticket, a merge is told on the survivor, an answer that was sent with the
    move shows the new status itself, and whoever sends spam learns nothing from us.
    """
    status = event.data["status"]
    is_first_touch = (status["from"], status["to"]) == (Status.NEW, Status.OPEN)
    is_spam = status["to"] == Status.CANCELLED and ticket.tags.filter(name=SPAM).exists()
    if is_first_touch or is_spam or ticket.merged_into_id or _came_with_an_answer(event):
        return []
    return [person for person in everybody_else(event, ticket) if person.is_mailed_status]


def who_is_asked(event: Event, ticket: Ticket) -> list[User]:
    return [ticket.requester]


def _came_with_an_answer(event: Event) -> bool:
    return (
        bool(event.request_id)
        and Event.objects.filter(
            kind=events.PUBLIC_REPLY_POSTED.name,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            request_id=event.request_id,
        ).exists()
    )


MAILS = (
    Mail("ticket_received", (events.OPENED,), who_asked),
    Mail(
        "new_message",
        (events.PUBLIC_REPLY_POSTED, events.CUSTOMER_MESSAGE_POSTED),
        who_reads_answers,
        is_reply=True,
    ),
    Mail("ticket_solved", (events.SOLVED,), who_follows_status, is_notice=True),
    Mail(
        "status_changed",
        (events.STATUS_CHANGED, events.REOPENED, events.CLOSED, events.CANCELLED),
        who_follows_status,
        is_notice=True,
    ),
    Mail("satisfaction_survey", (events.SURVEY_DUE,), who_is_asked, is_notice=True),
    Mail("tracking_link", (events.LINK_RESENT,), who_asked),
)


def tell_stand_in(event: Event) -> None:
    """Mail what a customer wrote to who stands in for the ticket's assignee, unless they get that mail anyway.

    It is work, not something to be kept up with, so it does not ask who wants mails about answers.
    """
    if context.current().is_backfill or event.data["is_automatic"]:
        return
    ticket = Ticket.objects.select_related("assignee__stand_in").get(pk=event.subject_id)
    person = told_instead(ticket, at=event.occurred_at)
    if person is not None and person.pk != event.actor_id:
        queue_delivery(
            kind="email",
            template="new_message",
            destination=person.email,
            event=event,
            recipient=person,
            payload={"stands_in_for": str(ticket.assignee)},
        )


BY_NAME = {mail.name: mail for mail in MAILS}
