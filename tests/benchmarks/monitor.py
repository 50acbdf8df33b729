"""What one pass of the monitor costs with many running clocks: `script/benchmark monitor --clocks 1000000 --due 1000`.

Makes a database of its own on the server of DATABASE_URL (PostgreSQL), fills it with copies of one real ticket and its
clocks, lets some come due, and prints the seconds of a pass, of an idle look, and the plan of the query that finds what
is due. Then it doubles the open tickets and does it again. Judges nothing.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import sys
from time import perf_counter

import psycopg

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clocks", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    arguments = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        sys.exit("Set DATABASE_URL to a PostgreSQL on which databases may be made; this pass is about its indexes.")
    name = f"benchmark_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            set_up(f"{url.rpartition('/')[0]}/{name}")
            measure(arguments.clocks, arguments.due)
        finally:
            from django.db import connections

            for connection in connections.all():
                connection.close()
                connection.close_pool()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def set_up(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("ALLOWED_HOSTS", "testserver")
    for needed in ("SECRET_KEY", "JWT_SECRET_KEY"):
        os.environ.setdefault(needed, secrets.token_hex(32))
    os.environ["DJANGO_SETTINGS_MODULE"] = "supportportal.settings"
    import django

    django.setup()
    import logging

    from django.core.management import call_command

    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def measure(clocks: int, due: int) -> None:
    first = template()
    print(f"{'running clocks':>15} {'due':>6} {'a pass':>9} {'idle look':>10}   rows the query touches")
    passes = []
    for _ in range(2):
        copy(first, clocks // 2)
        seconds = one_pass(due)
        passes.append(seconds)
        print(f"{running():>15,} {due:>6,} {seconds:>7.2f} s {idle():>7.2f} ms   {plan()}", flush=True)
    change = 100 * (passes[1] / passes[0] - 1)
    print(f"\ntwice the open tickets change the pass by {change:+.1f} %")
    print("a pass here: levels, journal, escalation steps, and the mail of each step queued in the outbox")


def template() -> int:
    """Make one ticket with two running clocks, as the portal makes it, and return its id."""
    from accounts.models import Tier
    from accounts.services import create_organization, create_user
    from common.actors import SYSTEM
    from tickets.services import open_ticket

    organization = create_organization(name="City", tier=Tier.ENTERPRISE, by=SYSTEM)
    rita = create_user(email="rita@city.example", name="Rita", organization=organization, by=SYSTEM)
    ticket = open_ticket(
        subject="Lineage", description="Empty.", requester=rita, by=rita, channel="WEB", priority="P1_CRITICAL"
    )
    return ticket.pk


def copy(ticket: int, count: int) -> None:
    """Make `count` tickets with two running clocks each, like `ticket`, due within the next year."""
    from django.db import connection

    from sla.models import Clock, Conversation
    from tickets.models import Ticket

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM tickets")
        last = cursor.fetchone()[0]
        cursor.execute(*insert(Ticket, {"id": "%s + n"}, "id = %s", count, [last, count, ticket]))
        cursor.execute(*insert(Conversation, {"ticket_id": "%s + n"}, "ticket_id = %s", count, [last, count, ticket]))
        later = "next_action_at + (n %% 500000) * interval '1 minute'"
        columns = {"id": "nextval('sla_clock_id_seq')", "ticket_id": "%s + n", "next_action_at": later}
        cursor.execute(*insert(Clock, columns, "ticket_id = %s", count, [last, count, ticket]))
        cursor.execute("ANALYZE")
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM sla_clock")


def insert(model, changed: dict[str, str], where: str, count: int, parameters: list[int]) -> tuple[str, list[int]]:
    names = [field.column for field in model._meta.local_concrete_fields]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}, generate_series(1, %s) n WHERE {where}",
        parameters,
    )


def one_pass(due: int) -> float:
    """Let `due` first responses reach their first level, and return the median seconds that a pass takes for them."""
    from django.db import connection

    from sla.models import Storm
    from sla.services import run_monitor

    times = []
    for _ in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE sla_clock SET next_action_at = now() - interval '1 minute' WHERE id IN (SELECT id FROM"
                " sla_clock WHERE metric = 'FIRST_RESPONSE' AND reached_percent = 0 ORDER BY id DESC LIMIT %s)",
                [due],
            )
        started = perf_counter()
        seen = run_monitor(seconds=600)
        times.append(perf_counter() - started)
        assert (seen.clock_count, seen.event_count) == (due, due), seen
        assert not Storm.objects.exists()
    return statistics.median(times)


def running() -> int:
    from sla.models import Clock

    return Clock.objects.filter(state="RUNNING").count()


def idle() -> float:
    """Return the median milliseconds of a look at which nothing is due."""
    from sla.services import advance_due

    times = []
    for _ in range(50):
        started = perf_counter()
        advance_due()
        times.append((perf_counter() - started) * 1000)
    return statistics.median(times)


def plan() -> str:
    """Return how the query finds what is due, and prove that it is by the partial index and of due rows alone."""
    from django.db import transaction

    from common.time import now
    from sla.models import Clock

    with transaction.atomic():
        due = Clock.objects.due_for_action(now()).select_for_update(skip_locked=True, of=("self",))[:500]
        lines = due.explain(analyze=True, buffers=True).splitlines()
    scan = next(line.strip() for line in lines if "Scan" in line)
    assert "Index Scan using sla_clock_next_action" in scan, "\n".join(lines)
    buffers = next(line.strip() for line in lines if "Buffers" in line)
    return f"{scan.split(' (')[0]}, {buffers}"


if __name__ == "__main__":
    main()
