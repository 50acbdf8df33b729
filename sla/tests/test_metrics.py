"""What starts, pauses and stops each clock: the rules M1 to M12 of docs/sla.md."""

from __future__ import annotations

import pytest

from sla.rules.book import Opening
from sla.rules.clocks import elapsed_us
from sla.tests.story import HOUR, MINUTE, OFFICE, ROUND_THE_CLOCK, Story, promise, terms, when
from sla.vocabulary import ClockState, Metric, StoppedBy

BOTH = terms(first_response=4, resolution=16)
ALL = terms(first_response=4, next_response=4, resolution=16)


def test_m01_first_response_starts_when_the_customer_writes():
    story = Story("Mon 10:00", BOTH)
    assert story.first.started_at == when("Mon 10:00")
    assert story.first.due_at == when("Mon 14:00")


def test_m01_outside_the_hours_the_clock_runs_and_gains_nothing():
    story = Story("Mon 20:00", BOTH)
    assert story.first.state == ClockState.RUNNING
    assert story.first.started_at == when("Mon 20:00")
    assert elapsed_us(story.first, when("Tue 09:00")) == 0
    assert story.first.due_at == when("Tue 13:00")


def test_m01_a_ticket_that_we_open_has_no_first_response_and_the_answer_starts_the_next():
    story = Story("Mon 10:00", ALL, Opening.OUTBOUND)
    assert story.all("first_response") == []
    story.customer("Mon 11:00")
    assert story.all("first_response") == []
    assert story.one("next_response").due_at == when("Mon 15:00")


def test_m01_after_an_internal_opening_the_first_message_starts_it():
    story = Story("Mon 10:00", ALL, Opening.INTERNAL)
    assert story.all("first_response") == []
    story.customer("Mon 12:00")
    assert story.first.started_at == when("Mon 12:00")


def test_m01_after_an_internal_opening_our_own_first_word_leaves_nothing_to_answer():
    story = Story("Mon 10:00", ALL, Opening.INTERNAL).reply("Mon 11:00").customer("Mon 12:00")
    assert story.all("first_response") == []
    assert story.one("next_response").started_at == when("Mon 12:00")


def test_m02_a_reply_stops_it_once_and_for_all():
    story = Story("Mon 10:00", BOTH).reply("Mon 11:00").customer("Mon 12:00").reply("Mon 13:00")
    assert (story.first.state, story.first.stopped_by) == (ClockState.STOPPED, StoppedBy.REPLY)
    assert story.first.stopped_at == when("Mon 11:00")
    assert story.first.banked_us == HOUR


@pytest.mark.parametrize("status", ["SOLVED", "CLOSED"])
def test_m02_being_solved_without_an_answer_stops_it_and_says_so(status):
    story = Story("Mon 10:00", BOTH).status("Mon 12:00", status)
    assert story.first.stopped_by == StoppedBy.RESOLUTION
    assert story.first.breached_at is None


def test_m03_next_response_starts_at_the_oldest_unanswered_message():
    story = Story("Mon 10:00", ALL).customer("Mon 10:30")
    assert story.all("next_response") == []  # the first response still runs
    story.reply("Mon 11:00").customer("Mon 12:00").customer("Mon 14:00")
    assert story.one("next_response").started_at == when("Mon 12:00")
    assert story.one("next_response").due_at == when("Mon 16:00")


def test_m03_each_start_is_a_cycle_with_a_verdict_of_its_own():
    story = Story("Mon 10:00", ALL).reply("Mon 10:10").customer("Mon 10:20").reply("Tue 10:00")
    story.customer("Tue 11:00").reply("Tue 11:05")
    late, kept = story.all("next_response")
    assert (late.cycle, kept.cycle) == (1, 2)
    assert late.breached_at == when("Mon 14:20")
    assert kept.breached_at is None


@pytest.mark.parametrize("status", ["SOLVED", "CLOSED"])
def test_m04_being_solved_stops_the_next_response(status):
    story = Story("Mon 10:00", ALL).reply("Mon 10:10").customer("Mon 10:20").status("Mon 11:00", status)
    assert story.one("next_response").stopped_by == StoppedBy.RESOLUTION
    assert story.one("next_response").banked_us == 40 * MINUTE


def test_m05_resolution_stops_when_first_solved_and_closing_moves_nothing():
    story = Story("Mon 10:00", BOTH).status("Mon 12:00", "SOLVED").status("Fri 12:00", "CLOSED")
    assert story.resolution.stopped_at == when("Mon 12:00")
    assert story.resolution.banked_us == 2 * HOUR


def test_m05_closing_what_was_never_solved_stops_it():
    assert Story("Mon 10:00", BOTH).status("Mon 12:00", "CLOSED").resolution.stopped_at == when("Mon 12:00")


def test_m05_from_pending_straight_to_solved_the_pause_stays_excluded():
    story = Story("Mon 10:00", BOTH).status("Mon 11:00", "PENDING").status("+Mon 12:00", "SOLVED")
    assert story.resolution.banked_us == HOUR
    assert story.resolution.breached_at is None


def test_m06_resolution_pauses_while_we_wait_for_the_customer_and_responses_do_not():
    story = Story("Mon 10:00", BOTH).status("Mon 11:00", "PENDING")
    assert story.resolution.state == ClockState.PAUSED
    assert story.resolution.due_at is None
    assert story.first.state == ClockState.RUNNING
    story.status("Tue 09:00", "OPEN")
    assert story.resolution.due_at == when("Wed 16:00")


def test_m06_on_hold_pauses_only_where_the_policy_says_so():
    assert Story("Mon 10:00", BOTH).status("Mon 11:00", "ON_HOLD").resolution.state == ClockState.RUNNING
    wide = {"RESOLUTION": promise("RESOLUTION", 16, pause_statuses=frozenset({"PENDING", "ON_HOLD"}))}
    story = Story("Mon 10:00", wide).status("Mon 11:00", "ON_HOLD").status("Mon 12:00", "PENDING")
    assert story.resolution.state == ClockState.PAUSED
    assert story.status("Mon 13:00", "OPEN").resolution.banked_us == HOUR


def test_m06_a_pause_outside_the_hours_costs_nothing():
    story = Story("Mon 10:00", BOTH).status("Mon 18:00", "PENDING").status("Tue 08:00", "OPEN")
    assert story.resolution.due_at == when("Wed 10:00")


def test_m07_reopened_the_same_clock_goes_on_without_a_fresh_target():
    story = Story("Mon 10:00", BOTH).reply("Mon 10:30").status("Mon 12:00", "SOLVED").status("Wed 09:00", "OPEN")
    assert story.resolution.state == ClockState.RUNNING
    assert story.resolution.due_at == when("Thu 15:00")  # 16 h less the two of Monday
    assert story.resolution.reopened_count == 1
    assert story.first.state == ClockState.STOPPED


def test_m07_a_recorded_breach_stays_when_reopened():
    story = Story("Mon 10:00", BOTH).status("Thu 09:00", "SOLVED").status("Thu 10:00", "OPEN")
    assert story.resolution.breached_at == when("Wed 10:00")
    assert story.status("Thu 11:00", "SOLVED").resolution.breached_at == when("Wed 10:00")


def test_m09_a_reply_and_pending_at_one_instant_stop_the_one_and_pause_the_other():
    story = Story("Mon 10:00", BOTH).reply("Mon 11:00").status("Mon 11:00", "PENDING")
    assert story.first.stopped_at == when("Mon 11:00")
    assert story.resolution.state == ClockState.PAUSED
    assert story.resolution.banked_us == HOUR


def test_m10_withdrawn_cancels_what_is_open_and_keeps_what_was_broken():
    story = Story("Mon 10:00", BOTH).withdrawn("Mon 15:00")
    assert {clock.state for clock in story.clocks} == {ClockState.CANCELLED}
    assert story.first.breached_at == when("Mon 14:00")
    assert story.resolution.breached_at is None
    assert story.monitor("+Mon 10:00") == []


def test_m10_a_cancelled_ticket_cancels_its_clocks():
    assert Story("Mon 10:00", BOTH).status("Mon 11:00", "CANCELLED").resolution.state == ClockState.CANCELLED


REGULAR = terms(first_response=4, periodic_update=8, resolution=40)


def test_m11_updates_start_with_the_first_reply_and_each_reply_is_a_new_cycle():
    story = Story("Mon 10:00", REGULAR)
    assert story.all("periodic_update") == []
    story.reply("Mon 11:00").reply("Tue 10:00")
    kept, running = story.all("periodic_update")
    assert (kept.stopped_by, kept.breached_at) == (StoppedBy.REPLY, None)
    assert running.due_at == when("Wed 10:00")


def test_m11_updates_pause_like_resolution_and_end_with_it():
    story = Story("Mon 10:00", REGULAR).reply("Mon 11:00").status("Mon 12:00", "PENDING")
    assert story.one("periodic_update").state == ClockState.PAUSED
    story.status("Tue 09:00", "OPEN")
    assert story.one("periodic_update").due_at == when("Tue 16:00")
    story.status("Tue 10:00", "SOLVED")
    assert story.one("periodic_update").stopped_by == StoppedBy.RESOLUTION


def test_m11_a_reopened_ticket_is_to_be_heard_of_again():
    story = Story("Mon 10:00", REGULAR).reply("Mon 11:00").status("Mon 12:00", "SOLVED").status("Tue 09:00", "OPEN")
    assert story.all("periodic_update")[-1].started_at == when("Tue 09:00")


def honouring(is_honoured: bool):
    return {
        metric: promise(metric, hours, ROUND_THE_CLOCK, honours_maintenance=is_honoured)
        for metric, hours in ((Metric.FIRST_RESPONSE, 4), (Metric.RESOLUTION, 24))
    }


def test_m12_maintenance_pauses_every_clock_of_a_policy_that_honours_it():
    story = Story("Mon 10:00", honouring(True)).maintenance("Mon 11:00", is_on=True)
    assert {clock.state for clock in story.clocks} == {ClockState.PAUSED}
    story.maintenance("Mon 13:00", is_on=False)
    assert story.first.due_at == when("Mon 16:00")
    assert story.resolution.due_at == when("Tue 12:00")


def test_m12_a_policy_that_does_not_honour_it_runs_on():
    story = Story("Mon 10:00", honouring(False)).maintenance("Mon 11:00", is_on=True)
    assert story.first.due_at == when("Mon 14:00")


def test_m12_of_two_windows_the_last_end_counts_and_waiting_goes_on_after_it():
    story = Story("Mon 10:00", honouring(True)).maintenance("Mon 11:00", is_on=True)
    story.maintenance("Mon 11:30", is_on=True).maintenance("Mon 12:00", is_on=False)
    assert story.first.state == ClockState.PAUSED
    story.status("Mon 12:30", "PENDING").maintenance("Mon 13:00", is_on=False)
    assert story.first.state == ClockState.RUNNING
    assert story.resolution.state == ClockState.PAUSED
    assert [entry["why"] for entry in story.resolution.history] == ["", "MAINTENANCE", "WAITING"]


def test_clocks_that_disagree_never_count_a_time_twice():
    """Two machines' clocks may differ: an event that claims to lie before the last one happens with it."""
    story = Story("Mon 10:00", BOTH).status("Mon 12:00", "PENDING").status("Mon 11:00", "OPEN")
    assert story.status("Mon 13:00", "PENDING").resolution.banked_us == 3 * HOUR


def test_nothing_promised_nothing_measured():
    assert Story("Mon 10:00", {}).reply("Mon 11:00").customer("Mon 12:00").status("Mon 13:00", "SOLVED").clocks == []


def test_office_hours_are_those_of_the_calendar():
    assert OFFICE.timetable.elapsed(when("Mon 00:00"), when("+Mon 00:00")) == 40 * HOUR
