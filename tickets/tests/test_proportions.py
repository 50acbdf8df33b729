"""Intervals of shares and of their difference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.deflection.proportions import difference, needed, wilson


@st.composite
def shares(draw):
    total = draw(st.integers(1, 100_000))
    return draw(st.integers(0, total)), total


@pytest.mark.parametrize(
    ("counts", "expected"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_published_examples(counts, expected):
    assert difference(*counts) == pytest.approx(expected, abs=0.0001)


@given(shares(), shares())
def test_difference_is_in_its_interval_and_turns_with_its_sign(one, other):
    low, high = difference(*one, *other)
    middle = one[0] / one[1] - other[0] / other[1]
    assert -1 - 1e-9 <= low <= middle + 1e-9
    assert middle - 1e-9 <= high <= 1 + 1e-9
    assert difference(*other, *one) == pytest.approx((-high, -low))


@given(shares())
def test_share_is_in_its_interval(share):
    low, high = wilson(*share)
    assert 0 <= low <= share[0] / share[1] <= high <= 1


@given(shares(), shares(), st.integers(2, 50))
def test_more_cases_tell_more(one, other, times):
    low, high = difference(*one, *other)
    nearer, further = difference(*(count * times for count in (*one, *other)))
    assert further - nearer < high - low


def test_nothing_tells_nothing():
    assert wilson(0, 0) == (0.0, 1.0)
    assert difference(0, 0, 3, 5) == (-1.0, 1.0) == difference(3, 5, 0, 0)


@given(st.floats(0, 1), st.floats(0.01, 0.99))
def test_smaller_differences_need_more_cases(share, part):
    counts = [needed(share, part=part, apart=apart) for apart in (0.4, 0.2, 0.1, 0.05)]
    assert counts == sorted(counts)
    assert counts[0] > 0


def test_needed_is_the_usual_formula():
    # 289 and 289 tell half from 0.615 in 80 of 100 cases; a small part set aside needs many more.
    assert needed(0.5, part=0.5, apart=0.115) == pytest.approx(578, abs=1)
    assert needed(0.5, part=0.05, apart=0.1) > 4 * needed(0.5, part=0.5, apart=0.1)
