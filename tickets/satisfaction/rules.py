"""What is decided about surveys and ratings without asking the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from common.errors import Conflict, Invalid
from tickets.satisfaction.vocabulary import FACES, WhyNot
from tickets.vocabulary import Status

COMMENT_CHARACTERS_MOST = 5000
RATABLE_STATUSES = (Status.SOLVED, Status.CLOSED)
LOW_RATING_MOST = 2  # a rating up to this is told to supervisors
GOOD_RATING_LEAST = 4  # the score counts ratings from this on


@dataclass(frozen=True)
class Case:
    """What there is to know of a ticket whose survey is due. is_unreachable: mail to the requester is held back."""

    status: str
    is_merged: bool = False
    is_automatic: bool = False
    is_blocked: bool = False
    is_active: bool = True
    is_mailed_status: bool = True
    is_unreachable: bool = False


def why_not_asked(case: Case) -> WhyNot | None:
    """Return the first reason not to ask the requester of `case` for a rating; None where they are to be asked."""
    reasons = (
        (case.is_merged, WhyNot.MERGED),
        (case.status not in RATABLE_STATUSES, WhyNot.UNSOLVED),
        (case.is_automatic, WhyNot.AUTOMATIC),
        (case.is_blocked, WhyNot.BLOCKED),
        (not case.is_active, WhyNot.INACTIVE),
        (not case.is_mailed_status, WhyNot.UNWANTED),
        (case.is_unreachable, WhyNot.UNREACHABLE),
    )
    return next((reason for applies, reason in reasons if applies), None)


def may_be_rated(status: str, *, is_merged: bool) -> bool:
    """Tell whether there is something to rate: a merged ticket goes on in another one."""
    return status in RATABLE_STATUSES and not is_merged


def check_ratable(reference: str, status: str, *, is_merged: bool, is_rated: bool) -> None:
    """Raise Conflict with the reason where the ticket cannot be rated, or was rated before."""
    if is_rated:
        raise Conflict(f"{reference} was rated already. A ticket is rated once.", code="already_rated")
    if not may_be_rated(status, is_merged=is_merged):
        state = "was merged into another ticket" if is_merged else f"is {Status(status).label.lower()}"
        words = f"{reference} {state}. A ticket can be rated once it is solved or closed."
        raise Conflict(words, code="not_ratable")


def checked_rating(rating: int) -> int:
    """Return the rating. Raises: Invalid unless it is one of FACES."""
    if isinstance(rating, bool) or rating not in FACES:
        raise Invalid("Choose a rating from 1 to 5.", field="rating", code="invalid_choice")
    return int(rating)


def is_low(rating: int) -> bool:
    return rating <= LOW_RATING_MOST


def is_open_at(asked_at: dt.datetime | None, at: dt.datetime, *, days: int) -> bool:
    """Tell whether the link of a survey that was asked at `asked_at` still opens at `at`. days: how long it lives."""
    return asked_at is not None and at < asked_at + dt.timedelta(days=days)


def percent(part: int, whole: int) -> float | None:
    """Return the share in per cent, with one decimal; None of nothing."""
    return round(part * 100 / whole, 1) if whole else None
