"""Checklists, and the time spent on tickets, which their organizations' support hours pay for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Sum
from django.utils import timezone

from accounts.models import Organization, User
from accounts.services import use_support_minutes
from common import journal
from common.errors import Invalid, NotAllowed
from common.time import now
from tickets import events
from tickets.access import require_sight, require_work
from tickets.models import ChecklistItem, Ticket, TimeEntry
from tickets.services.cascade import service
from tickets.services.locking import lock, save

ITEMS_MOST = 50
ITEM_CHARACTERS_MOST = 300
MINUTES_MOST = 1440  # of one entry: a day has no more


@service
def add_checklist_items(ticket: Ticket, texts: Sequence[str], *, by: User) -> list[ChecklistItem]:
    """Add things to be done, one of each text that says something.   Raises: Invalid, NotAllowed."""
    ticket = _worked(ticket, by)
    wanted = [" ".join(text.split()) for text in texts if text.strip()]
    if not wanted:
        raise Invalid("Write what is to be done.", field="lines")
    if any(len(text) > ITEM_CHARACTERS_MOST for text in wanted):
        raise Invalid(f"Keep each line within {ITEM_CHARACTERS_MOST} characters.", field="lines", code="too_long")
    if ticket.checklist.count() + len(wanted) > ITEMS_MOST:
        raise Invalid(f"A checklist has at most {ITEMS_MOST} items.", field="lines", code="too_many")
    items = [ChecklistItem.objects.create(ticket=ticket, text=text) for text in wanted]
    _tell(events.CHECKLIST_ADDED, ticket, by, what=", ".join(wanted)[:300])
    return items


@service
def tick(item: ChecklistItem, *, is_done: bool, by: User) -> ChecklistItem:
    """Mark an item as done, or as open again. Twice is harmless: who did it first did it."""
    ticket = _worked(item.ticket, by)
    item = ticket.checklist.get(pk=item.pk)
    if is_done != (item.done_at is not None):
        item.done_by, item.done_at = (by, now()) if is_done else (None, None)
        item.save(update_fields=["done_by", "done_at"])
        _tell(events.CHECKLIST_DONE if is_done else events.CHECKLIST_REOPENED, ticket, by, what=item.text)
    return item


@service
def remove_checklist_item(item: ChecklistItem, *, by: User) -> None:
    ticket = _worked(item.ticket, by)
    if ticket.checklist.filter(pk=item.pk).delete()[0]:
        _tell(events.CHECKLIST_REMOVED, ticket, by, what=item.text)


@service
def spend_time(ticket: Ticket, *, minutes: int, by: User, note: str = "", spent_on: dt.date | None = None) -> TimeEntry:
    """Note that `by` worked so long on the ticket, on a day that is not to come; the organization's hours pay for it.

    Raises: Invalid, NotAllowed.
    """
    ticket = _worked(ticket, by)
    today = timezone.localdate()
    if not 1 <= minutes <= MINUTES_MOST:
        raise Invalid(f"Enter from 1 to {MINUTES_MOST} minutes.", field="minutes", code="out_of_range")
    if spent_on is not None and spent_on > today:
        raise Invalid("This day is still to come.", field="spent_on", code="out_of_range")
    _pay(ticket.organization, minutes)
    entry = TimeEntry.objects.create(
        ticket=ticket,
        organization=ticket.organization,
        person=by,
        minutes=minutes,
        note=" ".join(note.split())[:200],
        spent_on=spent_on or today,
    )
    _tell(events.TIME_SPENT, ticket, by, minutes=minutes, what=f"{minutes} min")
    return entry


@service
def remove_time(entry: TimeEntry, *, by: User) -> None:
    """Take an entry back, one's own or, with the right to, somebody else's; the organization gets its hours back."""
    ticket = _worked(entry.ticket, by)
    if entry.person_id != by.pk and not by.has_perm("tickets.delete_timeentry"):
        raise NotAllowed("Only who entered this time, or a supervisor, can take it back.")
    found = TimeEntry.objects.select_related("organization").filter(pk=entry.pk).first()
    if found is not None:
        _pay(found.organization, -found.minutes)
        found.delete()
        _tell(events.TIME_REMOVED, ticket, by, minutes=found.minutes, what=f"{found.minutes} min")


def _worked(ticket: Ticket, by: User) -> Ticket:
    require_sight(by, ticket)
    require_work(by, ticket)
    return lock(ticket)


def _pay(organization: Organization | None, minutes: int) -> None:
    """Count minutes to the organization's hours. What is rounded is the sum, so no minute is lost in many entries."""
    if organization is not None:
        locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        before = TimeEntry.objects.filter(organization=locked).aggregate(sum=Sum("minutes"))["sum"] or 0
        use_support_minutes(locked, before=before, after=before + minutes)


def _tell(kind: journal.Kind, ticket: Ticket, by: User, **data: object) -> None:
    at = now()
    save(ticket, updated_at=at)
    journal.record(kind, subject=ticket, by=by, at=at, data=data)
