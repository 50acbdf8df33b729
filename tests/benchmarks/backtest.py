"""How long a back-test of many tickets takes: `script/benchmark backtest --tickets 100000`.

Makes a portal of its own in a throw-away folder (or on DATABASE_URL), fills it with tickets and their journals, and
runs them through what is in force and through a draft that promises half the time. Judges nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import tempfile
from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from common.journal import Event
    from sla.library import PoliciesAt
    from sla.models import PolicyVersion

BATCH = 500
STATUSES = ("PENDING", "OPEN", "ON_HOLD")
PRIORITIES = (("P1_CRITICAL", "P2_HIGH", "P3_NORMAL", "P4_LOW"), (5, 15, 60, 20))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--profile", action="store_true", help="Print which functions the time goes to.")
    options = parser.parse_args()
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-benchmark-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "supportportal.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    started = perf_counter()
    ids = fill(options.tickets)
    print(f"{len(ids):,} tickets filled in within {perf_counter() - started:.0f} s")
    if options.profile:
        profiled(ids)
    else:
        report(ids)


def fill(count: int) -> list[int]:
    """Make `count` tickets of a year with four to six kinds of events in each journal, and return their ids."""
    from accounts.models import Role, Tier
    from accounts.services import create_organization, create_user
    from common.actors import SYSTEM
    from common.journal import Event
    from common.time import now
    from tickets.models import Ticket

    chance = random.Random(1)
    organizations = [
        create_organization(name=f"Organization {n}", tier=Tier.values[n % 3], by=SYSTEM) for n in range(30)
    ]
    customers = [
        create_user(email=f"c{n}@o.example", name=f"Customer {n}", organization=organizations[n % 30], by=SYSTEM)
        for n in range(90)
    ]
    agent = create_user(email="agent@support.example", name="Agent", role=Role.AGENT, by=SYSTEM)
    at, ids = now(), []
    for start in range(0, count, 5000):
        tickets = Ticket.objects.bulk_create(
            [
                Ticket(
                    subject=f"Question {n}",
                    requester=(requester := chance.choice(customers)),
                    organization=requester.organization,
                    priority=chance.choices(*PRIORITIES)[0],
                    created_at=at - dt.timedelta(minutes=chance.randrange(20_000, 525_000)),
                )
                for n in range(start, min(start + 5000, count))
            ],
            batch_size=500,
        )
        events = [event for ticket in tickets for event in journal_of(ticket, agent.pk, chance)]
        Event.objects.bulk_create(events, batch_size=500)
        ids += [ticket.pk for ticket in tickets]
    return ids


def journal_of(ticket: Any, agent: int, chance: random.Random) -> Iterator[Event]:
    """Yield what happened to a ticket: opened, answered, mostly asked back, now and then reprioritized, solved."""
    from common.journal import Event
    from tickets import events

    at, status = ticket.created_at, "NEW"

    def event(kind: Any, actor: int, data: dict[str, Any]) -> Event:
        nonlocal at
        at += dt.timedelta(minutes=chance.expovariate(1 / 400))
        return Event(
            kind=kind.name,
            occurred_at=at,
            subject_type="tickets.ticket",
            subject_id=ticket.pk,
            actor_kind="person",
            actor_id=actor,
            data=data,
            digest="0",
        )

    def moved(to: str) -> dict[str, Any]:
        nonlocal status
        was, status = status, to
        return {"status": {"from": was, "to": to}}

    opening = {"requester": ticket.requester_id, "organization": ticket.organization_id, "priority": ticket.priority}
    yield event(events.OPENED, ticket.requester_id, {**opening, "tier": ticket.organization.tier, "tags": []})
    yield event(events.STATUS_CHANGED, agent, moved("OPEN"))
    yield event(events.PUBLIC_REPLY_POSTED, agent, {})
    if chance.random() < 0.7:
        yield event(events.STATUS_CHANGED, agent, moved("PENDING"))
        yield event(events.CUSTOMER_MESSAGE_POSTED, ticket.requester_id, {})
        yield event(events.STATUS_CHANGED, ticket.requester_id, moved("OPEN"))
        yield event(events.PUBLIC_REPLY_POSTED, agent, {})
    if chance.random() < 0.3:
        change = {"priority": {"from": ticket.priority, "to": chance.choices(*PRIORITIES)[0]}}
        yield event(events.PRIORITY_CHANGED, agent, change)
    yield event(events.SOLVED, agent, moved("SOLVED"))


def half_the_time() -> PolicyVersion:
    """Write a draft of the policy that comes first, with targets half as long."""
    from common.actors import SYSTEM
    from sla.models import SlaPolicy
    from sla.services import draft_policy

    policy = SlaPolicy.objects.earliest("position")
    version = policy.versions.published().first()
    targets = [
        {"priority": row.priority, "metric": row.metric, "minutes": row.minutes // 2, "calendar": row.calendar}
        for row in version.targets.all()
    ]
    return draft_policy(policy, targets=targets, steps=[], tiers=version.tiers, by=SYSTEM)


def replayed(ids: list[int]) -> dict[str, Any]:
    """Run all tickets through both and return the result."""
    from common.time import now
    from sla import library
    from sla.backtest import add_to, compare, empty_result

    live: PoliciesAt = library.trial()
    draft, at, result = library.trial(library.Drafts(policy=half_the_time())), now(), empty_result()
    for start in range(0, len(ids), BATCH):
        add_to(result, compare(ids[start : start + BATCH], live=live, draft=draft, until=at))
    return result


def report(ids: list[int]) -> None:
    from django.db import connection

    from common.journal import Event
    from sla.backtest import journals

    started = perf_counter()
    read = sum(1 for start in range(0, len(ids), BATCH) for _ in journals(ids[start : start + BATCH]))
    reading = perf_counter() - started
    started = perf_counter()
    result = replayed(ids)
    spent = perf_counter() - started
    print(f"{read:,} journals with {Event.objects.count():,} events on {connection.vendor}")
    print(f"reading them alone: {reading:.1f} s; compared: {spent:.1f} s, {len(ids) / spent:,.0f} tickets a second")
    print(f"100,000 tickets: {spent / len(ids) * 100_000:.0f} s")
    print(f"broken: {result['totals']['live']['breached']:,} in force, {result['totals']['draft']['breached']:,} tried")


def profiled(ids: list[int]) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(replayed, ids)
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
