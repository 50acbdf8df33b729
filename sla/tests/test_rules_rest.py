"""Corners of the rules that no other story comes to, on the pure rules."""

from __future__ import annotations

import pytest

from sla.rules import clocks
from sla.rules.clocks import Clock
from sla.rules.hours import read_hours
from sla.rules.promises import Calendar, Promise
from sla.rules.timetable import Timetable
from sla.tests.story import HOUR, OFFICE, ROUND_THE_CLOCK, Story, promise, terms, when
from sla.vocabulary import ClockState, Metric

ROW = terms(first_response=4, resolution=16)
FIRST = terms(first_response=4)
ONE_DAY = Calendar(
    4,
    Timetable(
        read_hours(
            {"tz": "UTC", "weekly": {}, "special_days": [{"date": "2026-02-09", "hours": [["10:00", "15:00"]]}]}
        ),
        "One day",
    ),
    "One day",
    4,
)


# --- answers ---


def test_m11_a_reply_on_a_solved_ticket_begins_no_regular_update():
    story = Story("Mon 10:00", terms(periodic_update=8, resolution=16))
    story.reply("Mon 11:00").status("Mon 12:00", "SOLVED").reply("Mon 13:00")
    assert [clock.state for clock in story.all("periodic_update")] == [ClockState.STOPPED]


def test_b02_an_answer_written_down_after_the_monitor_looked_takes_back_what_it_saw():
    story = Story("Mon 10:00", FIRST)
    assert story.monitor("Mon 14:00:01") == [("FIRST_RESPONSE", 80), ("FIRST_RESPONSE", 100)]
    story.reply("Mon 13:59")
    assert (story.first.breached_at, story.first.due_at) == (None, when("Mon 14:00"))
    assert (story.first.reached_percent, story.first.revision, story.first.withdrawn_count) == (80, 1, 1)


def test_b02_after_a_breach_at_closing_time_an_answer_at_the_next_opening_is_late():
    story = Story("Mon 13:00", FIRST)
    story.monitor("Mon 18:00")
    story.reply("Tue 09:00")
    assert story.first.breached_at == when("Mon 17:00")


# --- targets that change ---


def test_t02_up_and_down_again_leaves_a_breach_at_closing_time_alone():
    story = Story("Mon 13:00", FIRST)
    story.monitor("Mon 18:00")
    story.promised("Mon 19:00", terms(first_response=3)).promised("Mon 19:30", FIRST)
    assert story.first.breached_at == story.first.due_at == when("Mon 17:00")
    assert (story.first.withdrawn_count, story.first.revision) == (0, 0)


def test_t02_solved_while_it_waits_a_clock_is_judged_by_the_target_it_would_run_on_with():
    story = Story("Mon 09:00", ROW).status("Mon 15:00", "PENDING").promised("Mon 16:00", terms(resolution=4))
    story.status("Tue 10:00", "SOLVED")
    assert story.resolution.breached_at == story.resolution.due_at == when("Tue 10:00")


def test_t02_solved_while_it_waits_a_clock_with_time_left_is_in_time():
    story = Story("Mon 09:00", ROW).status("Mon 15:00", "PENDING").promised("Mon 16:00", terms(resolution=6))
    assert story.status("Tue 10:00", "SOLVED").resolution.breached_at is None


# --- calendars that change ---


def test_t07_a_clock_that_counts_in_another_calendar_is_left_alone():
    story = Story("Mon 10:00", {**FIRST, "RESOLUTION": promise("RESOLUTION", 16, ROUND_THE_CLOCK)})

    def in_the_new_one(clock: Clock) -> Promise | None:
        is_office = clock.promise.calendar == OFFICE
        return promise(clock.metric, 4, ONE_DAY) if is_office else None

    story.book.calendar_changed(when("Mon 12:00"), in_the_new_one)
    assert (story.first.promise.calendar, story.first.due_at) == (ONE_DAY, when("Mon 14:00"))
    assert story.resolution.promise.calendar == ROUND_THE_CLOCK
    assert story.resolution.due_at == when("Tue 02:00")
    assert len(story.resolution.history) == 1


def test_t08_under_new_rules_of_a_zone_only_running_clocks_are_counted_anew():
    story = Story("Mon 10:00", ROW).status("Mon 11:00", "PENDING")
    story.book.recounted(when("Mon 12:00"))
    assert (story.first.running_since, story.first.banked_us) == (when("Mon 12:00"), 2 * HOUR)
    assert story.first.due_at == when("Mon 14:00")
    assert (story.resolution.state, story.resolution.banked_us) == (ClockState.PAUSED, HOUR)


def test_c12_a_level_that_never_comes_ends_the_levels_and_not_the_clock():
    story = Story("Mon 10:00", terms(ONE_DAY, first_response=4.5))  # 120 % would be more than the five hours there are
    assert story.monitor("Mon 18:00") == [("FIRST_RESPONSE", 80), ("FIRST_RESPONSE", 100)]
    assert (story.first.next_step, story.first.next_action_at) == (None, None)
    assert story.first.state == ClockState.RUNNING
    assert story.reply("Mon 19:00").first.breached_at == when("Mon 14:30")


# --- re-opening ---


def test_m07_and_t04_reopened_where_nothing_is_promised_any_more_the_bank_stays():
    story = Story("Mon 10:00", ROW).status("Mon 12:00", "SOLVED")
    story.terms = {}
    story.status("Tue 10:00", "OPEN")
    assert (story.resolution.state, story.resolution.banked_us) == (ClockState.INACTIVE, 2 * HOUR)
    story.promised("Tue 11:00", ROW)
    assert story.resolution.due_at == when("Wed 17:00")  # fourteen hours are left


def test_m07_and_t04_what_was_never_promised_begins_with_the_reopening_and_has_its_true_beginning():
    story = Story("Mon 10:00", {}).status("Mon 12:00", "SOLVED")
    story.terms = ROW
    story.status("Tue 10:00", "OPEN")
    assert (story.resolution.started_at, story.resolution.running_since) == (when("Mon 10:00"), when("Tue 10:00"))
    assert story.resolution.due_at == when("Thu 10:00")


def test_a_clock_without_a_promise_cannot_be_made_to_run():
    with pytest.raises(ValueError, match="without a promise"):
        clocks.run(Clock(Metric.RESOLUTION, 1, when("Mon 10:00")), when("Mon 10:00"))
