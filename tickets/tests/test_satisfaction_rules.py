"""Who is asked and what can be rated, without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Conflict, Invalid
from tickets.satisfaction.reports import Figures
from tickets.satisfaction.rules import (
    Case,
    check_ratable,
    checked_rating,
    is_low,
    is_open_at,
    may_be_rated,
    percent,
    why_not_asked,
)
from tickets.satisfaction.vocabulary import FACES, WhyNot
from tickets.vocabulary import Status

SOLVED = Case(status=Status.SOLVED)
AT = dt.datetime(2026, 2, 9, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (SOLVED, None),
        (replace(SOLVED, status=Status.CLOSED), None),
        *((Case(status=status), WhyNot.UNSOLVED) for status in Status if status not in ("SOLVED", "CLOSED")),
        (replace(SOLVED, is_merged=True), WhyNot.MERGED),
        (replace(SOLVED, is_automatic=True), WhyNot.AUTOMATIC),
        (replace(SOLVED, is_blocked=True), WhyNot.BLOCKED),
        (replace(SOLVED, is_active=False), WhyNot.INACTIVE),
        (replace(SOLVED, is_mailed_status=False), WhyNot.UNWANTED),
        (replace(SOLVED, is_unreachable=True), WhyNot.UNREACHABLE),
        (replace(SOLVED, is_unreachable=True, is_merged=True), WhyNot.MERGED),
    ],
)
def test_why_nobody_is_asked(case, reason):
    assert why_not_asked(case) == reason


def test_what_can_be_rated():
    assert {status for status in Status if may_be_rated(status, is_merged=False)} == {Status.SOLVED, Status.CLOSED}
    assert not may_be_rated(Status.CLOSED, is_merged=True)
    for status, is_merged, is_rated, code in (
        (Status.SOLVED, False, True, "already_rated"),
        (Status.OPEN, False, True, "already_rated"),
        (Status.OPEN, False, False, "not_ratable"),
        (Status.CLOSED, True, False, "not_ratable"),
    ):
        with pytest.raises(Conflict) as refusal:
            check_ratable("ODG-1", status, is_merged=is_merged, is_rated=is_rated)
        assert refusal.value.code == code
    check_ratable("ODG-1", Status.CLOSED, is_merged=False, is_rated=False)


@pytest.mark.parametrize("rating", FACES)
def test_a_rating_is_one_of_the_faces(rating):
    assert checked_rating(rating) == rating
    assert is_low(rating) == (rating in (1, 2))


@pytest.mark.parametrize("rating", [0, 6, True, 2.5])
def test_nothing_else_is(rating):
    with pytest.raises(Invalid):
        checked_rating(rating)


def test_a_link_lives_so_many_days():
    day = dt.timedelta(days=1)
    assert is_open_at(AT, AT + 30 * day - dt.timedelta(microseconds=1), days=30)
    assert not is_open_at(AT, AT + 30 * day, days=30)
    assert not is_open_at(None, AT, days=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(FACES)), max_size=40), st.integers(0, 60))
def test_figures_are_those_of_the_ratings(ratings, sent):
    answered = min(sent, len(ratings))
    figures = Figures({rating: ratings.count(rating) for rating in FACES}, sent, answered)
    assert figures.total_responses == len(ratings)
    if ratings:
        assert figures.average_rating == round(sum(ratings) / len(ratings), 2)
        assert figures.csat_score == percent(sum(rating >= 4 for rating in ratings), len(ratings))
        assert 1 <= figures.average_rating <= 5
        assert 0 <= figures.csat_score <= 100
    else:
        assert figures.average_rating is figures.csat_score is None
    assert (figures.response_rate is None) == (sent == 0)
