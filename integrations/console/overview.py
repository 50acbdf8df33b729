"""The Integrations page: each one on or off and why, its queue and circuits, and the button that tests it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from common.console import changelist_url, require
from integrations import services
from integrations.checking import check
from integrations.health import Health, Inbox, inboxes, integrations
from integrations.models import Delivery, InboundEvent

SEE = "integrations.view_circuit"
ACT = "integrations.redeliver"


@dataclass(frozen=True)
class Card:
    """One integration on the page. tone, glyph, word: how it is."""

    health: Health
    tone: str
    glyph: str
    word: str
    waiting_url: str
    dead_url: str


@require_http_methods(["GET", "HEAD", "POST"])
def overview_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show how every integration is; a POST tests one, or lets its circuits try again."""
    require(request, SEE)
    if request.method == "POST":
        require(request, ACT)
        _act(request)
        return HttpResponseRedirect(reverse("admin:integrations_overview"))
    cards = [_card(one) for one in integrations()]
    context = {
        **site_context,
        "title": "Integrations",
        "cards": cards,
        "inboxes": [(way, *_inbox_urls(way)) for way in inboxes()],
        "may_act": request.user.has_perm(ACT),
    }
    return TemplateResponse(request, "console/integrations/overview.html", context)


def _act(request: HttpRequest) -> None:
    found = {one.kind.name: one for one in integrations()}.get(request.POST.get("integration", ""))
    if found is None:
        raise Http404
    if "test" in request.POST:
        finding = check(found.kind.name, is_live=True)
        say = messages.success if finding.is_good else messages.error
        say(request, f"{found.kind.label}: {finding.words}")
    elif "resume" in request.POST:
        by: User = request.user  # type: ignore[assignment]
        for circuit in found.resting:
            services.end_rest(circuit.key, by=by)
        messages.success(request, f"{found.kind.label} is tried again now.")
    else:
        raise Http404


def _card(one: Health) -> Card:
    return Card(
        one,
        *_look(one),
        waiting_url=_deliveries_url(one, Delivery.State.PENDING),
        dead_url=_deliveries_url(one, Delivery.State.DEAD),
    )


def _look(one: Health) -> tuple[str, str, str]:
    if not one.is_on:
        return "grey", "circle-dashed", "Off"
    if any(circuit.state == "open" for circuit in one.resting):
        return "red", "octagon-alert", "Failing"
    if one.resting:
        return "amber", "clock", "Asked to wait"
    if one.is_failing:
        return "amber", "triangle-alert", "Last try failed"
    if one.last_success_at is None:
        return "blue", "circle-dashed", "On, not used yet"
    return "green", "circle-check", "Works"


def _deliveries_url(one: Health, state: str) -> str:
    return f"{changelist_url(Delivery)}?{urlencode({'kind': one.kind.name, 'state__exact': state})}"


def _inbox_urls(way: Inbox) -> tuple[str, str]:
    base = changelist_url(InboundEvent)
    states = InboundEvent.State
    held, failed = (f"{base}?{urlencode({'way': way.name, 'state__exact': s})}" for s in (states.HELD, states.FAILED))
    return held, failed
