"""Two orders made into one: what holds whatever the orders are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledgebase.search.fusion import OF_LONG, OF_SHORT, fuse, weight_of_meaning

KEYS = st.integers(1, 60)
BY_WORDS = st.lists(KEYS, unique=True, max_size=30)
ALIKE = st.dictionaries(KEYS, st.floats(-1, 1), max_size=30)
WORDS = st.integers(0, 60)


@given(BY_WORDS, ALIKE, WORDS)
def test_each_is_in_it_once_and_the_best_come_first(by_words, alike, count):
    fused = fuse(by_words, alike, word_count=count)
    assert fused.keys() == {*by_words, *alike}
    assert list(fused.values()) == sorted(fused.values(), reverse=True)
    assert all(score > 0 for score in fused.values())


@given(BY_WORDS, WORDS)
def test_without_vectors_the_order_by_words_stays(by_words, count):
    assert list(fuse(by_words, {}, word_count=count)) == by_words


@given(BY_WORDS, WORDS)
def test_two_orders_that_agree_stay_as_they_are(by_words, count):
    alike = {key: 1 - place / 100 for place, key in enumerate(by_words)}
    assert list(fuse(by_words, alike, word_count=count)) == by_words


@given(BY_WORDS, ALIKE, WORDS, KEYS)
def test_who_is_first_in_both_is_first(by_words, alike, count, key):
    fused = fuse([key, *(one for one in by_words if one != key)], {**alike, key: 2.0}, word_count=count)
    assert next(iter(fused)) == key


@given(WORDS, WORDS)
def test_meaning_counts_more_in_a_sentence(one, other):
    few, many = sorted((one, other))
    assert OF_SHORT <= weight_of_meaning(few) <= weight_of_meaning(many) <= OF_LONG
