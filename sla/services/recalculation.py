"""Taking a change of policy, calendar, tier or zone rules to the open tickets it concerns.

A job is a row: bounded batches, each a transaction of its own, in the order of the tickets, from where the last one
ended. Nobody's change in between is lost: each ticket is locked, and time that has passed stays counted as it was.
"""

from __future__ import annotations

import datetime as dt
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from common import journal, queue
from common.actors import SYSTEM
from common.errors import NotAllowed
from common.journal import Event
from common.time import now
from sla import events, library
from sla.models import BusinessCalendar, Clock, Recalculation, SlaPolicy
from sla.rules.clocks import ClockLike
from sla.rules.promises import Promise
from sla.services.clocks import Desk, catch_up
from sla.vocabulary import COUNTING_STATES, OPEN_STATES
from tickets.models import Ticket
from tickets.vocabulary import FINAL_STATUSES

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=5)
STRAGGLERS_AFTER = dt.timedelta(hours=1)
BATCH = 500
Kind = Recalculation.Kind


def plan_for_organization(event: Event) -> Recalculation:
    """Take a new tier to the organization's open tickets, from the instant of the change (T3)."""
    tier = event.data["changes"]["tier"]
    return _plan(
        Kind.ORGANIZATION,
        event.subject_id,
        f"Tier changed from {tier['from']} to {tier['to']}",
        event.occurred_at,
        by=None,
        tier=tier["to"],
    )


def plan_for_calendar(calendar: BusinessCalendar, *, at: dt.datetime, by: User | None) -> Recalculation:
    """Count what is to come in the calendar's new version (T7)."""
    return _plan(Kind.CALENDAR, calendar.pk, f"The calendar {calendar} changed", at, by=by)


def plan_for_zones(zones: list[str]) -> Recalculation:
    """Work out deadlines anew where the rules of these time zones changed (T8)."""
    return _plan(Kind.ZONE, None, f"New rules for {', '.join(sorted(zones))}"[:200], now(), by=None)


def plan_for_policy(policy: SlaPolicy, *, at: dt.datetime, by: User | None) -> Recalculation:
    """Take the tickets of a policy that was switched off to what is promised without it: it escalates nothing more."""
    return _plan(Kind.POLICY, policy.pk, f"The policy {policy} was switched off", at, by=by)


@transaction.atomic
def apply_policies(*, by: User) -> Recalculation:
    """Let the policies in force now hold for every open ticket, not only for new ones (T6)."""
    if not by.has_perm("sla.change_slapolicy"):
        raise NotAllowed("Only a supervisor can apply policies to open tickets.")
    return _plan(Kind.POLICY, None, "Policies applied to open tickets", now(), by=by)


def _plan(
    kind: Recalculation.Kind,
    subject_id: int | None,
    reason: str,
    at: dt.datetime,
    *,
    by: User | None,
    tier: str = "",
) -> Recalculation:
    with transaction.atomic():
        job = Recalculation.objects.create(
            kind=kind, subject_id=subject_id, reason=reason[:200], effective_at=at, created_by=by, tier=tier
        )
        _wake_worker()
    return job


def _wake_worker() -> None:
    from sla.tasks import recalculate

    queue.nudge("sla-recalculations", recalculate.delay)


def work_off(*, seconds: float = 200) -> int:
    """Go on with the jobs that are not finished until they are or the time is spent; return how many tickets."""
    started, done = monotonic(), 0
    _plan_for_stragglers()
    while monotonic() - started < seconds:
        job = _next_job()
        if job is None:
            break
        while job.finished_at is None and monotonic() - started < seconds:
            done += _work_off_batch(job)
        if job.finished_at is None:
            Recalculation.objects.filter(pk=job.pk).update(due_at=now())  # the next look goes on with it
    return done


def _next_job() -> Recalculation | None:
    """Claim the oldest job that is not finished: changes are taken in the order in which they were made."""
    oldest = Recalculation.objects.filter(finished_at=None).order_by("pk").values("pk")[:1]
    due = Recalculation.objects.filter(pk__in=list(oldest.values_list("pk", flat=True)), due_at__lte=now())
    jobs = queue.claim(due, lease=LEASE, size=1)
    return jobs[0] if jobs else None


def _plan_for_stragglers() -> None:
    """Plan anew for clocks that began under an old calendar while its job ran, at most once an hour."""
    for calendar in BusinessCalendar.objects.all():
        current = calendar.versions.in_force(now())
        if current is None:
            continue
        old = list(calendar.versions.published().filter(number__lt=current.number).values_list("pk", flat=True))
        is_left_behind = Clock.objects.filter(state__in=COUNTING_STATES, calendar_version__in=old)
        planned = Recalculation.objects.filter(kind=Kind.CALENDAR, subject_id=calendar.pk)
        lately = planned.filter(Q(finished_at=None) | Q(finished_at__gt=now() - STRAGGLERS_AFTER))
        if old and is_left_behind.exists() and not lately.exists():
            plan_for_calendar(calendar, at=now(), by=None)


@transaction.atomic
def _work_off_batch(job: Recalculation) -> int:
    """Do the next tickets of the job; finish it where there are none."""
    tickets = list(
        _concerned(job)
        .filter(pk__gt=job.cursor)
        .order_by("pk")
        .select_related("organization", "product_area")
        .select_for_update(no_key=True, of=("self",))[:BATCH]
    )
    for ticket in tickets:
        try:
            with transaction.atomic():
                job.changed_count += _redo(ticket, job)
        except Exception:  # a fault in one ticket must not keep the change from all others; it is counted and seen
            log.exception("sla_recalculation_failed", job=job.pk, ticket=ticket.pk)
            job.failed_count += 1
        job.cursor = ticket.pk
    job.done_count += len(tickets)
    job.due_at = now() + LEASE
    if len(tickets) < BATCH:
        job.finished_at = now()
        data = {"reason": job.reason, "tickets": job.done_count, "changed": job.changed_count}
        journal.record(events.RECALCULATED, subject=job, by=job.created_by or SYSTEM, data=data)
        log.info("sla_recalculated", job=job.pk, kind=job.kind, tickets=job.done_count, failed=job.failed_count)
    job.save(update_fields=["cursor", "done_count", "changed_count", "failed_count", "due_at", "finished_at"])
    return len(tickets)


def _concerned(job: Recalculation) -> QuerySet[Ticket]:
    unfinished = Ticket.objects.exclude(status__in=FINAL_STATUSES)
    if job.kind == Kind.ORGANIZATION:
        return unfinished.filter(organization=job.subject_id)
    if job.kind == Kind.CALENDAR:
        clocks = Clock.objects.filter(state__in=COUNTING_STATES, calendar_version__calendar=job.subject_id)
        return unfinished.filter(pk__in=clocks.values("ticket"))
    if job.kind == Kind.POLICY and job.subject_id is not None:
        clocks = Clock.objects.filter(state__in=OPEN_STATES, policy_version__policy=job.subject_id)
        return unfinished.filter(pk__in=clocks.values("ticket"))
    if job.kind == Kind.ZONE:
        return unfinished.filter(pk__in=Clock.objects.filter(state__in=OPEN_STATES).values("ticket"))
    return unfinished


def _redo(ticket: Ticket, job: Recalculation) -> int:
    """Take the change to one locked ticket and return whether (1 or 0) a clock of it moved."""
    desk = Desk.of(ticket, by=job.created_by or SYSTEM)
    if desk is None:
        desk = catch_up(ticket, job.effective_at)
    elif job.kind == Kind.ZONE:
        desk.book.recounted(job.effective_at)
    elif job.kind == Kind.CALENDAR:
        desk.book.calendar_changed(job.effective_at, lambda clock: _with_calendar_of(clock, job.effective_at))
    else:
        terms = desk.terms(job.effective_at, tier=job.tier or None)
        desk.book.terms_changed(job.effective_at, terms)
    return 1 if desk.save(job.effective_at) else 0


def _with_calendar_of(clock: ClockLike, at: dt.datetime) -> Promise | None:
    """Return what the clock is promised, counted in the version of its calendar that was published at `at`."""
    promise = clock.promise
    if promise is None or not isinstance(clock, Clock) or clock.policy_version_id is None:
        return None
    current = library.calendar_at(promise.calendar.calendar, at)
    if current is None or current.number < promise.calendar.number:
        return None  # a later one has been taken in already
    return library.promise(clock.policy_version_id, clock.priority_row, clock.metric, current.key)
