"""Conditions: what is refused and where, how a tree is judged, and that SQL never leaves out what holds."""

import datetime as dt
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Team, User
from common.errors import Invalid
from common.time import now
from tickets import services
from tickets.automation.checking import custom_fields
from tickets.automation.conditions import check, evaluate, fields_used, leaves
from tickets.automation.facts import facts_of, narrowed, readable, spans
from tickets.automation.fields import FITTING, OPS
from tickets.automation.wording import VARIABLES, checked, filled
from tickets.models import Ticket
from tickets.rules import FieldRule
from tickets.vocabulary import Channel, Priority

CUSTOM = {"site": FieldRule("site", "Site", "TEXT")}
FACTS = {
    "status": "OPEN",
    "priority": "P2_HIGH",
    "assignee": [7, "away"],
    "team": "none",
    "tags": ["vip", "billing"],
    "subject": "Cannot download the report",
    "since_opened": 5.0,
    "until_due": -1.0,
    "since_solved": None,
    "custom_fields.site": "North",
    "event": "ticket.opened",
}


def leaf(field, op, value=None):
    return {"field": field, "op": op, "value": value}


def holds(*parts, join="all"):
    tree = check({join: list(parts)}, custom=CUSTOM)
    return evaluate(tree, FACTS.get, spans={"auto_close": 168.0, "auto_close_reminder": 120.0}).holds


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("status", "is", "OPEN", True),
        ("status", "is_not", "OPEN", False),
        ("status", "any_of", ["NEW", "OPEN"], True),
        ("status", "none_of", ["NEW", "OPEN"], False),
        ("priority", "at_least", "P3_NORMAL", True),
        ("priority", "at_least", "P1_CRITICAL", False),
        ("priority", "at_most", "P2_HIGH", True),
        ("assignee", "person_is", 7, True),
        ("assignee", "person_is", "away", True),
        ("assignee", "person_is_not", "nobody", True),
        ("team", "is", "none", True),
        ("tags", "has_any", ["vip", "other"], True),
        ("tags", "has_all", ["vip", "other"], False),
        ("tags", "has_none", ["other"], True),
        ("subject", "contains", ["load"], False),
        ("subject", "contains", ["the  REPORT"], True),
        ("subject", "contains_none", ["down"], True),
        ("since_opened", "longer_than", 4, True),
        ("since_opened", "shorter_than", 4, False),
        ("until_due", "less_than", 0, True),
        ("until_due", "more_than", -2.5, True),
        ("since_solved", "longer_than", "auto_close", False),
        ("since_solved", "shorter_than", 1, False),
        ("custom_fields.site", "value_is", "north", True),
        ("custom_fields.site", "is_set", None, True),
        ("custom_fields.site", "above", 3, False),
        ("event", "is", "ticket.opened", True),
    ],
)
def test_each_comparison(field, op, value, expected):
    assert holds(leaf(field, op, value)) is expected


def test_groups_nest_and_the_verdict_tells_every_part():
    tree = check({"all": [leaf("status", "is", "OPEN"), {"any": [leaf("team", "is", 3), leaf("team", "is", "none")]}]})
    verdict = evaluate(tree, FACTS.get)
    assert verdict.holds
    first, group = verdict.parts
    assert (first.path, first.seen, first.wanted, first.holds) == ("all[0]", "OPEN", "OPEN", True)
    assert [(part.path, part.holds) for part in group.parts] == [("all[1].any[0]", False), ("all[1].any[1]", True)]


def test_nothing_asked_holds_always_and_any_of_nothing_is_the_same():
    assert holds()
    assert check({"any": []}) == {"all": []}


DEEP = {"all": [{"any": [{"all": [{"any": [{"all": [leaf("status", "is", "OPEN")]}]}]}]}]}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ("x", "all"),
        ({}, "all"),
        ({"all": [], "any": []}, "all"),
        ({"all": "x"}, "all"),
        (leaf("status", "is", "OPEN"), "field"),
        ({"all": [{"any": []}]}, "all[0].any"),
        ({"all": [leaf("status", "is", "OPEN"), leaf("status", "is", "GONE")]}, "all[1].value"),
        ({"all": [leaf("status", "contains", ["x"])]}, "all[0].op"),
        ({"all": [leaf("mood", "is", "x")]}, "all[0].field"),
        ({"all": [leaf(["status"], "is", "x")]}, "all[0].field"),
        ({"all": [{**leaf("status", "is", "OPEN"), "then": 1}]}, "all[0].then"),
        ({"all": [{"any": [leaf("since_opened", "longer_than", "soon")]}]}, "all[0].any[0].value"),
        ({"all": [leaf("since_opened", "longer_than", float("nan"))]}, "all[0].value"),
        ({"all": [leaf("since_opened", "longer_than", True)]}, "all[0].value"),
        ({"all": [leaf("tags", "has_any", [])]}, "all[0].value"),
        ({"all": [leaf("team", "is", "Alpha")]}, "all[0].value"),
        ({"all": [leaf("custom_fields.mood", "is_set")]}, "all[0].field"),
        ({"all": [leaf("status", "any_of", "OPEN")]}, "all[0].value"),
        ({"any": [DEEP]}, "any[0].all[0].any[0].all[0].any[0].all"),
        ({"all": [leaf("status", "is", "OPEN")] * 51}, "all"),
    ],
)
def test_a_bad_tree_is_refused_where_it_is_bad(tree, path):
    with pytest.raises(Invalid) as refused:
        check(tree, custom=CUSTOM)
    assert refused.value.field == path


def test_five_levels_are_taken():
    assert fields_used(check(DEEP)) == {"status"}


def test_a_rule_on_time_cannot_ask_for_the_event():
    with pytest.raises(Invalid) as refused:
        check({"all": [leaf("event", "is", "ticket.opened")]}, has_event=False)
    assert refused.value.field == "all[0].field"


def test_every_comparison_fits_some_field():
    assert {op for ops in FITTING.values() for op in ops} == set(OPS)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["status", "is"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "field", "op", "value"]) | st.text(max_size=3), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(anything)
def test_whatever_comes_is_taken_or_refused_in_words(tree):
    try:
        taken = check(tree)
    except Invalid:
        return
    assert check(taken) == taken


# --- against the database ---------------------------------------------------------------------------------------------

hours = st.sampled_from([0.5, 1, 30, 50, 100, 1000])
LEAVES = st.one_of(
    st.builds(leaf, st.just("status"), st.sampled_from(["any_of", "none_of"]), st.just(["NEW", "SOLVED"])),
    st.builds(leaf, st.just("priority"), st.sampled_from(["at_least", "at_most", "is_not"]), st.sampled_from(Priority)),
    st.builds(
        leaf, st.just("assignee"), st.sampled_from(FITTING["person"]), st.sampled_from(["nobody", "away", 1, 2, 3])
    ),
    st.builds(leaf, st.just("team"), st.sampled_from(["is", "is_not"]), st.sampled_from(["none", 1, 2])),
    st.builds(leaf, st.just("tier"), st.sampled_from(["is", "is_not"]), st.sampled_from(["none", "ENTERPRISE"])),
    st.builds(leaf, st.just("environment"), st.sampled_from(["is", "is_not"]), st.sampled_from(["none", "STAGING"])),
    st.builds(leaf, st.just("product_area"), st.sampled_from(["is", "is_not"]), st.sampled_from(["none", "LINEAGE"])),
    st.builds(
        leaf,
        st.just("tags"),
        st.sampled_from(FITTING["labels"]),
        st.lists(st.sampled_from(["vip", "billing"]), min_size=1, max_size=2),
    ),
    st.builds(leaf, st.just("subject"), st.sampled_from(FITTING["text"]), st.just(["graph"])),
    st.builds(
        leaf,
        st.sampled_from(
            [
                *("since_opened", "since_updated", "since_customer_message", "since_public_reply", "since_solved"),
                "since_assigned",
            ]
        ),
        st.sampled_from(FITTING["ago"]),
        hours,
    ),
    st.builds(leaf, st.just("until_due"), st.sampled_from(FITTING["hours"]), hours),
)
TREES = st.recursive(
    st.builds(lambda parts: {"all": parts}, st.lists(LEAVES, min_size=1, max_size=3)),
    lambda inner: st.builds(
        lambda join, parts: {join: parts},
        st.sampled_from(["all", "any"]),
        st.lists(inner | LEAVES, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@pytest.fixture
def many(rita, mallory, agnes, bruno):
    """Four tickets that differ in all that conditions ask for."""
    at = now() - dt.timedelta(hours=60)
    User.objects.filter(pk=bruno.pk).update(availability="AWAY")

    def one(subject, by, **more):
        return services.open_ticket(
            subject=subject, description="d", requester=by, by=by, channel=Channel.WEB, at=at, **more
        )

    one("Lineage graph", rita, tags=["vip"])
    second = one("Empty", mallory, tags=["vip", "billing"], environment="STAGING", priority=Priority.P4_LOW)
    services.change_ticket(second, by=agnes, assignee=bruno, team=Team.objects.first())
    third = one("Graph", rita)
    services.post_public_reply(third, body="Done.", by=agnes, at=at + dt.timedelta(hours=25))
    services.solve_ticket(third, by=agnes, at=at + dt.timedelta(hours=26))
    services.set_next_due(one("Later", mallory).pk, now() + dt.timedelta(hours=2))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
@example(
    tree={
        "any": [
            {"field": "tier", "op": "is_not", "value": "none"},
            {"field": "tier", "op": "is_not", "value": "ENTERPRISE"},
        ]
    }
)
def test_sql_lets_through_what_holds(many, tree):
    tree, at = check(tree), now()
    every = readable(Ticket.objects.all(), fields_used(tree))
    held = {row.pk for row in every if evaluate(tree, facts_of(row, at=at), spans=spans()).holds}
    found = set(Ticket.objects.filter(narrowed(tree, at=at)).values_list("pk", flat=True))
    assert held <= found
    if not {"subject", "message"} & {one["field"] for one in leaves(tree)}:
        assert held == found


def test_who_is_back_from_an_absence_that_ended_is_not_away(many, bruno):
    tree = check({"all": [{"field": "assignee", "op": "person_is", "value": "away"}]})
    found = Ticket.objects.filter(narrowed(tree, at=now()))
    assert found.get().assignee == bruno
    User.objects.filter(pk=bruno.pk).update(away_until=now() - dt.timedelta(hours=1))
    assert not Ticket.objects.filter(narrowed(tree, at=now())).exists()
    ticket = readable(Ticket.objects.filter(assignee=bruno), ["assignee"]).get()
    assert not evaluate(tree, facts_of(ticket, at=now())).holds


def test_facts_of_many_tickets_are_read_in_two_queries(many, django_assert_num_queries):
    names = ["since_customer_message", "since_public_reply", "since_assigned", "message", "tags", "tier", "assignee"]
    with django_assert_num_queries(2):
        rows = [facts_of(row, at=now()) for row in readable(Ticket.objects.all(), names)]
        seen = [[facts(name) for name in names] for facts in rows]
    assert len(seen) == 4
    assert {row[3] for row in seen} == {"d", "Done."}


def test_custom_fields_that_are_off_are_not_known(db):
    assert set(custom_fields()) == {"severity"}


# --- texts ------------------------------------------------------------------------------------------------------------


def test_texts_take_known_variables_alone():
    values = {**dict.fromkeys(VARIABLES, ""), "requester.first_name": "*[Rita](http://x)", "ticket.reference": "ODG-1"}
    text = checked("Hello {{requester.first_name}}, on {{ ticket.reference }}: {hello}", field="body")
    assert filled(text, values) == r"Hello \*\[Rita\](http://x), on ODG-1: {hello}"


@pytest.mark.parametrize(
    "text", ["{{ settings.SECRET_KEY }}", "{{ ticket.reference|upper }}", "{{", "{% load x %}", "{{}}", "  ", None, 3]
)
def test_anything_else_in_a_text_is_refused(text):
    with pytest.raises(Invalid) as refused:
        checked(text, field="reply")
    assert refused.value.field == "reply"


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=string.printable, max_size=60))
def test_a_text_that_is_taken_can_always_be_filled(text):
    try:
        taken = checked(text, field="body")
    except Invalid:
        return
    filled(taken, VARIABLES)
