"""Every deadline unfolds into what counted and what did not, and the counted part is the target."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.rules.clocks import elapsed_us
from sla.rules.explanation import deadline_of, stretches, unfold
from sla.rules.hours import read_hours
from sla.rules.promises import Calendar
from sla.rules.timetable import Reason, Timetable
from sla.tests.story import HOUR, OFFICE, ROUND_THE_CLOCK, Story, promise, terms, when

OFFICE_WITH_LUNCH = Calendar(
    3,
    Timetable(
        read_hours(
            {
                "tz": "America/New_York",
                "weekly": {
                    day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
                },
                "special_days": [{"date": "2026-02-12", "hours": [], "name": "Lincoln's Birthday"}],
            }
        )
    ),
    "Office",
    3,
)
CALENDARS = {calendar.key: calendar.timetable for calendar in (OFFICE, ROUND_THE_CLOCK, OFFICE_WITH_LUNCH)}


def lines(story: Story, until: str | None = None, metric: str = "resolution"):
    clock = story.one(metric)
    end = when(until) if until else deadline_of(clock, when("Mon 10:00"))
    return [
        (f"{one.start:%a %H:%M}", f"{one.end:%a %H:%M}", one.words)
        for one in stretches(unfold(clock, end, CALENDARS.__getitem__))
    ]


def test_a_deadline_after_a_weekend():
    story = Story("Fri 16:00", terms(resolution=2))
    assert lines(story) == [
        ("Fri 16:00", "Fri 17:00", "counted"),
        ("Fri 17:00", "Mon 09:00", "weekend"),
        ("Mon 09:00", "Mon 10:00", "counted"),
    ]


def test_nights_are_named_only_where_nothing_else_closes():
    assert lines(Story("Mon 16:00", terms(resolution=2)))[1] == ("Mon 17:00", "Tue 09:00", "night")


def test_a_holiday_is_named():
    story = Story("Wed 21:00", terms(OFFICE_WITH_LUNCH, resolution=2))  # 16:00 in New York
    assert lines(story) == [
        ("Wed 21:00", "Wed 22:00", "counted"),
        ("Wed 22:00", "Fri 14:00", "Lincoln's Birthday"),
        ("Fri 14:00", "Fri 15:00", "counted"),
    ]


def test_waiting_maintenance_and_being_solved_are_named():
    honouring = {"RESOLUTION": promise("RESOLUTION", 24, ROUND_THE_CLOCK, honours_maintenance=True)}
    story = Story("Mon 10:00", honouring).status("Mon 11:00", "PENDING").status("Mon 12:00", "OPEN")
    story.maintenance("Mon 13:00", is_on=True).maintenance("Mon 14:00", is_on=False)
    story.status("Mon 15:00", "SOLVED").status("Mon 16:00", "OPEN")
    assert [words for _, _, words in lines(story)] == [
        "counted",
        "waiting for the customer",
        "counted",
        "maintenance",
        "counted",
        "solved",
        "counted",
    ]


def test_time_without_a_promise_is_named():
    story = Story("Mon 10:00", terms(resolution=8)).promised("Mon 11:00", {}).promised("Mon 12:00", terms(resolution=8))
    assert [words for _, _, words in lines(story)][:3] == ["counted", "nothing was promised", "counted"]


def test_what_is_late_is_explained_to_now_and_what_is_over_to_its_end():
    late = Story("Mon 10:00", terms(resolution=2))
    late.monitor("Mon 15:00")
    assert deadline_of(late.resolution, when("Mon 15:00")) == when("Mon 15:00")
    assert deadline_of(Story("Mon 10:00", terms(resolution=2)).resolution, when("Mon 10:30")) == when("Mon 12:00")
    waiting = Story("Mon 10:00", terms(resolution=2)).status("Mon 10:30", "PENDING")
    assert deadline_of(waiting.resolution, when("Mon 11:00")) == when("Mon 11:00")
    assert deadline_of(waiting.status("Mon 12:00", "SOLVED").resolution, when("Fri 12:00")) == when("Mon 12:00")


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3 * 24 * 3600 * 10**6),
        st.sampled_from(["PENDING", "OPEN", "ON_HOLD", "SOLVED", "on", "off", "short", "long", "none", "other"]),
    ),
    max_size=8,
)
TERMS = {
    "short": terms(OFFICE_WITH_LUNCH, resolution=5),
    "long": terms(OFFICE_WITH_LUNCH, resolution=50),
    "other": terms(ROUND_THE_CLOCK, resolution=30),
    "none": {},
}


def live_through(steps) -> tuple[Story, dt.datetime]:
    """Let a ticket go through `steps`: microseconds after the one before, and what happens then."""
    honouring = {"RESOLUTION": promise("RESOLUTION", 20, OFFICE_WITH_LUNCH, honours_maintenance=True)}
    story, at = Story("Mon 10:00", honouring), when("Mon 10:00")
    for wait, deed in steps:
        at += dt.timedelta(microseconds=wait)
        if deed in TERMS:
            story.terms = TERMS[deed]
            story.book.terms_changed(at, story.terms)
        elif deed in ("on", "off"):
            story.book.maintenance_changed(at, is_on=deed == "on")
        elif deed != story.talk.status and not (story.talk.status == "SOLVED" and deed in ("PENDING", "ON_HOLD")):
            story.book.status_changed(at, deed, story.terms)
    return story, at


@given(STEPS, st.integers(0, 10 * 24 * 3600 * 10**6))
def test_what_counted_is_what_the_clock_counts_and_no_time_is_missing(steps, wait):
    story, at = live_through(steps)
    until = at + dt.timedelta(microseconds=wait)
    for clock in story.clocks:
        segments = unfold(clock, until, CALENDARS.__getitem__)
        assert sum(one.microseconds for one in segments if one.is_counted) == elapsed_us(clock, until)
        assert all(first.end == second.start for first, second in pairwise(segments))
        if segments:
            assert (segments[0].start, segments[-1].end) == (when("Mon 10:00"), until)
        shown = stretches(segments)
        assert sum(one.microseconds for one in shown) == sum(one.microseconds for one in segments)


@given(STEPS)
def test_a_deadline_in_time_unfolds_into_exactly_its_target(steps):
    story, _at = live_through(steps)
    for clock in story.clocks:
        if clock.state == "RUNNING" and clock.breached_at is None:
            segments = unfold(clock, clock.due_at, CALENDARS.__getitem__)
            assert sum(one.microseconds for one in segments if one.is_counted) == clock.promise.target_us


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason):
    from sla.rules.explanation import WORDS

    assert WORDS[reason]


def test_a_long_promise_is_told_in_hours_of_its_calendar():
    story = Story("Mon 10:00", terms(resolution=80))
    assert sum(one == "counted" for *_, one in lines(story)) == 11
    assert story.resolution.promise.target_us == 80 * HOUR
