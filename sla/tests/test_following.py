"""The clocks of live tickets: driven by the journal, in the transaction that records (rules M, T and B3)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import Tier
from accounts.services import change_organization, create_user
from common import context, journal
from common.actors import SYSTEM
from common.journal import Event
from sla.models import Clock, ClockEvent, Conversation
from sla.rules.clocks import elapsed_us
from sla.services import begin_maintenance, catch_up, end_maintenance, follow, plan_for_organization, work_off
from sla.vocabulary import ClockState, Metric, StoppedBy
from tickets.models import Ticket
from tickets.services import (
    add_internal_note,
    cancel_ticket,
    change_ticket,
    merge_tickets,
    open_ticket,
    post_customer_message,
    post_public_reply,
    reopen_ticket,
    solve_ticket,
)
from tickets.vocabulary import Channel, Status

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)  # Monday, 07:00 in New York
HOUR = 3_600_000_000


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def after(hours: float) -> dt.datetime:
    return NOON + dt.timedelta(hours=hours)


def opened(requester, *, by=None, priority="P1_CRITICAL", **more) -> Ticket:
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=by or requester,
        channel=Channel.WEB,
        priority=priority,
        at=more.pop("at", NOON),
        **more,
    )


def clock(ticket: Ticket, metric: str = Metric.FIRST_RESPONSE) -> Clock:
    return Clock.objects.filter(ticket=ticket, metric=metric).latest("cycle")


def test_an_enterprise_ticket_has_both_clocks_and_its_next_deadline(rita):
    ticket = opened(rita)
    assert clock(ticket).due_at == after(4)
    assert clock(ticket, Metric.RESOLUTION).due_at == after(24)
    ticket.refresh_from_db()
    assert ticket.next_due_at == after(4)


def test_a_professional_ticket_counts_office_hours(rita, aarlund):
    aarlund.tier = Tier.PROFESSIONAL
    aarlund.save()
    rita.refresh_from_db()
    assert clock(opened(rita)).due_at == dt.datetime(2026, 2, 9, 22, tzinfo=dt.UTC)  # eight hours from nine, New York


def test_t01_community_tickets_have_no_clock(mallory):
    ticket = opened(mallory)
    assert not Clock.objects.filter(ticket=ticket).exists()
    assert Conversation.objects.filter(ticket=ticket).exists()


def test_m01_a_call_typed_in_by_an_agent_is_the_customers_message(rita, agnes):
    assert clock(opened(rita, by=agnes)).started_at == NOON


def test_m02_and_m08_only_a_humans_public_reply_answers(rita, agnes):
    ticket = opened(rita)
    add_internal_note(ticket, body="Looks like the index.", by=agnes, at=after(1))
    post_public_reply(ticket, body="We got it.", by=agnes, is_automatic=True, at=after(1))
    assert clock(ticket).state == ClockState.RUNNING
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(2))
    assert (clock(ticket).state, clock(ticket).stopped_by) == (ClockState.STOPPED, StoppedBy.REPLY)
    assert clock(ticket).stopped_at == after(2)


def test_m08_an_agent_who_asks_for_help_is_a_customer_there(agnes, bruno, aarlund):
    agnes.organization = aarlund
    agnes.save()
    ticket = opened(agnes)
    post_public_reply(ticket, body="One more thing.", by=agnes, at=after(1))
    assert clock(ticket).state == ClockState.RUNNING
    post_public_reply(ticket, body="Done.", by=bruno, at=after(2))
    assert clock(ticket).state == ClockState.STOPPED


def test_m08_an_agent_who_writes_on_the_customers_page_is_on_our_side(rita, agnes):
    ticket = opened(rita)
    post_customer_message(ticket, body="I looked into it.", by=agnes, channel=Channel.WEB, at=after(1))
    assert clock(ticket).stopped_by == StoppedBy.REPLY


def test_m08_a_customers_automatic_message_starts_nothing(rita, agnes, policy_with_next_response):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(1))
    post_customer_message(
        ticket, body="I am on holiday.", by=rita, channel=Channel.EMAIL, is_automatic=True, at=after(2)
    )
    assert not Clock.objects.filter(ticket=ticket, metric=Metric.NEXT_RESPONSE).exists()
    post_customer_message(ticket, body="Still empty.", by=rita, channel=Channel.EMAIL, at=after(3))
    assert clock(ticket, Metric.NEXT_RESPONSE).started_at == after(3)


def test_m03_each_cycle_is_a_row(rita, agnes, policy_with_next_response):
    ticket = opened(rita)
    for n in (1, 3, 5):
        post_public_reply(ticket, body="Please try.", by=agnes, at=after(n))
        post_customer_message(ticket, body="Still empty.", by=rita, channel=Channel.WEB, at=after(n + 1))
    cycles = Clock.objects.filter(ticket=ticket, metric=Metric.NEXT_RESPONSE).order_by("cycle")
    assert [(row.cycle, row.state) for row in cycles] == [(1, "STOPPED"), (2, "STOPPED"), (3, "RUNNING")]


def test_m06_and_m07_pausing_solving_and_reopening(rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status=Status.PENDING, at=after(1))
    resolution = clock(ticket, Metric.RESOLUTION)
    assert (resolution.state, resolution.due_at) == (ClockState.PAUSED, None)
    post_customer_message(ticket, body="Here it is.", by=rita, channel=Channel.WEB, at=after(3))
    assert clock(ticket, Metric.RESOLUTION).due_at == after(26)
    solve_ticket(ticket, by=agnes, at=after(5))
    assert clock(ticket, Metric.RESOLUTION).banked_us == 3 * HOUR
    ticket.refresh_from_db()
    assert ticket.next_due_at is None
    reopen_ticket(ticket, by=agnes, at=after(10))
    assert clock(ticket, Metric.RESOLUTION).due_at == after(31)


def test_m09_reply_and_pending_at_one_instant(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please send the log.", by=agnes, at=after(1))
    change_ticket(ticket, by=agnes, status=Status.PENDING, priority="P2_HIGH", at=after(1))
    assert clock(ticket).breached_at is None
    assert clock(ticket, Metric.RESOLUTION).state == ClockState.PAUSED
    assert clock(ticket, Metric.RESOLUTION).target_us == 72 * HOUR


def test_m10_merged_and_cancelled_tickets_have_no_open_clock(rita, agnes):
    first, second = opened(rita), opened(rita)
    merge_tickets(first, into=second, by=agnes)
    assert {row.state for row in first.clocks.all()} == {ClockState.CANCELLED}
    assert {row.state for row in second.clocks.all()} == {ClockState.RUNNING}
    cancel_ticket(second, by=rita)
    assert {row.state for row in second.clocks.all()} == {ClockState.CANCELLED}


def test_m12_maintenance_is_told_by_the_room_that_knows_of_it(rita):
    ticket = opened(rita)
    begin_maintenance(ticket, window="Upgrade", by=SYSTEM, at=after(1))
    assert clock(ticket).state == ClockState.PAUSED
    end_maintenance(ticket, window="Upgrade", by=SYSTEM, at=after(2))
    assert clock(ticket).due_at == after(5)


def test_t02_a_priority_change_counts_what_is_used(rita, agnes):
    ticket = opened(rita, priority="P2_HIGH")
    assert clock(ticket).due_at == after(8)
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", at=after(1))
    assert clock(ticket).due_at == after(4)
    change_ticket(ticket, by=agnes, priority="P3_NORMAL", at=after(2))
    assert clock(ticket).due_at == after(24)
    assert clock(ticket).priority == "P3_NORMAL"


def test_t03_a_new_tier_counts_from_its_instant_in_the_new_calendar(rita, aarlund):
    ticket = opened(rita)
    with time_machine.travel(after(3), tick=False):
        change_organization(aarlund, by=SYSTEM, tier=Tier.PROFESSIONAL)
    with time_machine.travel(after(4), tick=False):  # the job comes later; the change counts from when it was made
        assert work_off() == 1
    row = clock(ticket)
    assert row.banked_us == 3 * HOUR
    assert row.due_at == dt.datetime(2026, 2, 9, 20, tzinfo=dt.UTC)  # five office hours more, from ten in New York
    assert row.tier == Tier.PROFESSIONAL


def test_t03_other_changes_of_an_organization_plan_nothing(aarlund):
    change_organization(aarlund, by=SYSTEM, name="Aarlund")
    event = Event.objects.filter(kind="organization.changed").latest("id")
    assert "tier" not in event.data["changes"]
    assert work_off() == 0
    assert plan_for_organization.__doc__


def test_t04_a_tier_without_promises_leaves_the_bank(rita, aarlund):
    ticket = opened(rita)
    change_organization(aarlund, by=SYSTEM, tier=Tier.COMMUNITY)
    work_off()
    assert clock(ticket).state == ClockState.INACTIVE
    change_organization(aarlund, by=SYSTEM, tier=Tier.ENTERPRISE)
    work_off()
    assert clock(ticket).due_at == after(4)


def test_t05_stopped_clocks_never_change(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(1))
    before = clock(ticket)
    change_ticket(ticket, by=agnes, priority="P4_LOW", at=after(2))
    after_change = clock(ticket)
    assert (before.target_us, before.priority, before.due_at) == (
        after_change.target_us,
        after_change.priority,
        after_change.due_at,
    )


def test_b03_a_late_answer_records_the_breach_with_the_answer(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Sorry.", by=agnes, at=after(5))
    row = clock(ticket)
    assert row.breached_at == after(4)
    event = ClockEvent.objects.get(clock=row)
    assert (event.threshold, event.reached_at, event.suppressed) == (100, after(4), True)
    recorded = journal.timeline(ticket).get(kind="sla.breached")
    assert recorded.data["is_answered"] is True


def test_b08_a_breach_taken_back_is_in_the_journal_with_its_actor(rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, priority="P3_NORMAL", at=after(6))
    row = clock(ticket)
    assert row.breached_at is None
    assert row.withdrawn_count == 1
    assert journal.timeline(ticket).get(kind="sla.breach_withdrawn").actor_id == agnes.pk


def test_r04_what_reports_slice_by_is_as_it_was_at_the_verdict(rita, agnes, bruno):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, team=agnes.teams.get(), at=after(5))  # late already
    assert clock(ticket).team_id is None
    change_ticket(ticket, by=agnes, priority="P2_HIGH", at=after(6))  # in time again, with a verdict still to come
    assert clock(ticket).withdrawn_count == 1
    assert clock(ticket).team_id == agnes.teams.get().pk
    assert clock(ticket, Metric.RESOLUTION).team_id == agnes.teams.get().pk


def test_a_ticket_older_than_its_promises_is_worked_out_from_its_journal(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=after(1))
    ticket.clocks.all().delete()
    Conversation.objects.all().delete()
    with time_machine.travel(after(10), tick=False):
        add_internal_note(ticket, body="A note moves nothing.", by=agnes)
        change_ticket(ticket, by=agnes, status=Status.ON_HOLD)
    assert not ticket.clocks.filter(metric=Metric.FIRST_RESPONSE).exists()
    assert clock(ticket, Metric.RESOLUTION).started_at == NOON
    assert clock(ticket, Metric.RESOLUTION).due_at == after(34)
    assert ticket.sla_conversation.quiet_until == after(10)
    assert catch_up.__doc__


def test_what_is_filled_in_from_the_past_stays_quiet(rita):
    with context.origin(context.Origin(is_backfill=True)):
        ticket = opened(rita, at=after(-100))
    assert ticket.sla_conversation.quiet_until == NOON


def test_following_costs_few_queries(rita, agnes, django_assert_max_num_queries):
    ticket = opened(rita)
    event = journal.timeline(ticket).get(kind="ticket.opened")
    with django_assert_max_num_queries(4):  # ticket, conversation, clocks, generation of the rulebook
        follow(event)


def test_the_share_is_worked_out_from_the_row(rita):
    assert elapsed_us(clock(opened(rita)), after(1)) == HOUR


def test_a_person_without_organization_is_promised_nothing(db):
    person = create_user(email="nobody@nowhere.example", name="Nobody", by=SYSTEM)
    assert opened(person).clocks.count() == 0
