"""The support team's work in numbers."""

from __future__ import annotations

import datetime as dt
import math

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ProductArea
from common.periods import dates_period, named_period
from tickets import services
from tickets.console import charts
from tickets.models import Ticket
from tickets.reporting.catalogue import REPORTS, read_report
from tickets.reporting.counts import AGES, came_and_went, oldest_unanswered, open_tickets, per_day, product_areas
from tickets.reporting.lengths import Lengths, lengths, place_of
from tickets.reporting.overview import read_overview
from tickets.reporting.promises import by_week, kept_percent
from tickets.reporting.words import (
    better_or_worse,
    faster_or_slower,
    length_parts,
    length_words,
    more_or_fewer,
    plain,
)
from tickets.slots import Kept
from tickets.tests.reporting import DAY, HOUR, NOON, answered, asked, opened, rated, solved
from tickets.vocabulary import Priority, Status

SECONDS = 3600


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


# --- pure -------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 100), st.integers(1, 10_000))
def test_a_percentile_is_the_first_place_that_enough_values_do_not_exceed(percent, count):
    place = place_of(percent, count)
    assert 1 <= place <= count
    assert place * 100 >= count * percent > (place - 1) * 100


@given(st.integers(0, 10**8))
def test_a_length_in_words_is_short_and_never_longer_than_it_was(seconds):
    sizes = {"min": 60, "h": 3600, "d": 86400}
    told = sum(int(number.replace(",", "")) * sizes[unit] for number, unit in length_parts(seconds))
    assert len(length_parts(seconds)) <= 2
    assert told <= max(seconds, 60)
    assert seconds - told < (sizes["h"] if seconds >= 86400 else 60)


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "-"), (0, "0 min"), (5, "1 min"), (4320, "1 h 12 min"), (316_800, "3 d 16 h")]
)
def test_lengths_read_as_people_say_them(seconds, words):
    assert length_words(seconds) == words


def test_changes_say_which_way_and_whether_it_is_good():
    assert (faster_or_slower(600, 1440).words, faster_or_slower(600, 1440).tone) == ("14 min faster", "green")
    assert (faster_or_slower(20_000, 2000).words, faster_or_slower(20_000, 2000).tone) == ("5 h slower", "red")
    assert faster_or_slower(600, 630).words == "As before"
    assert faster_or_slower(None, 1).words == "Nothing to measure"
    assert faster_or_slower(1, None).words == "Nothing to compare with"
    assert better_or_worse(96.4, 95.3, " points").words == "1.1 points better"
    assert (better_or_worse(3.0, 4.0).words, better_or_worse(3.0, 4.0).tone) == ("1 worse", "red")
    assert [better_or_worse(*pair).words for pair in ((None, 1), (1, None), (4.21, 4.2))] == [
        *("No data", "Nothing to compare with", "As before")
    ]
    assert more_or_fewer(3, 1).words == "2 more opened than solved"
    assert more_or_fewer(1, 1200).words == "1,199 more solved than opened"
    assert more_or_fewer(2, 2).tone == "grey"


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_less_than_all_is_never_told_as_all(met, broken):
    rate = kept_percent(met, broken)
    assert (rate is None) == (met + broken == 0)
    assert (rate == 100) == (met > 0 and broken == 0)


def test_days_of_promises_add_up_to_weeks_with_the_highest_tier_first():
    days = [
        Kept(dt.date(2026, 2, 2) + n * DAY, tier, 2, n % 2) for n in range(9) for tier in ("COMMUNITY", "ENTERPRISE")
    ]
    weeks = by_week([*days, Kept(dt.date(2026, 2, 3), "", 1, 0)])
    assert [(one.monday.day, one.tier, one.met, one.broken) for one in weeks] == [
        *((2, "ENTERPRISE", 14, 3), (2, "COMMUNITY", 14, 3), (2, "", 1, 0)),
        *((9, "ENTERPRISE", 4, 1), (9, "COMMUNITY", 4, 1)),
    ]
    assert weeks[2].tier_name == "No tier"
    chart = charts.kept_chart(weeks, target=95)
    assert [line["label"] for line in chart["series"]] == ["Enterprise", "Community", "Target"]
    assert chart["series"][0]["data"] == [82.4, 80.0]
    assert charts.kept_chart([], target=95) is None


def test_many_days_are_drawn_by_week():
    days = [(dt.date(2026, 2, 2) + n * DAY, 1, 2) for n in range(50)]
    assert len(charts.flow_chart(days[:45])["labels"]) == 45
    drawn = charts.flow_chart(days)
    assert drawn["labels"][:2] == ["2 Feb", "9 Feb"]
    assert drawn["series"][1]["data"] == [14] * 7 + [2]
    assert drawn["note"]


def test_the_period_before_is_as_long_and_of_a_month_the_month_before():
    week = named_period("7d")
    assert (week.before.first, week.before.last) == (dt.date(2026, 1, 27), dt.date(2026, 2, 2))
    assert week.before.until == week.since
    january = dates_period(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    assert (january.before.first, january.before.last) == (dt.date(2025, 12, 1), dt.date(2025, 12, 31))


def test_files_hold_days_and_instants_as_machines_read_them():
    assert plain((NOON.date(), NOON, 3, None, "x")) == ["2026-02-09", "2026-02-09T12:00:00+00:00", 3, None, "x"]


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_open_by_priority_status_and_age(rita, agnes):
    opened(rita, days=0.5, priority=Priority.P1_CRITICAL)
    waiting = opened(rita, days=2)
    services.change_ticket(waiting, by=agnes, status=Status.PENDING)
    opened(rita, days=45)
    solved(rita, agnes)
    found = open_tickets(asked(agnes))
    assert found.count == 3
    assert found.by_priority["P1_CRITICAL"] == {"NEW": 1, "OPEN": 0, "PENDING": 0, "ON_HOLD": 0}
    assert found.by_priority["P3_NORMAL"] == {"NEW": 1, "OPEN": 0, "PENDING": 1, "ON_HOLD": 0}
    assert dict(found.by_age) == dict.fromkeys((words for _, words in AGES), 0) | {
        **{"Under 1 day": 1, "1 to 3 days": 1, "Over 30 days": 1}
    }


@pytest.mark.django_db
def test_days_are_those_of_the_reader(rita, agnes):
    opened(rita, days=0.6)  # Sunday, 21:36 in UTC
    solved(rita, agnes, days=2, after=30)
    reopened = solved(rita, agnes, days=4)
    services.reopen_ticket(reopened, by=rita)
    by_day = {day.day: (created, done) for day, created, done in per_day(asked(agnes))}
    assert list(by_day) == [3, 4, 5, 6, 7, 8, 9]
    assert {day: both for day, both in by_day.items() if any(both)} == {5: (1, 0), 7: (1, 0), 8: (1, 1)}
    with timezone.override("Asia/Tokyo"):
        assert {day.day: created for day, created, _ in per_day(asked(agnes))}[9] == 1
    assert came_and_went(asked(agnes)) == (3, 1)


@pytest.mark.django_db
def test_medians_and_nine_in_ten_of_the_period_and_of_the_one_before(rita, agnes):
    for hours in (1, 2, 3, 4, 50):
        answered(rita, agnes, days=4, after=hours)
    answered(rita, agnes, days=9, after=7)
    opened(rita)
    early = answered(rita, agnes, days=3)
    Ticket.objects.filter(pk=early.pk).update(first_response_at=early.created_at - HOUR)  # as an import may bring it
    here, before = lengths(asked(agnes), "first_response_at")
    assert here == Lengths(5, 3 * SECONDS, 50 * SECONDS)
    assert before == Lengths(1, 7 * SECONDS, 7 * SECONDS)
    assert lengths(asked(agnes), "solved_at") == (Lengths(), Lengths())


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 9, 10, 11, 20])
def test_the_database_finds_the_same_places_as_the_rule(rita, agnes, count):
    ticket = opened(rita, days=3)
    Ticket.objects.bulk_create(
        [
            Ticket(
                subject="x",
                requester=rita,
                created_at=ticket.created_at,
                first_response_at=ticket.created_at + place * HOUR,
            )
            for place in range(count, 0, -1)
        ]
    )
    found, _ = lengths(asked(agnes), "first_response_at")
    assert found == Lengths(count, math.ceil(count / 2) * SECONDS, math.ceil(count * 0.9) * SECONDS)


@pytest.mark.django_db
def test_each_agent_has_what_is_theirs(rita, agnes, bruno, django_assert_max_num_queries):
    answered(rita, agnes, after=2, priority=Priority.P1_CRITICAL)
    answered(rita, agnes, after=4, priority=Priority.P2_HIGH)
    solved(rita, bruno, after=2)
    solved(rita, bruno, days=20)
    services.add_internal_note(opened(rita), body="A note is no reply.", by=bruno)
    with django_assert_max_num_queries(4):
        rows = read_report(REPORTS["agents"], asked(agnes))
    assert rows == [
        ("Agnes Moreau", 2, 1, 1, 0, 2, 2 * SECONDS),
        ("Bruno Costa", 0, 0, 0, 1, 1, SECONDS),
    ]


@pytest.mark.django_db
def test_product_areas_and_what_waits_longest(rita, agnes):
    area = ProductArea.objects.first()
    first = opened(rita, days=6, product_area=area)
    second = opened(rita, days=5, product_area=area)
    opened(rita, days=4)
    answered(rita, agnes, days=6.5)
    services.change_ticket(second, by=agnes, assignee=agnes)
    assert dict(product_areas(asked(agnes))) == {area.name: 2, "No product area": 2}
    waiting = oldest_unanswered(asked(agnes))
    assert [one.reference for one in waiting[:2]] == [first.reference, second.reference]
    assert (waiting[0].waiting_seconds, waiting[1].assignee) == (6 * 24 * SECONDS, "Agnes Moreau")
    assert len(waiting) == 3


@pytest.mark.django_db
def test_a_customer_s_reports_hold_their_own_tickets_alone(rita, mallory, agnes):
    answered(rita, agnes)
    assert open_tickets(asked(mallory)).count == 0
    assert open_tickets(asked(rita)).count == 1
    assert read_report(REPORTS["agents"], asked(mallory))[0][1:6] == (0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_every_report_answers_with_a_value_for_each_column_whether_or_not_there_is_data(
    rita, agnes, django_assert_max_num_queries
):
    for _ in range(2):
        for report in REPORTS.values():
            with django_assert_max_num_queries(4):
                rows = read_report(report, asked(agnes, "30d"))
            assert all(len(row) == len(report.columns) for row in rows), report.name
        rated(solved(rita, agnes), 4, comment="Good.")
        opened(rita)


@pytest.mark.django_db
def test_the_overview_costs_as_much_with_many_tickets(rita, agnes, django_assert_max_num_queries):
    for _ in range(3):
        rated(solved(rita, agnes), 5)
        opened(rita)
    with django_assert_max_num_queries(12):
        seen = read_overview(asked(agnes))
    assert (seen.created, seen.solved, seen.open.count) == (6, 3, 3)
    assert seen.ratings[0].total_responses == 3
    assert seen.promises(asked(agnes).period) == (6, 0)
