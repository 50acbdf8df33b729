"""Jobs on many tickets: taking them in, and working them off, each item once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import Error, transaction
from rest_framework.exceptions import ValidationError

from accounts.models import User
from common import queue, retention
from common.errors import Conflict, PortalError
from common.problems import handle, problem_500
from common.time import now
from tickets.access import require_work
from tickets.models import BulkItem, BulkJob

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=5)  # longer than one item may take; a dead worker's job is taken up again after it
JOBS_KEPT = dt.timedelta(days=7)
State = BulkItem.State


@dataclass(frozen=True)
class Outcome:
    """What became of one item. ticket_id: of the ticket it is about, where there is one."""

    state: State
    ticket_id: int | None = None
    reason: str = ""


Perform = Callable[[BulkJob, Mapping[str, Any]], Outcome]


@transaction.atomic
def create_job(kind: BulkJob.Kind, asked: Sequence[Mapping[str, Any]], *, by: User) -> BulkJob:
    """Take in a job on many tickets and return it; a worker does it.   Raises: NotAllowed."""
    require_work(by)
    job = BulkJob.objects.create(owner=by, kind=kind)
    BulkItem.objects.bulk_create([BulkItem(job=job, position=n, asked=one) for n, one in enumerate(asked)])
    return job


def run_jobs(perform: Perform, *, most: int = 5) -> int:
    """Work off up to `most` jobs that wait, and return how many items were settled.

    An item and its outcome are one transaction: a worker that dies leaves it undone, and the next one goes on there.
    """
    due = BulkJob.objects.filter(due_at__lte=now()).order_by("due_at")
    return sum(_run(job, perform) for job in queue.claim(due, lease=LEASE, size=most))


def _run(job: BulkJob, perform: Perform) -> int:
    settled = 0
    BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.QUEUED).update(state=BulkJob.State.RUNNING)
    for item in job.items.filter(state=State.WAITING).values_list("pk", flat=True):
        settled += _settle(item, perform)
        BulkJob.objects.filter(pk=job.pk).update(due_at=now() + LEASE)
    finished = {"state": BulkJob.State.FINISHED, "due_at": None, "finished_at": now()}
    BulkJob.objects.filter(pk=job.pk).exclude(items__state=State.WAITING).update(**finished)
    return settled


@transaction.atomic
def _settle(pk: int, perform: Perform) -> bool:
    """Do one item, unless another worker did; tell whether this one did."""
    item = BulkItem.objects.select_for_update(of=("self",)).select_related("job__owner").get(pk=pk)
    if item.state != State.WAITING:
        return False
    try:
        with transaction.atomic():
            outcome = perform(item.job, item.asked)
        item.state, item.ticket_id, item.reason = outcome.state, outcome.ticket_id, outcome.reason[:500]
    except Conflict as refusal:
        item.state, item.reason, item.problem = State.SKIPPED, refusal.message[:500], _problem(refusal)
    except (PortalError, ValidationError) as refusal:
        item.state, item.problem = State.FAILED, _problem(refusal)
    except Error:  # the database's own: the worker gives up, and the item is done when the job is taken up again
        raise
    except Exception:
        log.exception("bulk_item_failed", job=item.job_id, position=item.position)
        item.state, item.problem = State.FAILED, problem_500(None).data
    item.save(update_fields=["state", "ticket_id", "reason", "problem"])
    return True


def _problem(refusal: Exception) -> dict[str, Any]:
    answer = handle(refusal, {})
    return dict(answer.data) if answer is not None else {}  # type: ignore[attr-defined]


def purge_jobs(at: dt.datetime) -> int:
    return retention.delete_in_batches(BulkJob.objects.filter(created_at__lt=at - JOBS_KEPT))


retention.register("jobs on many tickets", purge_jobs)
