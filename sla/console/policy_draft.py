"""Writing a policy's draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common.console import change_url, changelist_url, require
from common.errors import PortalError
from common.pages import show_refusal
from sla import services
from sla.console.policy_form import Choices, PolicyDraftForm
from sla.console.policy_page import find, standing
from sla.console.shared import CHANGE_POLICY, refuse_unseen
from sla.models import PolicyVersion, SlaPolicy


def draft_page(request: HttpRequest, pk: int, site_context: dict[str, Any]) -> HttpResponse:
    """Show the draft's form; a POST saves the draft, and goes on to publishing it where that was asked."""
    require(request, CHANGE_POLICY)
    policy = find(pk)
    begun = standing(policy).newest
    form = PolicyDraftForm(
        request.POST if request.method == "POST" else None, version=begun, choices=Choices.fetch(begun)
    )
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                _save(policy, form, request)
            except PortalError as refusal:
                status = show_refusal(form, refusal)
            else:
                return _go_on(request, policy)
    context = {
        **site_context,
        "title": f"Draft of {policy}",
        "row": policy,
        "row_url": change_url(policy),
        "list_url": changelist_url(SlaPolicy),
        "list_name": "SLA policies",
        "form": form,
        "errors": form.all_errors if form.is_bound else [],
        "begun": begun,
        "zone": timezone.get_current_timezone_name(),
    }
    return TemplateResponse(request, "console/sla/policy_draft.html", context, status=status)


def _save(policy: SlaPolicy, form: PolicyDraftForm, request: HttpRequest) -> PolicyVersion:
    with transaction.atomic():
        refuse_unseen(policy.versions.select_for_update().filter(number=None).first(), form)
        return services.draft_policy(
            policy,
            targets=form.targets(),
            steps=form.step_rows(),
            by=request.user,  # type: ignore[arg-type]
            **form.values(),
        )


def _go_on(request: HttpRequest, policy: SlaPolicy) -> HttpResponse:
    if request.POST.get("deed") == "publish":
        return HttpResponseRedirect(reverse("admin:sla_slapolicy_publish", args=[policy.pk]))
    messages.success(request, f"The draft of {policy} was saved. Nothing changes before it is published.")
    return HttpResponseRedirect(change_url(policy))
