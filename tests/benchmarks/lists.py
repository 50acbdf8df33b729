"""How fast the lists answer with many tickets: `script/benchmark lists --tickets 20000`.

Makes a portal of its own in a throw-away folder (or on DATABASE_URL), fills it, asks each list through the whole
stack of middleware and templates, and prints medians in milliseconds and numbers of queries. Judges nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import statistics
import tempfile
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

    from tickets.models import Ticket

ROUNDS = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=20_000)
    count = parser.parse_args().tickets
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-benchmark-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "supportportal.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.PORTAL_RATES = dict.fromkeys(settings.PORTAL_RATES, (10**9, 60))
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    people = fill(count)
    report(count, people)


def fill(count: int) -> dict[str, object]:
    """Make `count` tickets with three messages each, one with 51, one with 500, and return who asks for the lists."""
    from django.contrib.auth.models import Permission
    from django.db import connection

    from accounts.models import ProductArea, Role, Team, Tier
    from accounts.services import create_organization, create_user
    from common.actors import SYSTEM
    from common.time import now
    from tickets.models import Message, Tag, Ticket

    chance = random.Random(1)
    organizations = [
        create_organization(name=f"Organization {n}", tier=chance.choice(Tier.values), by=SYSTEM) for n in range(50)
    ]
    customers = [
        create_user(
            email=f"c{n}@o{n % 50}.example", name=f"Customer {n}", organization=organizations[n % 50], by=SYSTEM
        )
        for n in range(200)
    ]
    agents = [
        create_user(email=f"a{n}@support.example", name=f"Agent {n}", role=Role.AGENT, by=SYSTEM) for n in range(20)
    ]
    admin = create_user(email="ada@support.example", name="Ada", role=Role.ADMINISTRATOR, by=SYSTEM)
    member = create_user(email="mia@support.example", name="Mia", role=Role.AGENT, by=SYSTEM)
    teams = [Team.objects.create(name=f"Team {n}") for n in range(8)]
    member.teams.add(teams[0])
    member.groups.clear()  # sees and works what is her team's
    member.user_permissions.set(Permission.objects.filter(codename__in=["view_ticket", "work_ticket"]))
    areas = list(ProductArea.objects.all())
    tags = Tag.objects.bulk_create([Tag(name=f"tag-{n}") for n in range(30)])
    at, statuses = now(), ["NEW", "OPEN", "PENDING", "ON_HOLD", "SOLVED", "CLOSED"]
    tickets = []
    for n in range(count):
        # The first customer asked for one in twenty: a list worth paging through.
        requester = customers[0] if n % 20 == 0 else chance.choice(customers)
        opened, status = (
            at - dt.timedelta(minutes=chance.randrange(500_000)),
            chance.choices(statuses, [1, 2, 2, 1, 4, 30])[0],
        )
        tickets.append(
            Ticket(
                subject=f"{chance.choice(['Lineage', 'Catalog', 'Export', 'Sign-in'])} question {n}",
                requester=requester,
                organization=requester.organization,
                assignee=chance.choice([None, *agents]),
                team=chance.choice([*teams, None]) if n % 3 else teams[1],
                status=status,
                priority=chance.choices(["P1_CRITICAL", "P2_HIGH", "P3_NORMAL", "P4_LOW"], [5, 15, 60, 20])[0],
                product_area=chance.choice(areas),
                created_at=opened,
                updated_at=opened + dt.timedelta(minutes=chance.randrange(5000)),
                first_response_at=opened + dt.timedelta(minutes=chance.randrange(1, 3000)) if n % 5 else None,
                solved_at=opened + dt.timedelta(minutes=n % 9000 + 1) if status in ("SOLVED", "CLOSED") else None,
                closed_at=opened + dt.timedelta(minutes=n % 9000 + 1) if status == "CLOSED" else None,
            )
        )
    tickets = Ticket.objects.bulk_create(tickets, batch_size=500)
    says = [("CUSTOMER_MESSAGE", None), ("PUBLIC_REPLY", agents[0]), ("INTERNAL_NOTE", agents[1])]
    spoken = [f"{begin}{end}" for begin in ("ser", "wor", "tab", "que", "lin") for end in map(str, range(400))]

    def message(ticket: Ticket, kind: str, author: object) -> Message:
        words = " ".join(chance.choices(spoken, k=40))
        return Message(
            ticket=ticket,
            kind=kind,
            author=author or ticket.requester,
            channel="WEB",
            body=words,
            body_html=f"<p>{words}</p>",
            created_at=ticket.created_at,
        )

    Message.objects.bulk_create(
        [message(t, kind, author) for t in tickets for kind, author in says]
        + [message(tickets[0], kind, author) for _ in range(16) for kind, author in says]
        + [message(tickets[1], *says[n % 3]) for n in range(497)],
        batch_size=500,
    )
    keep_promises(tickets)
    through = Ticket.tags.through
    through.objects.bulk_create([through(ticket=t, tag=chance.choice(tags)) for t in tickets], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    readers = {"admin": admin, "customer": customers[0], "agent": agents[0], "member": member}
    return readers | {"ticket": tickets[0], "long": tickets[1], "short": tickets[2]}


def keep_promises(tickets: list[Ticket]) -> None:
    """Give each ticket that was answered or solved the clocks of that, one in eight of them broken."""
    from sla.models import Clock, PolicyVersion

    version = PolicyVersion.objects.published().first()
    ends = [
        (ticket, metric, at, place % 8 == 0)
        for place, ticket in enumerate(tickets)
        for metric, at in (("FIRST_RESPONSE", ticket.first_response_at), ("RESOLUTION", ticket.solved_at))
        if at is not None
    ]
    clocks = [
        Clock(
            ticket=ticket,
            metric=metric,
            state="STOPPED",
            started_at=ticket.created_at,
            stopped_at=at,
            breached_at=at if is_broken else None,
            detected_at=at if is_broken else None,
            due_at=at,
            stopped_by="REPLY",
            judged_by=version,
            policy_version=version,
            priority=ticket.priority,
            tier=ticket.organization.tier if ticket.organization else "",
            organization_id=ticket.organization_id,
        )
        for ticket, metric, at, is_broken in ends
    ]
    Clock.objects.bulk_create(clocks, batch_size=500)


def report(count: int, people: dict[str, object]) -> None:
    from django.db import connection
    from django.test import Client

    from tickets.models import SavedView

    ticket, long, short, views = people["ticket"], people["long"], people["short"], list(SavedView.objects.all())
    pages = [
        ("console: dashboard, kept a minute", "admin", "/admin/?period=90d"),
        ("console: organization", "admin", f"/admin/organizations/{ticket.organization_id}/"),  # type: ignore[attr-defined]
        ("console: ratings", "admin", "/admin/reports/ratings/"),
        ("console: queue", "admin", "/admin/tickets/ticket/"),
        ("console: queue, all tickets", "admin", "/admin/tickets/ticket/?status=all"),
        ("console: queue, mine", "admin", "/admin/tickets/ticket/?assignee=me"),
        ("console: queue, recently solved", "admin", "/admin/tickets/ticket/?status=SOLVED&solved=7&sort=updated"),
        ("console: queue, page 1,000", "admin", page_from(1000, people["admin"])),
        *((f"console: view {view}", "admin", f"/admin/tickets/ticket/?view={view.pk}") for view in views),
        ("console: search, subject", "admin", "/admin/tickets/ticket/?status=all&q=export"),
        ("console: search, messages", "admin", "/admin/tickets/ticket/?status=all&q=lin217+tab3"),
        ("console: search, in open ones", "admin", "/admin/tickets/ticket/?q=lin217"),
        ("console: ticket, 3 messages", "admin", f"/admin/tickets/ticket/{short.pk}/change/"),  # type: ignore[attr-defined]
        ("console: ticket, 51 messages", "admin", f"/admin/tickets/ticket/{ticket.pk}/change/"),  # type: ignore[attr-defined]
        ("console: ticket, 500 messages", "admin", f"/admin/tickets/ticket/{long.pk}/change/"),  # type: ignore[attr-defined]
        ("console: queue, of one team", "member", "/admin/tickets/ticket/"),
        ("console: all of one team", "member", "/admin/tickets/ticket/?status=all"),
        ("portal: my tickets", "customer", "/tickets"),
        ("portal: my tickets, all", "customer", "/tickets?show=all"),
        ("portal: ticket", "customer", f"/tickets/{ticket.reference}"),  # type: ignore[attr-defined]
        ("API: list of 50, agent", "agent", "/api/v1/tickets?limit=50"),
        ("API: list of 50, of one team", "member", "/api/v1/tickets?limit=50"),
        ("API: list of 50, customer", "customer", "/api/v1/tickets?limit=50"),
    ]
    print(f"{count} tickets on {connection.vendor}, {ROUNDS} rounds\n")
    report_numbers(people)
    print(f"{'page':<36} {'median':>9} {'slowest':>9} {'queries':>8}  status")
    for label, who, path in pages:
        client = Client()
        client.force_login(people[who], backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
        client.get(path)
        count_of_queries, status = asked(client, path)
        times = []
        for _ in range(ROUNDS):
            started = perf_counter()
            client.get(path)
            times.append((perf_counter() - started) * 1000)
        median, slowest = statistics.median(times), max(times)
        print(f"{label:<36} {median:>6.1f} ms {slowest:>6.1f} ms {count_of_queries:>8}  {status}")


def report_numbers(people: dict[str, object]) -> None:
    """Print how long the dashboard's numbers take when they are read anew."""
    from common.periods import named_period
    from common.time import now
    from tickets.reporting.overview import read_overview
    from tickets.reporting.shapes import Asked

    for name in ("30d", "90d"):
        times = []
        for _ in range(ROUNDS):
            started = perf_counter()
            read_overview(Asked(people["admin"], named_period(name), now()))  # type: ignore[arg-type]
            times.append((perf_counter() - started) * 1000)
        print(f"dashboard's numbers anew, {name:<10} {statistics.median(times):>6.1f} ms {max(times):>6.1f} ms")

    change_100(people["admin"])


def page_from(number: int, reader: object) -> str:
    """Return the address of a page far down the queue of all tickets."""
    from common.keyset import cursor_at
    from tickets.models import Ticket

    order = Ticket.objects.order_by("-pk")
    row = order[min(50 * number, order.count() - 51)]
    return f"/admin/tickets/ticket/?status=all&sort=newest&from={cursor_at(order, row)}"


def change_100(person: object) -> None:
    """Set the priority of 100 tickets by the bulk form, a few times over, and print how long one change takes."""
    from django.test import Client

    from tickets.models import Ticket

    client, times = Client(), []
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    chosen = list(Ticket.objects.filter(status="OPEN").values_list("pk", flat=True)[:100])
    for priority in ("P2_HIGH", "P4_LOW", "P1_CRITICAL"):
        fields = {"action": "set_priority", "confirmed": "1", "value": priority, "ticket": chosen}
        started = perf_counter()
        status = client.post("/admin/tickets/ticket/", fields).status_code
        times.append(perf_counter() - started)
        changed = Ticket.objects.filter(pk__in=chosen, priority=priority).count()
    median, slowest = statistics.median(times), max(times)
    print(f"\nbulk change of {changed} tickets: median {median:.2f} s, slowest {slowest:.2f} s, {status}")


def asked(client: Client, path: str) -> tuple[int, int]:
    """Return how many queries the page costs, and its status."""
    from django.db import connection

    statements = []

    def note(execute, sql, *rest):  # type: ignore[no-untyped-def]
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        status = client.get(path).status_code
    return len(statements), status


if __name__ == "__main__":
    main()
