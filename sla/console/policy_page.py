"""The page of one policy: what it promises now, its draft, its versions; and publishing, discarding, renaming."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common.console import change_url, changelist_url, require
from common.errors import Conflict, PortalError
from common.pages import show_refusal
from common.templatetags.portal import moment_words
from common.time import now
from sla import services
from sla.console.changes import Changes, compare, entries, policy_facts
from sla.console.forms import NameForm
from sla.console.policy_sight import endless, ladders, table
from sla.console.shared import (
    CHANGE_POLICY,
    Standing,
    back_test_url,
    calendars_in_force,
    perform,
    policies_in_force,
    policy_versions,
    several,
    standing_of,
    start_of,
    tickets_with_clocks,
)
from sla.console.words import NOT_PROMISED, conditions, names_of, percents_words, statuses_words
from sla.models import Clock, PolicyVersion, SlaPolicy

Page = dict[str, Any]


def find(pk: int | str) -> SlaPolicy:
    policy = SlaPolicy.objects.filter(pk=pk).first() if str(pk).isdecimal() else None
    if policy is None:
        raise Http404
    return policy


def standing(policy: SlaPolicy) -> Standing[PolicyVersion]:
    return standing_of(policy_versions().filter(policy=policy))


def policy_page(request: HttpRequest, pk: str, site_context: Page) -> HttpResponse:
    """Show a policy to whoever may see it; a POST renames it or throws its draft away."""
    require(request, "sla.view_slapolicy")
    policy = find(pk)
    if request.method != "POST":
        return _show(request, policy, site_context)
    require(request, CHANGE_POLICY)
    if request.POST.get("deed") == "discard":
        return perform(request, lambda: _discard(request, policy), then=change_url(policy))
    if request.POST.get("deed") == "rename":
        return _rename(request, policy, site_context)
    raise Http404


def _discard(request: HttpRequest, policy: SlaPolicy) -> str:
    draft = policy.versions.filter(number=None).first()
    if draft is not None:
        services.discard_draft(draft, by=request.user)  # type: ignore[arg-type]
    return f"The draft of {policy} was thrown away."


def _rename(request: HttpRequest, policy: SlaPolicy, site_context: Page) -> HttpResponse:
    form, status = NameForm(request.POST), 422
    if form.is_valid():
        try:
            renamed = services.change_policy(policy, by=request.user, name=form.cleaned_data["name"])  # type: ignore[arg-type]
        except PortalError as refusal:
            status = show_refusal(form, refusal)
        else:
            messages.success(request, f"The policy is now called {renamed}.")
            return HttpResponseRedirect(change_url(policy))
    return _show(request, policy, site_context, rename=form, status=status)


def _show(
    request: HttpRequest, policy: SlaPolicy, site_context: Page, rename: NameForm | None = None, status: int = 200
) -> HttpResponse:
    stands = standing(policy)
    version = stands.current
    names, around_the_clock = names_of(stands.published), endless(calendars_in_force())
    context = {
        **site_context,
        "title": policy.name,
        "policy": policy,
        "version": version,
        "draft": stands.draft,
        "coming": stands.coming,
        "conditions": conditions(version, names) if version else [],
        "table": table(version, around_the_clock) if version else [],
        "ladders": ladders(version, around_the_clock) if version else [],
        "levels": percents_words([100, *version.thresholds]) if version else "",
        "waits_while": statuses_words(version.pause_statuses) if version else "",
        "entries": entries(stands, lambda one: policy_facts(one, names)),
        "clock_tickets": tickets_with_clocks(policy_version__policy=policy),
        "may_change": request.user.has_perm(CHANGE_POLICY),
        "try_url": back_test_url(policy=stands.draft.pk) if stands.draft else "",
        "rename": rename or NameForm(initial={"name": policy.name}),
        "edit_url": reverse("admin:sla_slapolicy_draft", args=[policy.pk]),
        "publish_url": reverse("admin:sla_slapolicy_publish", args=[policy.pk]),
    }
    return TemplateResponse(request, "console/sla/policy.html", context, status=status)


# --- publishing -------------------------------------------------------------------------------------------------------


def publish_page(request: HttpRequest, pk: int, site_context: Page) -> HttpResponse:
    """Show what publishing the draft changes, and publish it when that is confirmed."""
    require(request, CHANGE_POLICY)
    policy = find(pk)
    stands = standing(policy)
    draft = stands.draft
    if draft is None:
        messages.info(request, f"{policy} has no draft to publish.")
        return HttpResponseRedirect(change_url(policy))
    if request.method == "POST":
        return perform(request, lambda: _publish(request, draft), then=change_url(policy))
    context = {
        **site_context,
        "title": f"Publish {policy}",
        "row": policy,
        "row_url": change_url(policy),
        "list_url": changelist_url(SlaPolicy),
        "list_name": "SLA policies",
        "draft": draft,
        "current": stands.current,
        "is_first": stands.current is None,
        "changes": _changes(stands.current, draft),
        "consequences": _consequences(policy, draft),
        "edit_url": reverse("admin:sla_slapolicy_draft", args=[policy.pk]),
        "try_url": back_test_url(policy=draft.pk),
    }
    return TemplateResponse(request, "console/sla/publish.html", context)


def _changes(current: PolicyVersion | None, draft: PolicyVersion) -> Changes:
    names = names_of([version for version in (current, draft) if version])
    facts = policy_facts(draft, names)
    if current is None:
        return compare({}, {name: words for name, words in facts.items() if words != NOT_PROMISED})
    return compare(policy_facts(current, names), facts)


def _consequences(policy: SlaPolicy, draft: PolicyVersion) -> list[str]:
    """Say what follows from publishing."""
    is_later = start_of(draft) > now() and draft.effective_from is not None
    since = moment_words(start_of(draft), "sentence") if is_later else "now on"
    kept = tickets_with_clocks(policy_version__policy=policy)
    told = [
        f"It holds from {since} for every ticket that is opened, or in which something changes that policies look at."
    ]
    if kept:
        told.append(
            f"{several(kept, 'open ticket')} with running or waiting clocks {'keeps' if kept == 1 else 'keep'} the "
            "version they have until then, or until the policies are applied to open tickets."
        )
    if not policy.is_active:
        told.append("The policy is off: it decides nothing until somebody switches it on.")
    return told


def _publish(request: HttpRequest, draft: PolicyVersion) -> str:
    """Publish the draft that was looked at, not one that took its place meanwhile."""
    if request.POST.get("draft") != str(draft.pk):
        raise Conflict("Not published: the draft was changed after you looked at it. Look again at what it changes.")
    published = services.publish_policy(draft, by=request.user)  # type: ignore[arg-type]
    starts = start_of(published)
    since = (
        "from now on"
        if starts <= now()
        else f"from {moment_words(starts, 'sentence')} ({timezone.get_current_timezone_name()})"
    )
    return f"Version {published.number} of {published.policy} holds {since}."


# --- applying ---------------------------------------------------------------------------------------------------------


def apply_page(request: HttpRequest, site_context: Page) -> HttpResponse:
    """Show how many open tickets the policies in force now would be applied to, and apply them when confirmed."""
    require(request, CHANGE_POLICY)
    if request.method == "POST":
        return perform(request, lambda: _apply(request), then=changelist_url(SlaPolicy))
    current = [version.pk for version in policies_in_force().values()]
    older = Clock.objects.open().exclude(policy_version=None).exclude(policy_version__in=current)
    versions = policy_versions().in_bulk(set(older.order_by().values_list("policy_version", flat=True).distinct()))
    counts = [(version, tickets_with_clocks(policy_version=version)) for version in versions.values()]
    context = {
        **site_context,
        "title": "Apply policies to open tickets",
        "clock_tickets": tickets_with_clocks(),
        "older": sorted(counts, key=lambda pair: -pair[1]),
        "older_tickets": tickets_with_clocks(pk__in=older.values("pk")),
    }
    return TemplateResponse(request, "console/sla/apply.html", context)


def _apply(request: HttpRequest) -> str:
    services.apply_policies(by=request.user)  # type: ignore[arg-type]
    return "The policies in force are being applied to open tickets. The monitor page shows how far it has come."
