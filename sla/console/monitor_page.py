"""The monitor page: whether deadlines are watched, how far behind, what stands still, what is recalculated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib.metadata import version as package_version
from typing import Any

import tzdata  # type: ignore[import-untyped]
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from common.console import change_url, require
from common.time import now
from sla import services
from sla.console.shared import CHANGE_POLICY, perform, several
from sla.models import Clock, MonitorPass, Recalculation, Storm
from sla.vocabulary import ClockState

PASSES_SHOWN, JOBS_SHOWN, STORMS_SHOWN, ERRORS_SHOWN = 12, 10, 5, 20
RUN_SECONDS = 10


@dataclass(frozen=True)
class State:
    """How the monitor is, in a word and a sentence."""

    tone: str
    glyph: str
    word: str
    sentence: str


@dataclass(frozen=True)
class Job:
    reason: str
    at: dt.datetime
    by: str
    progress: str
    is_done: bool


def monitor_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show the monitor; a POST runs a pass."""
    require(request, "sla.view_monitorpass")
    if request.method == "POST":
        require(request, CHANGE_POLICY)
        if request.POST.get("deed") != "run":
            raise Http404
        return perform(request, _run, then=reverse("admin:sla_monitor"))
    at = now()
    passes = list(MonitorPass.objects.all()[:PASSES_SHOWN])
    lag = services.overdue_seconds(at)
    storms = list(Storm.objects.all()[:STORMS_SHOWN])
    context = {
        **site_context,
        "title": "Monitor",
        "state": state_of(passes[0] if passes else None, lag, at),
        "last": passes[0] if passes else None,
        "lag": seconds_words(lag),
        "counts": _counts(),
        "failing": _failing(),
        "storm": next((storm for storm in storms if storm.ended_at is None), None),
        "storms": [storm for storm in storms if storm.ended_at is not None],
        "storm_minutes": settings.PORTAL_STORM_MINUTES,
        "zone_data": {"package": package_version("tzdata"), "iana": tzdata.IANA_VERSION},
        "passes": [(one, *told_of(one)) for one in passes],
        "jobs": [_job(job) for job in Recalculation.objects.select_related("created_by")[:JOBS_SHOWN]],
        "may_run": request.user.has_perm(CHANGE_POLICY),
    }
    return TemplateResponse(request, "console/sla/monitor.html", context)


def _run() -> str:
    done = services.run_monitor(seconds=RUN_SECONDS)
    words = f"{several(done.clock_count, 'clock')} moved on, {several(done.event_count, 'level')} recorded."
    return f"The pass is done: {words}" if done.is_complete else f"Not all was due in one pass. {words} Run another."


def state_of(last: MonitorPass | None, lag: float, at: dt.datetime) -> State:
    """Say how the monitor is. lag: for how many seconds the longest waiting level has been due."""
    limit = settings.PORTAL_MONITOR_LAG_SECONDS
    if last is None:
        return State("grey", "circle-dashed", "Has never run", "No pass was ever made. Start the beat and a worker.")
    silent = (at - last.started_at).total_seconds()
    if lag > limit:
        words = f"A level has been waiting for {seconds_words(lag)}. Look whether a worker is running."
        return State("red", "octagon-alert", "Late", words)
    if silent > limit:
        words = f"Nothing is overdue, but the last pass was {seconds_words(silent)} ago. Look whether the beat runs."
        return State("amber", "triangle-alert", "Silent", words)
    return State("green", "circle-check", "Fine", "Deadlines are watched, and nothing waits.")


def seconds_words(seconds: float) -> str:
    """Tell a number of seconds: "0.4 s", "42 s", "3 min", "2 h 5 min", "3 d 4 h"."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace("0.0 s", "0 s")
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    hours, days = minutes // 60, minutes // 1440
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if days < 2 else f"{days} d {hours % 24} h"


def told_of(one: MonitorPass) -> tuple[str, str, str]:
    """Return how long a pass took, how late its latest level was, and how it ended, in words."""
    if one.finished_at is None:
        return "-", seconds_words(one.lag_seconds), "under way, or broken off"
    took = seconds_words((one.finished_at - one.started_at).total_seconds())
    return took, seconds_words(one.lag_seconds), "all that was due" if one.is_complete else "its time was up"


def _counts() -> dict[str, int]:
    """Return how many clocks are in each state. Shape: {"running", "paused", "error"}."""
    shown = (ClockState.RUNNING, ClockState.PAUSED, ClockState.ERROR)
    rows = Clock.objects.filter(state__in=shown).order_by().values_list("state").annotate(Count("pk"))
    found = dict(rows)
    return {state.value.lower(): found.get(state.value, 0) for state in shown}


def _failing() -> list[tuple[Clock, str, str]]:
    """Return clocks without working time, each with the address of its ticket and the calendar at fault."""
    rows = Clock.objects.filter(state=ClockState.ERROR).select_related("ticket", "calendar_version__calendar")
    return [
        (clock, change_url(clock.ticket), str(clock.calendar_version.calendar) if clock.calendar_version else "-")
        for clock in rows.order_by("-pk")[:ERRORS_SHOWN]
    ]


def _job(job: Recalculation) -> Job:
    words = f"{several(job.done_count, 'ticket')}, {job.changed_count:,} of them changed"
    if job.failed_count:
        words += f", {job.failed_count:,} failed (the log says why)"
    return Job(
        reason=job.reason,
        at=job.created_at,
        by=str(job.created_by or "the portal"),
        progress=words if job.finished_at else f"under way: {words}" if job.done_count else "waits for a worker",
        is_done=job.finished_at is not None,
    )
