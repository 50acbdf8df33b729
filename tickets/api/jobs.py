"""Many tickets at once: a job that a worker does, and how far it is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common import queue
from common.errors import NotFound
from common.idempotency import idempotent
from tickets import services
from tickets.access import require_work
from tickets.api.base import TicketView
from tickets.models import BulkJob
from tickets.serializers.jobs import BulkChangeSerializer, BulkOpenSerializer, JobSerializer, each_of
from tickets.tasks import run_jobs


class JobViewSet(TicketView):
    """Work on many tickets."""

    serializer_class = JobSerializer
    path_parameters: dict[str, Any] = {}

    @extend_schema(request=BulkOpenSerializer, responses={202: JobSerializer})
    @idempotent
    def open_many(self, request: Request) -> Response:
        """Open up to 100 tickets. For the support team. The answer is a job, to be asked for how far it is."""
        require_work(self.person)
        asked = self.read_body(BulkOpenSerializer)
        return self._taken_in(BulkJob.Kind.CREATE, asked["tickets"])

    @extend_schema(request=BulkChangeSerializer, responses={202: JobSerializer})
    @idempotent
    def change_many(self, request: Request) -> Response:
        """Change up to 100 tickets, all alike or each its own. For the support team. The answer is a job."""
        require_work(self.person)
        return self._taken_in(BulkJob.Kind.UPDATE, each_of(self.read_body(BulkChangeSerializer)))

    @extend_schema(responses=JobSerializer)
    def retrieve(self, request: Request, job_id: int) -> Response:
        """Read how far a job is and what became of each ticket; for whoever asked for it, for seven days."""
        job = BulkJob.objects.filter(pk=job_id, owner=self.person).prefetch_related("items").first()
        if job is None:
            raise NotFound("There is no such job, or it is not yours.")
        return Response(self.represent(job))

    def _taken_in(self, kind: BulkJob.Kind, asked: list[dict[str, Any]]) -> Response:
        job = services.create_job(kind, asked, by=self.person)
        queue.nudge("bulk-jobs", run_jobs.delay)
        location = self.request.build_absolute_uri(reverse("api:job", args=[job.pk]))
        return Response(self.represent(job), status=202, headers={"Location": location})
