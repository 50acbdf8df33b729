"""Figures belong to their own period and to whoever was promised, whatever comes later (rules R2, R4 and R6)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import Tier
from accounts.services import change_organization
from common import context
from common.actors import SYSTEM
from common.time import now
from sla.models import ClosedMonth, MonthlyFigure
from sla.reports import Figures, compliance, corrections
from sla.services import close_month, work_off
from sla.tests.live import NOON, after, at, clock, hours_after, look, opened
from sla.vocabulary import Metric
from tickets.services import change_ticket, post_public_reply, reopen_ticket, solve_ticket

DECEMBER = dt.date(2025, 12, 1)
JANUARY = dt.date(2026, 1, 1)
FEBRUARY = dt.date(2026, 2, 1)
MARCH = dt.date(2026, 3, 1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def between(since: float, until: float, metric: str = Metric.FIRST_RESPONSE, *, known_at: float = 1000) -> Figures:
    return compliance(since=after(since), until=after(until), at=after(known_at), metric=metric).totals


def broken_groups(*groups: str, metric: str = Metric.FIRST_RESPONSE) -> list[dict[str, str]]:
    report = compliance(since=NOON, until=after(1000), at=now(), group_by=groups, metric=metric)
    return [told for told, figures in report.rows if figures.breached]


def verdict_of(row) -> tuple[str, str, int | None]:
    return row.priority_row, row.priority, row.team_id


def filled_in(requester, opened_at: dt.datetime):
    with context.origin(context.Origin(is_backfill=True)):
        return opened(requester, hours=hours_after(opened_at))


def first_of(month: int, day: int = 1, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


# --- whose verdict it is ---


@pytest.mark.parametrize("is_seen", [True, False])
def test_r04_a_verdict_stays_with_the_policy_and_tier_that_were_broken(rita, aarlund, is_seen):
    opened(rita)
    if is_seen:
        look(5)
    with at(30):  # too late for the new promise too
        change_organization(aarlund, by=SYSTEM, tier=Tier.PROFESSIONAL)
        work_off()
        assert broken_groups("tier", "policy") == [{"tier": "Enterprise", "policy": "Enterprise, version 1"}]


def test_r04_a_verdict_keeps_its_policy_where_nothing_is_promised_any_more(rita, aarlund):
    opened(rita)
    look(5)
    with at(6):
        change_organization(aarlund, by=SYSTEM, tier=Tier.COMMUNITY)
        work_off()
        assert broken_groups("tier", "policy") == [{"tier": "Enterprise", "policy": "Enterprise, version 1"}]


def test_r04_a_promise_that_a_change_breaks_is_told_as_it_is_after_the_change(rita, agnes):
    ticket = opened(rita, priority="P3_NORMAL")
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(10))  # four hours instead of a day
    with at(11):
        assert broken_groups("priority") == [{"priority": "Critical"}]


def test_r04_a_promise_that_was_reopened_is_told_as_its_ticket_is_now(rita, agnes, bruno):
    ticket, beta = opened(rita, priority="P3_NORMAL"), bruno.teams.get()
    solve_ticket(ticket, by=agnes, at=after(1))
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", team=beta, at=after(2))
    assert verdict_of(clock(ticket, Metric.RESOLUTION)) == ("P3_NORMAL", "P3_NORMAL", None)
    reopen_ticket(ticket, by=agnes, at=after(3))
    assert verdict_of(clock(ticket, Metric.RESOLUTION)) == ("P1_CRITICAL", "P1_CRITICAL", beta.pk)


# --- its own period ---


def test_r03_a_breach_taken_back_is_counted_in_the_period_in_which_it_was(rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, priority="P4_LOW", at=after(6))
    periods = [(0, 5), (5, 7), (7, 14), (14, 1000)]
    assert [between(*period).withdrawn for period in periods] == [0, 1, 0, 0]


def test_r03_a_breach_taken_back_is_counted_where_the_ticket_was_answered_meanwhile(rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, priority="P4_LOW", at=after(6))
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(8))
    figures = [between(*period) for period in ((0, 7), (7, 14))]
    assert [(one.withdrawn, one.met) for one in figures] == [(1, 0), (0, 1)]


def test_r06_a_promise_opened_again_is_counted_in_the_period_in_which_it_was(rita, agnes):
    ticket = opened(rita)
    solve_ticket(ticket, by=agnes, at=after(2))
    reopen_ticket(ticket, by=agnes, at=after(4))
    solve_ticket(ticket, by=agnes, at=after(8))
    figures = [between(*period, Metric.RESOLUTION) for period in ((0, 3), (3, 6), (6, 9))]
    assert [(one.reopened_after_met, one.met) for one in figures] == [(0, 0), (1, 0), (0, 1)]


def test_r03_a_clock_that_begins_at_the_very_end_is_not_in_the_period(rita):
    opened(rita)
    assert between(-5, 0, known_at=2).pending == 0
    assert between(0, 5, known_at=2).pending == 1


def test_r03_where_the_period_ends_now_what_begins_now_is_in_it(rita):
    opened(rita)
    assert between(-5, 0, known_at=0).pending == 1


def test_r02_one_broken_of_three_thousand_is_not_all_of_them():
    assert Figures(met=2999, breached=1).rate_percent == 99.9
    assert Figures(met=3000, breached=0).rate_percent == 100
    assert Figures(met=0, breached=0).rate_percent is None


# --- closed months ---


def test_r06_a_month_without_a_verdict_is_closed_and_what_comes_later_is_a_correction(rita):
    assert close_month(at=first_of(1, day=5)) == 0
    assert list(ClosedMonth.objects.values_list("month", flat=True)) == [DECEMBER]
    assert corrections(DECEMBER, at=now()) == []
    filled_in(rita, first_of(12, day=29, year=2025))
    assert close_month(at=first_of(1, day=20)) == 0
    assert not MonthlyFigure.objects.exists()
    assert [(row["metric"], row["met"], row["breached"]) for row in corrections(DECEMBER, at=now())] == [
        ("FIRST_RESPONSE", {"from": 0, "to": 0}, {"from": 0, "to": 1}),
        ("RESOLUTION", {"from": 0, "to": 0}, {"from": 0, "to": 1}),
    ]


def test_r06_months_that_were_not_closed_in_time_are_closed_in_one_run(rita):
    close_month(at=first_of(1, day=5))
    with time_machine.travel(first_of(4, day=2), tick=False):
        filled_in(rita, first_of(1, day=10))
        filled_in(rita, first_of(3, day=10))
        assert close_month() == 4  # two promises in January and in March
    assert sorted(ClosedMonth.objects.values_list("month", flat=True)) == [DECEMBER, JANUARY, FEBRUARY, MARCH]
    assert set(MonthlyFigure.objects.values_list("month", "breached")) == {(JANUARY, 1), (MARCH, 1)}
    assert close_month(at=first_of(4, day=30)) == 0


def test_r06_the_month_that_goes_on_is_not_closed(rita):
    opened(rita)
    assert close_month(at=first_of(2, day=28)) == 0
    assert list(ClosedMonth.objects.values_list("month", flat=True)) == [JANUARY]
    assert corrections(FEBRUARY, at=now()) == []
