"""Back-tests: the list of them, starting one, and what one found. Publishing what was tried is done on its own page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common.console import change_url, changelist_url, require
from common.errors import PortalError
from common.pages import show_refusal
from common.periods import dates_period
from common.time import now
from sla.backtest import CHANGED_MOST
from sla.console.backtest_form import BackTestForm
from sla.console.charts import bar_chart, percent
from sla.console.monitor_page import seconds_words
from sla.console.shared import several
from sla.models import BackTest
from sla.outcomes import VERDICT_WORDS, Arm, rows_of, sentence, totals_of
from sla.services import start_back_test
from sla.vocabulary import Metric
from tickets.models import Ticket

ADD = "sla.add_backtest"
LISTED = 25
PATIENCE = dt.timedelta(minutes=2)  # a worker takes up what waits within seconds; beyond this, none may be running
GROUP_WORDS = {"priority": "Priority", "team": "Team", "metric": "Promise"}


@dataclass(frozen=True)
class Line:
    """One back-test in the list."""

    url: str
    tried: str
    period: str
    test: BackTest
    outcome: str


@dataclass(frozen=True)
class Changed:
    """One clock whose verdict changes. ticket: None where it is gone."""

    ticket: Ticket | None
    url: str
    promise: str
    before: str
    after: str


def backtest_list(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show the back-tests, the latest first."""
    require(request, "sla.view_backtest")
    page = Paginator(_tests(), LISTED).get_page(request.GET.get("page"))
    context = {
        **site_context,
        "title": "Back-tests",
        "lines": [_line(test) for test in page.object_list],
        "range": f"{page.start_index()} to {page.end_index()} of {page.paginator.count}",
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "may_add": request.user.has_perm(ADD),
        "add_url": reverse("admin:sla_backtest_add"),
    }
    return TemplateResponse(request, "console/sla/backtests.html", context)


def _tests() -> QuerySet[BackTest]:
    return BackTest.objects.select_related("policy__policy", "calendar__calendar", "created_by")


def _line(test: BackTest) -> Line:
    outcome = progress_words(test)
    if test.finished_at is not None:
        total = totals_of(test.result)
        outcome = f"{total.draft.breached:,} broken instead of {total.live.breached:,}"
    return Line(change_url(test), test.tried, _period_words(test), test, outcome)


def new_backtest(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Ask what to try on which tickets, and start it. `?policy=` and `?calendar=` choose a version beforehand."""
    require(request, ADD)
    chosen = {name: request.GET[name] for name in ("policy", "calendar") if request.GET.get(name, "").isdecimal()}
    form = BackTestForm(
        request.POST if request.method == "POST" else None, initial={"period": "3m", **chosen}, auto_id="id_%s"
    )
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                test = _start(form, request)
            except PortalError as refusal:
                names = {"opened_from": "from", "opened_until": "to"}
                status = show_refusal(form, refusal, names=names)
            else:
                return HttpResponseRedirect(change_url(test))
    context = {
        **site_context,
        "title": "New back-test",
        "form": form,
        "list_url": changelist_url(BackTest),
    }
    return TemplateResponse(request, "console/sla/backtest_add.html", context, status=status)


def _start(form: BackTestForm, request: HttpRequest) -> BackTest:
    said = form.cleaned_data
    return start_back_test(
        policy=said["policy"],
        calendar=said["calendar"],
        opened_from=said["span"].since,
        opened_until=min(said["span"].until, now()),
        by=request.user,  # type: ignore[arg-type]
    )


def backtest_page(request: HttpRequest, pk: str, site_context: dict[str, Any]) -> HttpResponse:
    """Show how far a back-test has come, or what it found."""
    require(request, "sla.view_backtest")
    test = _tests().filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if test is None:
        messages.info(request, "This back-test is gone: its draft was changed or thrown away before its turn came.")
        return HttpResponseRedirect(changelist_url(BackTest))
    context = {
        **site_context,
        "title": test.tried,
        "test": test,
        "period": _period_words(test),
        "versions": [version for version in (test.policy, test.calendar) if version is not None],
        "links": _links(test),
        "list_url": changelist_url(BackTest),
        "again_url": _again_url(test) if request.user.has_perm(ADD) else "",
        **(_found(test) if test.finished_at else _progress(test)),
    }
    return TemplateResponse(request, "console/sla/backtest.html", context)


def progress_words(test: BackTest) -> str:
    """Tell how far a back-test has come that is not done."""
    if test.ticket_count:
        return f"{several(test.ticket_count, 'ticket')} so far"
    return "Waits for a worker"


def _progress(test: BackTest) -> dict[str, Any]:
    opened = Ticket.objects.filter(created_at__gte=test.opened_from, created_at__lt=test.opened_until)
    total = max(opened.count(), test.ticket_count)
    return {
        "total": total,
        "share": f"{100 * test.ticket_count / total:.1f}%" if total else "0%",
        "is_stuck": test.due_at < now() - PATIENCE,
    }


def _found(test: BackTest) -> dict[str, Any]:
    """Return what the page shows of a result."""
    result, arm = test.result, test.arm
    total = totals_of(result)
    changed: int = result["changed_count"]
    return {
        "arm": arm,
        "arm_head": arm.removeprefix("the ").capitalize(),
        "outcome": sentence(result, arm=arm),
        "total": total,
        "kept": [_percent_words(one) for one in (total.live, total.draft)],
        "bars": bar_chart([(row.name, (row.live.breached, row.draft.breached)) for row in rows_of(result, "priority")]),
        "broken": total.live.breached + total.draft.breached,
        "tables": [
            (words, [(row, _percent_words(row.live), _percent_words(row.draft)) for row in rows_of(result, group)])
            for group, words in GROUP_WORDS.items()
        ],
        "changed": _changed(result["changed"]),
        "changed_count": changed,
        "changed_more": max(0, changed - CHANGED_MOST),
        "took": seconds_words((test.finished_at - test.created_at).total_seconds()) if test.finished_at else "",
    }


def _percent_words(arm: Arm) -> str:
    rate = arm.kept_percent
    return "-" if rate is None else f"{percent(rate)}\N{NO-BREAK SPACE}%"


def _changed(rows: Sequence[Sequence[Any]]) -> list[Changed]:
    """Return the clocks whose verdict changes. rows: [[ticket, metric, cycle, verdict live, verdict draft]]."""
    tickets = Ticket.objects.only("subject").in_bulk({row[0] for row in rows})
    return [
        Changed(
            ticket=tickets.get(pk),
            url=change_url(tickets[pk]) if pk in tickets else "",
            promise=f"{Metric(metric).label}{f' {cycle}' if cycle > 1 else ''}",
            before=VERDICT_WORDS[before],
            after=VERDICT_WORDS[after],
        )
        for pk, metric, cycle, before, after in rows
    ]


def _period_words(test: BackTest) -> str:
    last = timezone.localtime(test.opened_until - dt.timedelta(microseconds=1)).date()
    return dates_period(timezone.localtime(test.opened_from).date(), last).words


def _links(test: BackTest) -> list[tuple[str, str]]:
    """Return what was tried, each with the page on which it is read, edited and published."""
    tried = [(test.policy, test.policy.policy)] if test.policy else []
    rows = [*tried, *([(test.calendar, test.calendar.calendar)] if test.calendar else [])]
    return [(str(version), change_url(owner)) for version, owner in rows]


def _again_url(test: BackTest) -> str:
    chosen = [("policy", test.policy_id), ("calendar", test.calendar_id)]
    query = "&".join(f"{name}={pk}" for name, pk in chosen if pk)
    return f"{reverse('admin:sla_backtest_add')}?{query}"
