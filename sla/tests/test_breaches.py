"""When a promise is broken and what is told of it: the rules B1 to B9 of docs/sla.md, on the pure rules."""

from __future__ import annotations

import pytest

from sla.rules.clocks import TICK, elapsed_percent, is_breached_at
from sla.tests.story import HOUR, Story, promise, terms, when
from sla.vocabulary import ClockState

ROW = terms(first_response=4, resolution=16)
FIRST = terms(first_response=4)
LONG = terms(first_response=8)


def test_b01_the_share_is_worked_out_when_asked_and_never_clamped():
    story = Story("Mon 10:00", FIRST)
    assert elapsed_percent(story.first, when("Mon 12:00")) == 50
    assert elapsed_percent(story.first, when("Tue 12:00")) == 250
    assert elapsed_percent(Story("Mon 10:00", FIRST).promised("Mon 11:00", {}).first, when("Mon 12:00")) is None


def test_b02_the_last_instant_keeps_the_promise_and_the_next_breaks_it():
    assert Story("Mon 10:00", FIRST).reply("Mon 14:00").first.breached_at is None
    assert Story("Mon 10:00", FIRST).reply("Mon 14:00:00.000001").first.breached_at == when("Mon 14:00")
    story = Story("Mon 10:00", FIRST)
    assert not is_breached_at(story.first, when("Mon 14:00"))
    assert is_breached_at(story.first, when("Mon 14:00") + TICK)


def test_b02_due_at_closing_an_answer_before_the_next_opening_is_late_without_overrun():
    story = Story("Mon 13:00", FIRST)
    assert story.first.due_at == when("Mon 17:00")
    story.reply("Tue 08:00")
    assert story.first.breached_at == when("Mon 17:00")
    assert story.first.banked_us == 4 * HOUR


def test_b02_paused_at_the_very_deadline_it_is_due_when_it_runs_again():
    story = Story("Mon 09:00", ROW).status("Tue 17:00", "PENDING")
    assert story.resolution.breached_at is None
    story.status("Thu 10:00", "OPEN")
    assert story.resolution.due_at == when("Thu 10:00")
    assert story.resolution.breached_at is None
    assert story.monitor("Thu 10:00:01")[-1] == ("RESOLUTION", 100)


def test_b03_broken_at_the_deadline_however_late_that_is_seen():
    story = Story("Mon 10:00", FIRST)
    assert ("FIRST_RESPONSE", 100) in story.monitor("Wed 10:00")
    assert story.first.breached_at == when("Mon 14:00")


def test_b03_a_late_answer_records_the_breach_itself():
    assert Story("Mon 10:00", FIRST).reply("Mon 15:00").first.breached_at == when("Mon 14:00")


def test_b04_levels_are_working_time_and_inclusive():
    story = Story("Mon 13:00", FIRST)
    assert story.first.next_action_at == when("Mon 16:12")  # 80 % of four hours
    assert story.monitor("Mon 16:11:59") == []
    assert story.monitor("Mon 16:12") == [("FIRST_RESPONSE", 80)]
    assert story.first.next_action_at == when("Mon 17:00") + TICK  # the breach is strict
    story.monitor("Mon 17:00:00.000001")
    assert story.first.next_action_at == when("Tue 09:48")  # 120 %: next morning, not at midnight


def test_b04_any_number_of_levels():
    odd = {"FIRST_RESPONSE": promise("FIRST_RESPONSE", 4, thresholds=(25, 50, 100, 300))}
    assert [level for _, level in Story("Mon 09:00", odd).monitor("Tue 14:00")] == [25, 50, 100, 300]


def test_b05_a_level_is_passed_once():
    story = Story("Mon 10:00", FIRST)
    assert len(story.monitor("Mon 13:30")) == 1
    assert story.monitor("Mon 13:30") == []


def test_b05_an_extension_that_takes_a_level_back_lets_it_be_passed_again():
    story = Story("Mon 10:00", FIRST)
    story.monitor("Mon 13:30")
    story.promised("Mon 13:45", LONG)
    assert (story.first.revision, story.first.reached_percent) == (1, 0)
    assert story.monitor("Tue 09:00") == [("FIRST_RESPONSE", 80)]


def test_b05_levels_still_reached_are_not_passed_again():
    story = Story("Mon 10:00", LONG)
    story.monitor("Mon 16:30")  # 80 % of eight hours
    story.promised("Mon 16:35", FIRST)
    assert story.first.revision == 0
    assert story.monitor("Mon 16:36") == [("FIRST_RESPONSE", 100), ("FIRST_RESPONSE", 120)]


def test_b05_pausing_and_reopening_bump_nothing():
    story = Story("Mon 09:00", ROW)
    story.monitor("Tue 16:00")
    story.status("Tue 16:10", "PENDING").status("Wed 10:00", "OPEN")
    assert story.resolution.revision == 0
    story.status("Wed 10:10", "SOLVED").status("Wed 11:00", "OPEN")
    assert story.resolution.revision == 0
    assert story.monitor("Wed 11:05") == []


def test_b06_after_an_outage_each_level_has_its_true_instant():
    from sla.rules.clocks import advance

    story = Story("Mon 09:00", FIRST)
    levels = advance(story.first, when("Mon 16:00"))
    assert [(level.percent, level.reached_at) for level in levels] == [
        (80, when("Mon 12:12")),
        (100, when("Mon 13:00")),
        (120, when("Mon 13:48")),
    ]


def test_b07_nothing_is_told_after_the_answer():
    story = Story("Mon 10:00", FIRST).reply("Mon 15:00")
    assert story.monitor("Tue 10:00") == []


def test_b08_a_longer_target_takes_the_breach_back_and_is_counted():
    story = Story("Mon 10:00", FIRST)
    story.monitor("Mon 15:00")
    story.promised("Mon 15:00", LONG)
    assert story.first.breached_at is None
    assert story.first.due_at == when("Tue 10:00")
    assert (story.first.withdrawn_count, story.first.revision) == (1, 1)


def test_b08_a_target_that_is_not_long_enough_takes_nothing_back():
    story = Story("Mon 10:00", FIRST)
    story.monitor("Mon 16:30")
    story.promised("Mon 16:30", terms(first_response=5))
    assert story.first.breached_at == when("Mon 14:00")
    assert story.first.withdrawn_count == 0


def test_b08_a_pause_after_a_breach_at_closing_time_takes_nothing_back():
    story = Story("Mon 09:00", ROW)
    story.monitor("Wed 08:00")  # the breach at Tuesday 17:00
    story.status("Wed 08:30", "PENDING").status("Wed 08:45", "OPEN")
    assert story.resolution.breached_at == when("Tue 17:00")


@pytest.mark.parametrize("end", ["PENDING", "SOLVED", "CANCELLED"])
def test_b09_clocks_that_do_not_run_tell_nothing(end):
    story = Story("Mon 10:00", terms(resolution=16)).status("Mon 11:00", end)
    assert story.monitor("++Mon 10:00") == []
    assert story.resolution.next_action_at is None


def test_b09_without_a_promise_nothing_is_told():
    story = Story("Mon 10:00", FIRST).promised("Mon 11:00", {})
    assert story.first.state == ClockState.INACTIVE
    assert story.monitor("++Mon 10:00") == []
