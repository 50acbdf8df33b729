"""What the pages of policies and calendars share: rights, which version holds, and deeds that tell what they did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse

from common.errors import PortalError, Stale
from common.time import now
from sla.models import BusinessCalendar, CalendarVersion, Clock, PolicyVersion, SlaPolicy
from tickets.models import Ticket

CHANGE_POLICY = "sla.change_slapolicy"
CHANGE_CALENDAR = "sla.change_businesscalendar"

V = TypeVar("V", PolicyVersion, CalendarVersion)


@dataclass(frozen=True)
class Standing(Generic[V]):
    """Where a policy or calendar stands. current: the version that holds; coming: those that will; draft: none, or one.

    published: every version with a number, the newest first.
    """

    current: V | None
    coming: list[V]
    draft: V | None
    published: list[V]

    @property
    def newest(self) -> V | None:
        """What somebody who edits goes on from."""
        return self.draft or self.current or next(iter(self.published), None)


def standing_of(versions: Iterable[V]) -> Standing[V]:
    """Sort all versions of one policy or calendar. That with the latest start wins, of two the higher number."""
    at = now()
    rows = list(versions)
    published = sorted((row for row in rows if row.number is not None), key=lambda row: -(row.number or 0))
    begun = [row for row in published if start_of(row) <= at]
    return Standing(
        current=max(begun, key=lambda row: (start_of(row), row.number or 0), default=None),
        coming=sorted((row for row in published if start_of(row) > at), key=start_of),
        draft=next((row for row in rows if row.is_draft), None),
        published=published,
    )


def start_of(version: PolicyVersion | CalendarVersion) -> dt.datetime:
    return version.effective_from or version.created_at


def policy_versions() -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.select_related("policy", "created_by").prefetch_related(
        "targets__calendar", "steps__team", "steps__person"
    )


def calendar_versions() -> QuerySet[CalendarVersion]:
    return CalendarVersion.objects.select_related("calendar", "created_by")


def policies_in_force() -> dict[int, PolicyVersion]:
    """Return the version of each active policy that holds now, by the policy's id, in their order."""
    rows = SlaPolicy.objects.filter(is_active=True).annotate(current=newest_pk(PolicyVersion, "policy"))
    pks = dict(rows.order_by("position").values_list("pk", "current"))
    versions = policy_versions().in_bulk([pk for pk in pks.values() if pk])
    return {policy: versions[pk] for policy, pk in pks.items() if pk}


def calendars_in_force() -> dict[int, CalendarVersion]:
    """Return the version of each calendar that holds now, by the calendar's id."""
    rows = BusinessCalendar.objects.annotate(current=newest_pk(CalendarVersion, "calendar"))
    versions = calendar_versions().filter(pk__in=rows.values("current"))
    return {version.calendar_id: version for version in versions}


def newest_pk(model: type[PolicyVersion] | type[CalendarVersion], owner: str) -> Subquery:
    """Return the id of the version that holds now, for a query over policies or calendars."""
    held = model.objects.filter(**{owner: OuterRef("pk")}, number__isnull=False, effective_from__lte=now())
    return Subquery(held.order_by("-effective_from", "-number").values("pk")[:1])


def next_start() -> Subquery:
    """Return when the next version of a policy begins that does not hold yet, for a query over policies."""
    coming = PolicyVersion.objects.filter(policy=OuterRef("pk"), number__isnull=False, effective_from__gt=now())
    return Subquery(coming.order_by("effective_from").values("effective_from")[:1])


def draft_pk(model: type[PolicyVersion] | type[CalendarVersion], owner: str) -> Subquery:
    return Subquery(model.objects.filter(**{owner: OuterRef("pk")}, number=None).values("pk")[:1])


def tickets_with_clocks(**conditions: Any) -> int:
    """Count the tickets that have an open clock of which `conditions` hold."""
    clocks = Clock.objects.open().filter(**conditions)
    return Ticket.objects.filter(pk__in=clocks.values("ticket")).count()


def perform(request: HttpRequest, deed: Callable[[], str], *, then: str) -> HttpResponse:
    """Do `deed`, say what it tells, and go on to `then`. What a service refuses is told there as well."""
    try:
        words = deed()
    except PortalError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, words)
    return HttpResponseRedirect(then)


def refuse_unseen(draft: PolicyVersion | CalendarVersion | None, form: Any) -> None:
    """Raise Stale where the draft is not the one that the form began with; the same form sent again is accepted."""
    there = str(draft.pk) if draft else ""
    if form.cleaned_data["seen"] == there:
        return
    form.data = form.data.copy()
    form.data["seen"] = there
    who = str(draft.created_by or "The portal") if draft else ""
    happened = f"{who} saved another draft" if draft else "the draft was published or thrown away"
    raise Stale(f"Not saved: {happened} while you were writing. Save again to put yours in its place.")


def back_test_url(**what: int) -> str:
    """Return where a draft is tried on past tickets; "" where nobody can."""
    try:
        address = reverse("admin:sla_backtest_add")
    except NoReverseMatch:
        return ""
    return f"{address}?{'&'.join(f'{name}={pk}' for name, pk in what.items())}"


def several(count: int, word: str) -> str:
    """Tell how many: "1 ticket", "12 tickets"."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
