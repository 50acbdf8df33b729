"""What the outbox carries: `script/benchmark outbox --events 4000 --backlog 100000`.

Needs DATABASE_URL (a PostgreSQL on which databases may be made) and REDIS_URL. Prints how much a change of a ticket
costs more with a webhook that wants it, how many events a second a real worker delivers to a receiver on loopback,
and what a claim costs with an empty and with a full queue. Judges nothing.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path
from time import perf_counter

import psycopg

ROOT = Path(__file__).resolve().parents[2]
RECEIVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204); self.send_header("Connection", "close"); self.end_headers()
        self.close_connection = True
    def log_message(self, *_): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=4_000)
    parser.add_argument("--backlog", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=1, help="Processes of two threads.")
    arguments = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres") or not os.environ.get("REDIS_URL"):
        sys.exit("Set DATABASE_URL to a PostgreSQL on which databases may be made, and REDIS_URL.")
    name = f"benchmark_{secrets.token_hex(6)}"
    receiver = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            set_up(f"{url.rpartition('/')[0]}/{name}")
            port = int(receiver.stdout.readline())  # type: ignore[union-attr]
            cost_of_a_change(port)
            throughput(arguments.events, arguments.workers)
            claims(arguments.backlog)
        finally:
            receiver.kill()
            from django.db import connections

            for connection in connections.all():
                connection.close()
                connection.close_pool()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def set_up(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ["PRIVATE_ADDRESSES_ALLOWED"] = "true"
    os.environ["SEMANTIC_SEARCH"] = "false"
    os.environ.setdefault("ALLOWED_HOSTS", "testserver")
    os.environ.setdefault("EMAIL_URL", "smtp://127.0.0.1:9")
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


def tickets(count: int):  # type: ignore[no-untyped-def]
    from accounts.services import create_user
    from common.actors import SYSTEM
    from tickets.services import open_ticket

    rita = create_user(email=f"r{secrets.token_hex(4)}@example.org", name="Rita", by=SYSTEM)
    return [
        open_ticket(subject=f"Question {n}", description="Text", requester=rita, by=rita, channel="WEB")
        for n in range(count)
    ]


def change_all(rows) -> list[float]:  # type: ignore[no-untyped-def]
    """Give every ticket another priority, and return the milliseconds of each."""
    from common.actors import SYSTEM
    from tickets.services import change_ticket

    times = []
    for ticket in rows:
        ticket.refresh_from_db()
        wanted = "P2_HIGH" if ticket.priority != "P2_HIGH" else "P3_NORMAL"
        started = perf_counter()
        change_ticket(ticket, by=SYSTEM, priority=wanted)
        times.append((perf_counter() - started) * 1000)
    return times


def cost_of_a_change(port: int) -> None:
    from django.contrib.auth.models import Group

    from accounts.services import create_user
    from common.actors import SYSTEM
    from integrations.webhooks.services import create_webhook

    admin = create_user(email="ada@example.org", name="Ada", by=SYSTEM)
    admin.groups.set(Group.objects.filter(name__iexact="administrator"))
    admin = type(admin).objects.get(pk=admin.pk)
    rows = tickets(100)
    change_all(rows)
    without = statistics.median(change_all(rows) + change_all(rows))
    create_webhook(by=admin, name="Receiver", url=f"http://127.0.0.1:{port}/", event_types=["ticket.updated"])
    change_all(rows)
    told = statistics.median(change_all(rows) + change_all(rows))
    print(f"changing a ticket, median of 200: {without:.1f} ms; with a webhook that is told {told:.1f} ms", flush=True)


def throughput(events: int, workers: int) -> None:
    """Let a real worker deliver what real changes of tickets queued."""
    from integrations.models import Delivery
    from integrations.tasks import deliver_due

    Delivery.objects.update(state="SKIPPED", delivered_at=None)
    rows = tickets(200)
    Delivery.objects.filter(kind="email").update(state="SKIPPED")
    while Delivery.objects.pending().filter(kind="webhook").count() < events:
        change_all(rows)
    queued = Delivery.objects.pending().filter(kind="webhook").count()
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "supportportal", "--quiet", "worker", "--pool", "threads"),
                *("--concurrency", "2", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"),
                *("--hostname", f"benchmark{n}@localhost"),
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for n in range(workers)
    ]
    try:
        for _ in range(2 * workers):
            deliver_due.delay()
        pending = Delivery.objects.pending().filter(kind="webhook")
        while (left := pending.count()) == queued:
            time.sleep(0.05)
        started, begun = perf_counter(), left
        while left := pending.count():
            time.sleep(0.1)
        seconds = perf_counter() - started
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    made = Delivery.objects.filter(state="DELIVERED").count()
    print(f"{begun:,} events in {seconds:.1f} s: {begun / seconds:.0f} a second ({made:,} made)", flush=True)


def claims(backlog: int) -> None:
    from django.db import connection, transaction

    from common.time import now
    from integrations.models import Delivery
    from integrations.services import claim, due_circuits

    columns = "uid, kind, circuit, template, destination, stream, payload, is_secret, state, due_at, failed_tries"
    columns += ", redelivered, external_id, last_error, created_at"
    values = (
        "gen_random_uuid(), 'webhook', 'webhook:999', 'ticket.updated', 'webhook:999', 'ticket:' || n, '{}', false,"
        " 'PENDING', now(), 0, 0, '', '', now()"
    )
    print(f"{'waiting':>10} {'which circuits':>15} {'a claim of 20':>15}")
    for count in (1_000, backlog):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM integrations_delivery WHERE circuit = 'webhook:999'")
            cursor.execute(
                f"INSERT INTO integrations_delivery ({columns}) SELECT {values} FROM generate_series(1, %s) n", [count]
            )
            cursor.execute("ANALYZE integrations_delivery")
        looks, takes = [], []
        for _ in range(20):
            started = perf_counter()
            due_circuits(now())
            looks.append((perf_counter() - started) * 1000)
            started = perf_counter()
            assert len(claim("webhook:999", size=20)) == 20
            takes.append((perf_counter() - started) * 1000)
        print(f"{count:>10,} {statistics.median(looks):>12.1f} ms {statistics.median(takes):>12.1f} ms", flush=True)
    with transaction.atomic():
        lines = Delivery.objects.due("webhook:999", now())[:20].explain().splitlines()
    print(next(line.strip() for line in lines if "Scan" in line))


if __name__ == "__main__":
    main()
