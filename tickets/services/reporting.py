"""Sending the weekly report, once a week, to those who want it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import SYSTEM
from common.errors import NotAllowed
from common.time import now
from tickets import events
from tickets.models import WeeklyReport, WeeklyReportWish
from tickets.reporting.weekly import RIGHT, due_week, readers


def send_weekly_report(*, at: dt.datetime | None = None) -> int:
    """Let the report of the past week go out if it is due and has not, and return to how many. Twice is harmless."""
    at = at or now()
    first = due_week(at) if settings.PORTAL_WEEKLY_REPORT else None
    if first is None or WeeklyReport.objects.filter(first_on=first).exists():
        return 0
    with transaction.atomic():
        # Of two at once the second waits for the first at the unique column, and finds its row.
        report, is_new = WeeklyReport.objects.get_or_create(first_on=first, defaults={"sent_at": at})
        if not is_new:
            return 0
        people = list(readers().values_list("pk", flat=True))
        data = {"first": first.isoformat(), "people": people}
        journal.record(events.WEEKLY_REPORT_SENT, subject=report, by=SYSTEM, at=at, data=data)
    return len(people)


@transaction.atomic
def want_weekly_report(person: User, *, is_wanted: bool) -> None:
    """Note whether `person` wants the weekly report. Twice is harmless.

    Raises: NotAllowed for whoever may not see tickets.
    """
    if not person.has_perm(RIGHT):
        raise NotAllowed("Only the support team gets this report.")
    said = WeeklyReportWish.objects.select_for_update().filter(person=person).first()
    if said is not None and said.is_wanted == is_wanted:
        return
    WeeklyReportWish.objects.update_or_create(person=person, defaults={"is_wanted": is_wanted})
    journal.record(events.WEEKLY_REPORT_WISHED, subject=person, by=person, data={"is_wanted": is_wanted})
