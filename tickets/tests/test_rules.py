"""What is decided without the database, by table."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid, InvalidTransition
from tickets import rules
from tickets.rules import FieldRule, TriageWords
from tickets.vocabulary import MessageKind, Priority, Status

N, OP, P, H, S, C, X = (
    Status.NEW,
    Status.OPEN,
    Status.PENDING,
    Status.ON_HOLD,
    Status.SOLVED,
    Status.CLOSED,
    Status.CANCELLED,
)
ALLOWED = {
    N: {OP, P, H, S, C, X},
    OP: {P, H, S, C, X},
    P: {OP, H, S, C, X},
    H: {OP, P, S, C, X},
    S: {OP, C},
    C: set(),
    X: set(),
}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(Status, Status)))
def test_every_move_is_allowed_or_refused_by_name(old, new):
    if new in ALLOWED[old]:
        rules.check_move(old, new)
        return
    with pytest.raises(InvalidTransition) as refused:
        rules.check_move(old, new)
    assert old.label.lower() in refused.value.message
    assert new.label.lower() in refused.value.message
    assert set(refused.value.data["possible"]) == ALLOWED[old]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        *[(MessageKind.CUSTOMER_MESSAGE, old, new) for old, new in [(N, N), (OP, OP), (P, OP), (H, H), (S, OP)]],
        *[(MessageKind.PUBLIC_REPLY, old, new) for old, new in [(N, OP), (OP, OP), (P, P), (H, H), (S, S)]],
        *[(MessageKind.INTERNAL_NOTE, old, old) for old in Status],
    ],
)
def test_what_a_message_does_to_the_status(kind, before, after):
    assert rules.status_after_message(before, kind) == after


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("The server is DOWN!", ["down"], True),
        ("Cannot download", ["down"], False),
        ("a shutdown", ["down"], False),
        ("debug output", ["bug"], False),
        ("we see data\n  loss here", ["data loss"], True),
        ("datalossy", ["data loss"], False),
        ("c++ error", ["c++"], True),
        ("überdown", ["down"], False),
        ("anything", [], False),
        ("anything", ["", "  "], False),
        ("a.b", ["a?b"], False),
    ],
)
def test_whole_words_only(text, words, found):
    assert rules.has_any_word(text, words) is found


@given(st.text(), st.lists(st.text()))
def test_any_words_are_safe(text, words):
    rules.has_any_word(text, words)


def test_the_first_rule_that_matches_decides():
    first, second = TriageWords("a", ["down"], "P1_CRITICAL"), TriageWords("b", ["down", "slow"], "P2_HIGH")
    assert rules.triage("down", [first, second]) is first
    assert rules.triage("slow", [first, second]) is second
    assert rules.triage("fine", [first, second]) is None


@pytest.mark.parametrize("tier", ["COMMUNITY", "PROFESSIONAL", "ENTERPRISE"])
@pytest.mark.parametrize("priority", list(Priority))
def test_a_community_customer_asks_for_normal_at_most(priority, tier):
    is_lowered = tier == "COMMUNITY" and priority in ("P1_CRITICAL", "P2_HIGH")
    assert rules.within_tier(priority, tier) == ("P3_NORMAL" if is_lowered else priority)


FIELDS = [
    FieldRule("text", "Text", "TEXT"),
    FieldRule("number", "Number", "NUMBER"),
    FieldRule("yes", "Yes", "BOOLEAN"),
    FieldRule("day", "Day", "DATE"),
    FieldRule("one", "One", "CHOICE", ("a", "b")),
    FieldRule("many", "Many", "CHOICES", ("a", "b")),
    FieldRule("ours", "Ours", "TEXT", is_customer_editable=False),
]


def test_values_of_the_right_type_are_kept_and_empty_ones_dropped():
    values = {
        "text": "x",
        "number": 1.5,
        "yes": False,
        "day": "2026-02-08",
        "one": "a",
        "many": ["b", "a", "b"],
        "ours": "",
    }
    checked = rules.check_custom_fields(values, FIELDS, is_customer=False)
    assert checked == {"text": "x", "number": 1.5, "yes": False, "day": "2026-02-08", "one": "a", "many": ["a", "b"]}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("text", 1), ("text", "x" * 2001), ("text", ["x"]), ("number", "1"), ("number", True), ("number", 1e300)],
        *[
            ("yes", "true"),
            ("yes", 1),
            ("day", "2026-02-30"),
            ("day", "20260208"),
            ("day", 5),
            ("one", "c"),
            ("one", ["a"]),
        ],
        *[("many", "a"), ("many", ["c"]), ("many", [{}]), ("unknown", "x")],
    ],
)
def test_values_of_another_type_are_refused_by_field(key, value):
    with pytest.raises(Invalid) as refused:
        rules.check_custom_fields({key: value}, FIELDS, is_customer=False)
    assert refused.value.field == f"custom_fields.{key}"


def test_a_customer_does_not_know_the_agents_fields():
    with pytest.raises(Invalid) as refused:
        rules.check_custom_fields({"ours": "x"}, FIELDS, is_customer=True)
    assert refused.value.code == "unknown_field"


def test_a_required_field_is_named():
    rules.check_required_fields({"need": 0}, [FieldRule("need", "Need", "NUMBER", is_required=True)])
    with pytest.raises(Invalid, match="Need is needed") as refused:
        rules.check_required_fields({}, [FieldRule("need", "Need", "NUMBER", is_required=True)])
    assert refused.value.field == "custom_fields.need"
