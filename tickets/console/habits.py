"""How an agent likes the console to behave: kept with one press, which leads back to where it was pressed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User
from common.errors import Invalid
from tickets import services
from tickets.access import may_work
from tickets.console.shared import forget_habits


@require_POST
def keep_habits(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """POST then, uses_keys ("on" or "off"): keep what is said, and go back to the console's page `back`."""
    user: User = request.user  # type: ignore[assignment]
    if not may_work(user):
        raise PermissionDenied
    told = {"on": True, "off": False}.get(request.POST.get("uses_keys", ""))
    try:
        services.set_habits(by=user, then=request.POST.get("then"), uses_keys=told)
    except Invalid as refusal:
        messages.error(request, refusal.message)
    forget_habits(request)
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if is_ours else reverse("admin:index"))
