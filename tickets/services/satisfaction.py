"""Asking how good the help was, and taking down what was said.

The survey of a ticket is planned when it is solved and dropped when it is opened again, so that looking for what is
due costs what is due. Whether somebody is asked at all is decided when the time has come.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from accounts.models import User
from common import context, journal, queue, retention
from common.actors import SYSTEM
from common.errors import Invalid, NotAllowed
from common.journal import Event
from common.richtext import clean_text
from common.time import now
from tickets import events
from tickets.access import require_sight
from tickets.models import BlockedSender, Survey, Ticket
from tickets.satisfaction.rules import (
    COMMENT_CHARACTERS_MOST,
    Case,
    check_ratable,
    checked_rating,
    why_not_asked,
)
from tickets.satisfaction.vocabulary import FACES, WhyNot
from tickets.services.locking import lock
from tickets.slots import UNREACHABLE

log = structlog.get_logger(__name__)


def plan_survey(event: Event) -> None:
    """Follow `ticket.solved`: let the requester be asked after the set delay, unless they were asked before."""
    if context.current().is_backfill or not settings.PORTAL_SURVEYS:
        return
    due_at = event.occurred_at + dt.timedelta(hours=settings.PORTAL_SURVEY_DELAY_HOURS)
    survey, is_new = Survey.objects.get_or_create(ticket_id=event.subject_id, defaults={"due_at": due_at})
    if not is_new:
        unasked = Survey.objects.filter(pk=survey.pk, asked_at=None, rated_at=None)
        unasked.update(due_at=due_at, not_asked_because="")
    if not settings.PORTAL_SURVEY_DELAY_HOURS:
        from tickets.tasks import ask_due_surveys as task

        queue.nudge("surveys", task.delay)


def drop_survey(event: Event) -> None:
    """Follow `ticket.reopened`: nobody is asked about what goes on."""
    planned = Survey.objects.filter(ticket_id=event.subject_id, due_at__isnull=False)
    planned.update(due_at=None, not_asked_because=WhyNot.UNSOLVED)


def ask_due_surveys(*, at: dt.datetime | None = None, most: int = 500) -> int:
    """Ask up to `most` requesters whose survey is due, and return how many were asked."""
    at = at or now()
    due = list(Survey.objects.due_by(at).select_related("ticket__requester")[:most])
    unreachable = {pk for pk, why in UNREACHABLE.ask([row.ticket.requester for row in due]).items() if why}
    asked = 0
    for row in due:
        try:
            asked += _ask_if_due(row, at, is_unreachable=row.ticket.requester_id in unreachable)
        except Exception:  # a fault in one must not keep the others from being asked; it is tried again, and seen
            log.exception("survey_failed", ticket=row.ticket.reference)
    return asked


@transaction.atomic
def _ask_if_due(row: Survey, at: dt.datetime, *, is_unreachable: bool) -> bool:
    ticket = lock(row.ticket)
    survey = Survey.objects.select_for_update().get(pk=row.pk)
    if survey.due_at is None or survey.due_at > at:
        return False  # rated, opened again or asked by another worker meanwhile
    return _ask(ticket, survey, at, is_unreachable=is_unreachable)


@transaction.atomic
def ask_for_rating(ticket: Ticket, *, at: dt.datetime | None = None) -> bool:
    """Ask the requester now, without waiting; tell whether there was no reason against it. Twice is harmless."""
    ticket = lock(ticket)
    survey = Survey.objects.select_for_update().filter(ticket=ticket).first() or Survey(ticket=ticket)
    if survey.asked_at is not None or survey.rated_at is not None:
        return False
    is_unreachable = any(UNREACHABLE.ask([ticket.requester])[ticket.requester_id])
    return _ask(ticket, survey, at or now(), is_unreachable=is_unreachable)


@transaction.atomic
def rate_ticket(
    ticket: Ticket,
    *,
    rating: int,
    comment: str = "",
    by: User,
    via: str,
    via_link: bool = False,
    at: dt.datetime | None = None,
) -> Survey:
    """Take down how good the help was, once, and return the survey that holds it.

    via_link: they came by a secret link, which is sight enough.
    Raises: NotAllowed for all but the requester, Conflict where it was rated before or is not solved, Invalid.
    """
    ticket = lock(ticket)
    at = at or now()
    require_sight(by, ticket, via_link=via_link)
    if by.pk != ticket.requester_id:
        raise NotAllowed("Only the person who asked for help can rate it.")
    rating, comment = checked_rating(rating), _checked_comment(comment)
    survey = Survey.objects.select_for_update().filter(ticket=ticket).first() or Survey(ticket=ticket)
    is_merged = ticket.merged_into_id is not None
    check_ratable(ticket.reference, ticket.status, is_merged=is_merged, is_rated=survey.rated_at is not None)
    said = {"rating": rating, "comment": comment, "rated_at": at, "rated_via": via, "assignee": ticket.assignee}
    _save(survey, **said, due_at=None, not_asked_because="")
    data = {"survey": survey.pk, "rating": rating, "what": FACES[rating].word}
    journal.record(events.SURVEY_RATED, subject=ticket, by=by, at=at, data=data)
    return survey


@transaction.atomic
def erase_comment(ticket: Ticket, *, by: User) -> None:
    """Take away for good what was written with the ticket's rating; the rating stays. Twice is harmless."""
    ticket = lock(ticket)
    require_sight(by, ticket)
    if not by.has_perm("tickets.erase_comment"):
        raise NotAllowed("Only a supervisor can erase a comment.")
    survey = Survey.objects.select_for_update().filter(ticket=ticket).exclude(comment="").first()
    if survey is not None:
        _save(survey, comment="")
        journal.record(events.COMMENT_ERASED, subject=ticket, by=by, data={"survey": survey.pk})


def forget_comments(at: dt.datetime) -> int:
    """Empty comments that are older than they are kept, and return how many there were; the ratings stay."""
    before = at - dt.timedelta(days=settings.PORTAL_SURVEY_COMMENT_DAYS)
    return Survey.objects.filter(rated_at__lt=before).exclude(comment="").update(comment="")


def _ask(ticket: Ticket, survey: Survey, at: dt.datetime, *, is_unreachable: bool) -> bool:
    """Ask, or note why not; tell which."""
    reason = why_not_asked(_case(ticket, is_unreachable)) if settings.PORTAL_SURVEYS else WhyNot.OFF
    if reason is not None:
        _save(survey, due_at=None, not_asked_because=reason)
        return False
    _save(survey, asked_at=at, due_at=None, not_asked_because="")
    data = {"survey": survey.pk, "person": ticket.requester_id}
    journal.record(events.SURVEY_DUE, subject=ticket, by=SYSTEM, at=at, data=data)
    return True


def _case(ticket: Ticket, is_unreachable: bool) -> Case:
    requester = ticket.requester
    first = ticket.messages.public().first()
    return Case(
        status=ticket.status,
        is_merged=ticket.merged_into_id is not None,
        is_automatic=first is not None and first.is_automatic,
        is_blocked=BlockedSender.objects.filter(pattern__in=BlockedSender.patterns_of(requester.email)).exists(),
        is_active=requester.is_active,
        is_mailed_status=requester.is_mailed_status,
        is_unreachable=is_unreachable,
    )


def _checked_comment(comment: str) -> str:
    comment = clean_text(comment).strip()
    if len(comment) > COMMENT_CHARACTERS_MOST:
        raise Invalid(f"Write at most {COMMENT_CHARACTERS_MOST:,} characters.", field="feedback", code="length")
    return comment


def _save(survey: Survey, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(survey, name, value)
    survey.save(update_fields=list(columns) if survey.pk else None)


retention.register("comments of ratings", forget_comments)
