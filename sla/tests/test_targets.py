"""Changes of what is promised: the rules T1 to T5 of docs/sla.md, on the pure rules."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.rules.clocks import elapsed_us
from sla.rules.promises import Case, Conditions, Policy, select, terms_for
from sla.tests.story import HOUR, ROUND_THE_CLOCK, Story, terms, when
from sla.vocabulary import ClockState

ROW = terms(first_response=4, resolution=16)
ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def policy(name: str, **conditions) -> Policy:
    wanted = Conditions(**{key: frozenset(value) for key, value in conditions.items()})
    return Policy(hash(name), name, wanted, {"P3_NORMAL": ROW}, ALWAYS)


CASE = Case("P3_NORMAL", "ENTERPRISE", 7, "LINEAGE", 3, frozenset({"vip", "export"}))


@pytest.mark.parametrize(
    ("conditions", "is_match"),
    [
        ({}, True),
        ({"tiers": ["ENTERPRISE"]}, True),
        ({"tiers": ["PROFESSIONAL"]}, False),
        ({"tiers": ["ENTERPRISE", "PROFESSIONAL"]}, True),
        ({"organizations": [7]}, True),
        ({"organizations": [8]}, False),
        ({"product_areas": ["LINEAGE"]}, True),
        ({"product_areas": ["QUALITY"]}, False),
        ({"teams": [3]}, True),
        ({"teams": [4]}, False),
        ({"tags": ["vip", "other"]}, True),
        ({"tags": ["other"]}, False),
        ({"tiers": ["ENTERPRISE"], "tags": ["other"]}, False),
    ],
)
def test_t01_an_empty_condition_matches_and_all_others_must(conditions, is_match):
    assert policy("one", **conditions).conditions.match(CASE) is is_match


def test_t01_the_first_policy_that_matches_decides():
    first, second = policy("vip", tags=["vip"]), policy("all")
    assert select([first, second], CASE).name == "vip"
    assert select([second, first], CASE).name == "all"
    assert select([first], Case("P3_NORMAL", "ENTERPRISE")) is None


def test_t01_a_priority_without_a_row_is_promised_nothing():
    assert terms_for([policy("all")], Case("P1_CRITICAL", "ENTERPRISE")) == {}


def test_t02_a_shorter_target_counts_what_is_used_already():
    story = Story("Mon 10:00", ROW).promised("Mon 11:00", terms(first_response=2, resolution=8))
    assert story.first.due_at == when("Mon 12:00")
    assert story.resolution.due_at == when("Tue 10:00")


def test_t02_too_late_for_the_new_target_is_late_from_the_change_not_before():
    story = Story("Mon 10:00", ROW).promised("Mon 13:00", terms(first_response=2, resolution=16))
    assert story.first.due_at == story.first.breached_at == when("Mon 13:00")


def test_t02_having_used_the_new_target_exactly_is_not_late_yet():
    story = Story("Mon 10:00", ROW).promised("Mon 12:00", terms(first_response=2, resolution=16))
    assert story.first.due_at == when("Mon 12:00")
    assert story.first.breached_at is None
    assert story.reply("Mon 12:00").first.breached_at is None


def test_t02_while_paused_nothing_moves_and_the_bank_stays():
    story = Story("Mon 10:00", ROW).status("Mon 12:00", "PENDING").promised("Mon 13:00", terms(resolution=8))
    assert story.resolution.state == ClockState.PAUSED
    assert (story.resolution.due_at, story.resolution.banked_us) == (None, 2 * HOUR)
    assert story.status("Tue 09:00", "OPEN").resolution.due_at == when("Tue 15:00")


def test_t02_paused_and_too_late_for_the_new_target_is_late_from_the_resume():
    story = Story("Mon 09:00", ROW).status("Mon 15:00", "PENDING").promised("Mon 16:00", terms(resolution=4))
    assert story.resolution.breached_at is None
    assert story.status("Tue 10:00", "OPEN").resolution.breached_at == when("Tue 10:00")


@given(
    up=st.integers(1, 24 * 60),
    down=st.integers(0, 24 * 60),
    other=st.integers(1, 3000),
    is_looked_at=st.booleans(),
)
def test_t02_up_and_back_down_is_as_if_nothing_happened(up, down, other, is_looked_at):
    start = when("Mon 10:00")
    untouched, story = Story("Mon 10:00", ROW), Story("Mon 10:00", ROW)
    first = start + dt.timedelta(minutes=up)
    then = first + dt.timedelta(minutes=down)
    story.book.terms_changed(first, terms(first_response=other / 60, resolution=other / 60))
    if is_looked_at:
        story.monitor("Mon 10:00")
    story.book.terms_changed(then, ROW)
    late = max(then, untouched.resolution.due_at)
    if untouched.resolution.due_at >= then:
        assert story.resolution.due_at == untouched.resolution.due_at
        assert story.resolution.breached_at is None
    assert elapsed_us(story.resolution, late) == elapsed_us(untouched.resolution, late)


def test_t03_under_another_calendar_only_the_rest_is_counted_anew():
    """No retroactive weekend: what accrued in office hours stays what it was."""
    story = Story("Fri 16:00", ROW)
    story.promised("+Mon 10:00", terms(ROUND_THE_CLOCK, first_response=4, resolution=16))
    assert story.first.banked_us == 2 * HOUR
    assert story.first.due_at == when("+Mon 12:00")
    assert story.resolution.due_at == when("++Tue 00:00") - dt.timedelta(weeks=1)


def test_t04_without_a_target_a_clock_keeps_its_bank_and_goes_on_from_it():
    story = Story("Mon 10:00", ROW).promised("Mon 12:00", {})
    assert {clock.state for clock in story.clocks} == {ClockState.INACTIVE}
    assert story.first.due_at is None
    story.promised("Tue 09:00", ROW)
    assert story.first.due_at == when("Tue 11:00")


def test_t04_what_is_promised_only_later_starts_then_with_its_true_beginning():
    story = Story("Mon 10:00", {}).promised("Mon 15:00", ROW)
    assert story.first.started_at == when("Mon 10:00")
    assert story.first.due_at == when("Tue 11:00")
    assert story.first.banked_us == 0


def test_t05_stopped_clocks_are_frozen():
    story = Story("Mon 10:00", ROW).reply("Mon 11:00").promised("Mon 12:00", terms(first_response=0.5, resolution=8))
    assert story.first.breached_at is None
    assert story.first.promise.target_us == 4 * HOUR


def test_t05_a_reopened_resolution_takes_the_target_of_the_day():
    story = Story("Mon 10:00", ROW).status("Mon 12:00", "SOLVED")
    story.terms = terms(resolution=4)
    assert story.status("Tue 09:00", "OPEN").resolution.due_at == when("Tue 11:00")
