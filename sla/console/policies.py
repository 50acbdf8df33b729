"""The list of policies in the order in which they are asked, and making one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from common.console import change_url, changelist_url, require
from common.errors import PortalError
from common.pages import show_refusal
from sla import services
from sla.console.forms import NameForm
from sla.console.policy_sight import Row, endless, table
from sla.console.shared import (
    CHANGE_POLICY,
    calendars_in_force,
    draft_pk,
    newest_pk,
    next_start,
    perform,
    policy_versions,
)
from sla.console.words import conditions_words, names_of
from sla.models import PolicyVersion, SlaPolicy


@dataclass(frozen=True)
class Line:
    """One policy in the list. coming: when its next version begins; rows: those that promise something."""

    policy: SlaPolicy
    version: PolicyVersion | None
    draft: PolicyVersion | None
    coming: dt.datetime | None
    matches: str
    rows: list[Row]


def policy_list(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show the policies; a POST moves one or switches it."""
    require(request, "sla.view_slapolicy")
    if request.method == "POST":
        return _act(request)
    context = {
        **site_context,
        "title": "SLA policies",
        "lines": _lines(),
        "may_change": request.user.has_perm(CHANGE_POLICY),
        "may_add": request.user.has_perm("sla.add_slapolicy"),
    }
    return TemplateResponse(request, "console/sla/policies.html", context)


def _lines() -> list[Line]:
    marked = SlaPolicy.objects.annotate(
        current_pk=newest_pk(PolicyVersion, "policy"),
        draft_pk=draft_pk(PolicyVersion, "policy"),
        coming=next_start(),
    ).order_by("position")
    policies = [(policy, policy.current_pk, policy.draft_pk) for policy in marked]
    versions = policy_versions().in_bulk([pk for _, *pks in policies for pk in pks if pk])
    names, around_the_clock = names_of(versions.values()), endless(calendars_in_force())
    lines = []
    for policy, current_pk, its_draft in policies:
        version = versions.get(current_pk)
        rows = table(version, around_the_clock) if version else []
        matches = conditions_words(version, names) if version else ""
        promising = [row for row in rows if row.brief]
        lines.append(Line(policy, version, versions.get(its_draft), policy.coming, matches, promising))
    return lines


def _act(request: HttpRequest) -> HttpResponse:
    require(request, CHANGE_POLICY)
    policy = SlaPolicy.objects.filter(pk=_number(request.POST.get("row"))).first()
    deed = DEEDS.get(request.POST.get("deed", ""))
    if policy is None or deed is None:
        raise Http404
    here = changelist_url(SlaPolicy)
    then = change_url(policy) if request.POST.get("from") == "page" else here
    return perform(request, lambda: deed(policy, request.user), then=then)  # type: ignore[arg-type]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def move_up(policy: SlaPolicy, by: User) -> str:
    return _place(services.move_policy(policy, up=True, by=by))


def move_down(policy: SlaPolicy, by: User) -> str:
    return _place(services.move_policy(policy, up=False, by=by))


def _place(policy: SlaPolicy) -> str:
    place = SlaPolicy.objects.filter(position__lte=policy.position).count()
    return f"{policy} now comes {'first' if place == 1 else f'as number {place}'}."


def switch_on(policy: SlaPolicy, by: User) -> str:
    services.change_policy(policy, by=by, is_active=True)
    return f"{policy} is on: it decides for every ticket that is looked at from now on."


def switch_off(policy: SlaPolicy, by: User) -> str:
    services.change_policy(policy, by=by, is_active=False)
    return f"{policy} is off: new tickets pass it over. Clocks that run keep what they were promised."


DEEDS: dict[str, Callable[[SlaPolicy, User], str]] = {
    "move_up": move_up,
    "move_down": move_down,
    "switch_on": switch_on,
    "switch_off": switch_off,
}


def new_policy(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Ask for a name, make the policy, and go on to its first draft."""
    require(request, "sla.add_slapolicy", CHANGE_POLICY)
    form = NameForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = services.create_policy(name=form.cleaned_data["name"], by=request.user)  # type: ignore[arg-type]
            except PortalError as refusal:
                status = show_refusal(form, refusal)
            else:
                return HttpResponseRedirect(reverse("admin:sla_slapolicy_draft", args=[made.pk]))
    context = {
        **site_context,
        "title": "New policy",
        "form": form,
        "list_url": changelist_url(SlaPolicy),
        "list_name": "SLA policies",
        "help": "It comes after all others and promises nothing before its first version is published.",
    }
    return TemplateResponse(request, "console/sla/name.html", context, status=status)
