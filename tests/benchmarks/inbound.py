"""How many mails a minute come in: stored by the pipe, and made tickets and messages of.

Runs on the database that DATABASE_URL names, in a database of its own that it throws away:

    python -m tests.benchmarks.inbound --mails 600
"""

from __future__ import annotations

import argparse
import os
from time import perf_counter

WANTED_A_MINUTE = 300


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=600)
    count = options.parse_args().mails
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportportal.settings")
    import django

    django.setup()
    import logging

    from django.conf import settings
    from django.db import connection
    from django.test.runner import DiscoverRunner

    logging.disable(logging.INFO)
    settings.PORTAL_MAIL_PER_SENDER = 1_000_000
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        print(f"{count} mails on {connection.vendor}: a third each new, an answer, and HTML with a file")
        _measure(count)
    finally:
        runner.teardown_databases(databases)


def _measure(count: int) -> None:
    from integrations.email.incoming.storing import store
    from integrations.models import InboundEvent
    from integrations.services import process_due
    from tickets.models import Message, Ticket

    first = store(_raw("new", 0), way="pipe")
    process_due()
    address = _address(InboundEvent.objects.get(pk=first.pk).ticket)
    mails = [_raw(("new", "answer", "html")[n % 3], n + 1, address) for n in range(count)]
    started = perf_counter()
    for raw in mails:
        store(raw, way="pipe")
    stored = perf_counter()
    while process_due():
        pass
    ended = perf_counter()
    states = {row["state"] for row in InboundEvent.objects.values("state")}
    assert states == {"PROCESSED"}, states
    print(f"stored      {count / (stored - started) * 60:10,.0f} a minute")
    print(f"processed   {count / (ended - stored) * 60:10,.0f} a minute, by one worker")
    total = count / (ended - started) * 60
    verdict = "good" if total >= WANTED_A_MINUTE else "TOO SLOW"
    print(f"both        {total:10,.0f} a minute (asked: {WANTED_A_MINUTE}): {verdict}")
    print(f"they made {Ticket.objects.count()} tickets and {Message.objects.count()} messages")


def _address(ticket: object) -> str:
    from integrations.email.addresses import reply_address

    return reply_address(ticket.pk, ticket.requester_id)


def _raw(kind: str, number: int, address: str = "") -> bytes:
    from integrations.email.incoming.tests.corpus import mail

    text = f"Since Monday graph {number} is empty.\n\nOn Mon, Agnes <a@x.example> wrote:\n" + "> quoted words\n" * 30
    facts = {"subject": f"Graph {number}", "message_id": f"<{number}@bench.example>"}
    if kind == "answer":
        return mail(text, to=address, **facts)
    if kind == "html":
        words = "".join(f"<p>Paragraph {n} of <b>{number}</b></p>" for n in range(40))
        return mail(text, html=words, files=(("log.txt", b"line\n" * 2000),), sender=f"u{number}@x.example", **facts)
    return mail(text, **facts)


if __name__ == "__main__":
    main()
