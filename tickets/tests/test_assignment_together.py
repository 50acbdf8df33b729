"""Two workers that choose at once never take the same turn, and never go over a limit together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.models import Role
from accounts.services import create_user
from common.actors import SYSTEM
from tickets import services
from tickets.models import AssignmentTurn, AssignmentWish, Ticket
from tickets.services.assigning import _turn_of
from tickets.tests.console import other_ticket

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _real_locks():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time and no row locks")


@pytest.fixture
def agents(db):
    return [create_user(email=f"a{n}@support.example", name=f"Agent {n}", role=Role.AGENT, by=SYSTEM) for n in range(4)]


def together(*functions):
    """Run each in a thread and a connection of its own, all let go at one moment; raise what they raised."""
    gate = threading.Barrier(len(functions))

    def run(function):
        try:
            gate.wait(timeout=30)
            function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        for future in [pool.submit(run, function) for function in functions]:
            future.result(timeout=60)


def assigned_to(tickets):
    return list(
        Ticket.objects.filter(pk__in=[t.pk for t in tickets]).order_by("assignee").values_list("assignee", flat=True)
    )


def test_two_workers_never_take_the_same_turn(agents, rita):
    tickets = [other_ticket(rita, f"Matter {n}") for n in range(8)]

    def work(mine):
        def assign():
            for ticket in mine:
                services.assign_ticket(ticket, strategy="ROUND_ROBIN", by=SYSTEM)

        return assign

    together(work(tickets[:4]), work(tickets[4:]))
    assert assigned_to(tickets) == sorted([agent.pk for agent in agents] * 2)


def test_the_second_waits_for_the_turn_the_first_holds(agents, rita):
    first, second = (other_ticket(rita, f"Matter {n}") for n in range(2))
    held, done = threading.Event(), threading.Event()

    def wait_for_the_turn():
        held.wait(timeout=30)
        services.assign_ticket(second, strategy="ROUND_ROBIN", by=SYSTEM)
        done.set()

    def hold_the_turn():
        with transaction.atomic():
            _turn_of(None)
            held.set()
            assert not done.wait(timeout=0.5), "it chose without the lock"
            services.assign_ticket(first, strategy="ROUND_ROBIN", by=SYSTEM)

    together(hold_the_turn, wait_for_the_turn)
    assert Ticket.objects.get(pk=first.pk).assignee == agents[0]
    assert Ticket.objects.get(pk=second.pk).assignee == agents[1]
    assert AssignmentTurn.objects.get().agent == agents[1]


def test_no_limit_is_passed_by_two_at_once(agents, rita):
    tickets = [other_ticket(rita, f"Critical {n}") for n in range(10)]
    for ticket in tickets:
        services.change_ticket(ticket, by=SYSTEM, priority="P1_CRITICAL")

    def work(mine):
        return lambda: [services.assign_ticket(ticket, by=SYSTEM) for ticket in mine]

    together(work(tickets[:5]), work(tickets[5:]))
    taken = Ticket.objects.filter(assignee__isnull=False).order_by("assignee").values_list("assignee", flat=True)
    assert list(taken) == sorted([agent.pk for agent in agents] * 2), "two critical tickets each, and no more"


def test_two_workers_at_the_same_wishes_give_each_ticket_once(agents, rita, settings):
    settings.PORTAL_ASSIGNMENT_STRATEGY = "ROUND_ROBIN"
    tickets = [other_ticket(rita, f"Matter {n}") for n in range(4)]
    found = []
    together(*[lambda: found.append(services.assign_wanted())] * 2)
    assert sum(found) == 4
    assert assigned_to(tickets) == sorted(agent.pk for agent in agents)
    assert not AssignmentWish.objects.exists()
