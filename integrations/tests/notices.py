"""What the tests of notices to staff share: a promise that has run out, a step of it, and what left for whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.models import User
from common import journal
from common.actors import SYSTEM
from common.time import now
from integrations import services as outbox
from integrations.models import Delivery
from sla import services as sla
from sla.events import STORM_BEGAN
from sla.models import ClockEvent, EscalationStep, StepRun, Storm
from sla.services.escalation import due_steps, runs_of
from sla.services.storms import Weather
from tickets import services as tickets
from tickets.models import Ticket
from tickets.vocabulary import Channel, Priority

OPENED = dt.datetime(2026, 2, 9, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ADDRESSES = {
    role: f"{role}@portal.example" for role in ("manager", "director", "vp_engineering", "on_call", "leadership")
}
MANAGER = ADDRESSES["manager"]


@contextmanager
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let it be OPENED until the test moves on. The monitor must not ask a database that has a clock of its own."""
    monkeypatch.setattr("sla.services.monitor.database_now", now)
    with time_machine.travel(OPENED, tick=False) as clock:
        yield clock


def ticket_after(clock: Any, rita: User, agnes: User, *, hours: int) -> Ticket:
    """Return a ticket whose answer is promised within 48 hours, so many hours later. No step of the policy is due."""
    ticket = tickets.open_ticket(
        subject="Lineage <b>graph</b> is empty",
        description="A secret of Aarlund.",
        requester=rita,
        by=rita,
        channel=Channel.WEB,
        priority=Priority.P4_LOW,
        team=agnes.teams.get(),
    )
    clock.shift(hours * HOUR)
    sla.run_monitor()
    sent()
    return ticket


def come_due(ticket: Ticket, action: str, *, percent: int = 120, **names: Any) -> StepRun:
    """Let a step of the first response come due as the monitor does, and return its run."""
    ticket = Ticket.objects.get(pk=ticket.pk)
    event = ClockEvent.objects.get(clock__ticket=ticket, clock__metric="FIRST_RESPONSE", threshold=percent)
    version = event.clock.policy_version
    step = EscalationStep.objects.create(version=version, at_percent=percent, action=action, **names)
    due_steps(list(runs_of(event, [step], ticket=ticket, is_told=True, weather=Weather(0, None))))
    return StepRun.objects.get(step=step)


def storm_begins(**ended: Any) -> Storm:
    storm = Storm.objects.create(began_at=OPENED, breach_count=31, **ended)
    journal.record(STORM_BEGAN, subject=storm, by=SYSTEM, data={"breaches": 25, "minutes": 10})
    return storm


def reached() -> list[str]:
    """Return the addresses for which notices were queued."""
    return sorted(Delivery.objects.filter(template__startswith="sla_").values_list("destination", flat=True))


def sent(to: str = "") -> list[Any]:
    """Send what is queued and return the mails, or those to one address."""
    mail.outbox.clear()
    outbox.deliver_due()
    return [one for one in mail.outbox if not to or one.to == [to]]


def readings(message: Any) -> tuple[str, str]:
    """Return what a reader of the text reads and what a reader of the HTML does, spaces evened out."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", html_of(message), flags=re.DOTALL)
    return " ".join(message.body.split()), " ".join(re.sub(r"<[^>]+>", " ", body).split())


def html_of(message: Any) -> str:
    return message.alternatives[0][0]
