"""Live and replay are the same: on every ticket of the demonstration, and on a draft that is what is in force."""

from __future__ import annotations

import pytest

from accounts.models import Tier
from accounts.seeding import create_customers, create_staff_users, seed_organizations
from accounts.services import change_organization
from common.actors import SYSTEM
from common.time import now
from sla import library
from sla.backtest import VERDICTS, add_to, compare, empty_result, journals
from sla.models import BackTest, Clock, SlaPolicy
from sla.replay import replay
from sla.services import change_policy, draft_policy, run_back_tests, run_monitor, start_back_test, work_off
from tickets.models import Ticket
from tickets.seeding import seed_tickets
from tickets.services import change_ticket, post_public_reply

# All but what a monitor adds, which passed levels when it happened to look: revision, reached_percent, detected_at.
COMPARED = (
    *("metric", "cycle", "state", "started_at", "banked_us", "running_since", "due_at", "breached_at", "stopped_at"),
    *("stopped_by", "withdrawn_count", "reopened_count", "history"),
)


@pytest.fixture
def demonstration(db) -> int:
    seed_organizations()
    create_staff_users()
    create_customers()
    return sum(ticket is not None for ticket in seed_tickets())


def stand(clock) -> dict:
    return {name: getattr(clock, name) for name in COMPARED}


def assert_live_is_replay() -> int:
    run_monitor(seconds=60)
    policies, at, compared = library.trial(), now(), 0
    for ticket, entries in journals(list(Ticket.objects.values_list("pk", flat=True))):
        replayed = replay(entries, policies, until=at)
        live = sorted(map(stand, Clock.objects.filter(ticket=ticket)), key=str)
        assert live == sorted(map(stand, replayed.clocks), key=str), ticket
        compared += len(live)
    return compared


def test_live_and_replay_agree_on_every_ticket_of_the_demonstration(demonstration, django_assert_max_num_queries):
    assert demonstration == Ticket.objects.count() >= 200
    assert assert_live_is_replay() > 200
    # and when more happens to them: other priorities, answers, another tier in the middle of it all
    agent = Ticket.objects.filter(assignee__isnull=False).first().assignee
    for ticket in Ticket.objects.open()[:20]:
        change_ticket(ticket, by=agent, priority="P2_HIGH", tags=["looked-at"])
    organization = Ticket.objects.open().filter(organization__tier=Tier.ENTERPRISE).first().organization
    change_organization(organization, tier=Tier.PROFESSIONAL, by=SYSTEM)
    work_off()
    for ticket in Ticket.objects.open()[:20]:
        post_public_reply(ticket, body="We are on it.", by=agent)
        change_ticket(ticket, by=agent, priority="P4_LOW", status="PENDING")
    assert_live_is_replay()
    _a_draft_like_what_is_in_force_changes_nothing()
    _a_stricter_draft_breaks_more(agent)
    with django_assert_max_num_queries(8):
        compare(
            list(Ticket.objects.values_list("pk", flat=True)), live=library.trial(), draft=library.trial(), until=now()
        )


def _copy_of(name: str, factor: float):
    policy = SlaPolicy.objects.get(name=name)
    version = policy.versions.get(number=1)
    targets = [
        {
            "priority": row.priority,
            "metric": row.metric,
            "minutes": max(1, round(row.minutes * factor)),
            "calendar": row.calendar,
        }
        for row in version.targets.all()
    ]
    return draft_policy(policy, targets=targets, steps=[], tiers=version.tiers, by=SYSTEM)


def _result_of(draft, **more) -> dict:
    result = empty_result()
    tickets = list(Ticket.objects.values_list("pk", flat=True))
    trial = library.trial(library.Drafts(policy=draft))
    add_to(result, compare(tickets, live=library.trial(), draft=trial, until=now()))
    return result


def _a_draft_like_what_is_in_force_changes_nothing():
    result = _result_of(_copy_of("Enterprise", 1))
    assert result["changed_count"] == 0
    assert result["totals"]["live"] == result["totals"]["draft"]


def _a_stricter_draft_breaks_more(agent):
    draft = _copy_of("Enterprise", 0.1)
    result = _result_of(draft)
    assert result["totals"]["draft"]["breached"] > result["totals"]["live"]["breached"]
    assert result["changed_count"] >= len(result["changed"]) > 0
    for group in ("priority", "team", "metric"):
        for arm in ("live", "draft"):
            counted = [sum(values[arm][word] for values in result[group].values()) for word in VERDICTS]
            assert counted == [result["totals"][arm][word] for word in VERDICTS]


def test_a_back_test_is_a_job_that_goes_on_where_it_stopped(ticket, sofia, agnes, monkeypatch):
    draft = _copy_of("Enterprise", 0.5)
    period = {"opened_from": ticket.created_at, "opened_until": now()}
    test = start_back_test(policy=draft, by=sofia, **period)
    assert run_back_tests(seconds=0) == 0
    assert run_back_tests() == 1
    test.refresh_from_db()
    assert (test.ticket_count, test.finished_at is not None) == (1, True)
    assert test.result["totals"]["live"]["pending"] == 2
    assert run_back_tests() == 0
    monkeypatch.setattr("sla.services.backtests.BATCH", 1)
    again = start_back_test(policy=draft, by=sofia, **period)
    run_back_tests()
    assert BackTest.objects.get(pk=again.pk).result == test.result


def test_a_back_test_outlives_its_draft_once_it_is_done(ticket, sofia):
    period = {"opened_from": ticket.created_at, "opened_until": now()}
    done = start_back_test(policy=_copy_of("Enterprise", 0.5), by=sofia, **period)
    run_back_tests()
    waiting = start_back_test(
        policy=SlaPolicy.objects.get(name="Enterprise").versions.get(number=None), by=sofia, **period
    )
    _copy_of("Enterprise", 0.7)  # takes the place of the draft that both try
    assert run_back_tests() == 0
    done.refresh_from_db()
    assert (done.policy, done.tried, done.arm) == (None, "Enterprise, draft", "the draft")
    assert not BackTest.objects.filter(pk=waiting.pk).exists()


def test_a_draft_is_tried_at_its_policys_place(ticket):
    policy = SlaPolicy.objects.get(name="Enterprise")
    draft = _copy_of("Enterprise", 0.5)
    change_policy(policy, is_active=False, by=SYSTEM)
    tried = library.trial(library.Drafts(policy=draft))(now())
    assert [one.name for one in tried] == ["Enterprise", "Professional"]
    assert [one.name for one in library.policies_at(now())] == ["Professional"]


def test_a_back_test_needs_a_draft_a_period_and_the_right(ticket, sofia, agnes):
    from common.errors import Invalid, NotAllowed

    draft = _copy_of("Enterprise", 0.5)
    with pytest.raises(NotAllowed):
        start_back_test(policy=draft, opened_from=ticket.created_at, opened_until=now(), by=agnes)
    with pytest.raises(Invalid):
        start_back_test(opened_from=ticket.created_at, opened_until=now(), by=sofia)
    with pytest.raises(Invalid):
        start_back_test(policy=draft, opened_from=now(), opened_until=ticket.created_at, by=sofia)
