"""What a back-test found, in rows and words."""

from __future__ import annotations

import pytest

from sla.models import BusinessCalendar, SlaPolicy
from sla.outcomes import arm_words, rows_of, sentence, totals_of, tried_words
from sla.tests.console import drafted_calendar, drafted_policy

pytestmark = pytest.mark.django_db


def result(live: int, draft: int) -> dict:
    totals = {arm: {"met": 10, "breached": count, "pending": 0} for arm, count in (("live", live), ("draft", draft))}
    return {"totals": totals, "priority": {"P4_LOW": totals, "P1_CRITICAL": totals}, "team": {"": totals, "99": totals}}


@pytest.mark.parametrize(
    ("live", "draft", "sentence_of_it", "difference"),
    [
        (18, 41, "Under the draft 41 promises would have been broken instead of 18.", "23 more"),
        (1800, 1, "Under the draft 1 promise would have been broken instead of 1,800.", "1,799 fewer"),
        (3, 0, "Under the draft no promise would have been broken instead of 3.", "3 fewer"),
        (3, 3, "Under the draft as many promises would have been broken as were: 3.", "none"),
        (0, 0, "Under the draft no promise would have been broken, and none was.", "none"),
    ],
)
def test_the_outcome_is_a_sentence(live, draft, sentence_of_it, difference):
    found = result(live, draft)
    assert sentence(found, arm="the draft") == sentence_of_it
    assert totals_of(found).difference == difference


def test_rows_are_in_the_order_people_know():
    found = result(1, 2)
    assert [row.name for row in rows_of(found, "priority")] == ["P1 Critical", "P4 Low"]
    assert [row.name for row in rows_of(found, "team")] == ["A team that is gone", "No team"]
    assert totals_of(found).live.kept_percent == 90.9


def test_what_was_tried_has_a_name():
    enterprise = SlaPolicy.objects.get(name="Enterprise")
    draft = drafted_policy(enterprise)
    calendar = drafted_calendar(BusinessCalendar.objects.get(name="Day and night"))
    first = enterprise.versions.get(number=1)
    assert tried_words(draft, None) == "Enterprise, draft"
    assert arm_words(draft, None) == "the draft"
    assert arm_words(draft, calendar) == "the drafts"
    assert arm_words(first, None) == "version 1"
    assert arm_words(first, calendar) == "the trial"
