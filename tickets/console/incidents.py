"""A problem and its incidents: one update to all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from accounts.models import User
from common.console import change_url
from tickets import services
from tickets.access import may_work
from tickets.console import bulk, outcome
from tickets.models import Ticket
from tickets.services import TakenBack

INCIDENTS_MOST = 200


def update_incidents(request: HttpRequest, problem: Ticket, site_context: dict[str, Any]) -> HttpResponse:
    """Answer every open incident of `problem` that the person sees, tell of each, and note it on the problem."""
    by: User = request.user  # type: ignore[assignment]
    if not may_work(by, problem):
        raise PermissionDenied
    rows = Ticket.objects.visible_to(by).incidents_of(problem).select_related("requester", "organization", "assignee")
    incidents = list(rows.order_by("pk")[:INCIDENTS_MOST])
    taken = _take_back(request, problem, by) if "undo" in request.POST else None
    if not incidents:
        messages.info(request, f"{problem.reference} has no open incident.")
    if not incidents or (taken and not taken.rows):
        return HttpResponseRedirect(change_url(problem))
    if taken:
        form = bulk.ReplyForm(initial=bulk.said_again(taken), request=request)
    else:
        form = bulk.ReplyForm(request.POST or None, request=request)
    if form.is_bound and form.is_valid():
        fields = bulk.fields_of(form)
        report = bulk.change_many(bulk.BULK["reply"], incidents, fields, by)
        if report.changed:
            told = ", ".join(reference for reference, _ in report.changed)
            services.add_internal_note(problem, body=f"Sent to {told}:\n\n{fields['body']}", by=by)
        outcome.tell(request, report, done=bulk.BULK["reply"].done)
        return HttpResponseRedirect(change_url(problem))
    question = f"Update the open incidents of {problem.reference}"
    context = {
        **site_context,
        **{"title": question, "action": "reply", "form": form, "tickets": incidents, "back": change_url(problem)},
        "bulk": replace(bulk.BULK["reply"], question=question),
    }
    return TemplateResponse(request, "console/bulk.html", context, status=422 if form.is_bound else 200)


def _take_back(request: HttpRequest, problem: Ticket, by: User) -> TakenBack:
    """Take back an update that has not left, and note that on the problem, whose notes say that it was sent."""
    taken = outcome.take_back(request)
    if taken.rows:
        told = ", ".join(row.ticket.reference for row in taken.rows)
        services.add_internal_note(problem, body=f"Taken back before it left: the update to {told}.", by=by)
    return taken
