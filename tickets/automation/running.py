"""Running rules: on events at the end of a change, on events of other rooms, and on time."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from common import context, queue
from common.actors import Rule
from common.errors import PortalError
from common.models import Event
from common.time import now
from tickets.automation import actions, firing
from tickets.automation.conditions import evaluate, fields_used
from tickets.automation.doing import Doing
from tickets.automation.facts import facts_of, narrowed, readable, spans
from tickets.automation.models import AutomationRule, FiringEvent, RuleRun
from tickets.models.tickets import Ticket
from tickets.services import cascade
from tickets.services.cascade import Cascade
from tickets.services.locking import lock

log = structlog.get_logger(__name__)

# A rule's change may fire another rule's, and so on: as many steps from what a person did, and no more.
CHAIN_MOST = 5
LEASE = dt.timedelta(minutes=5)
FIRED_MOST, BATCH, WALKED_MOST = 200, 100, 2000


def notice(event: Event) -> None:
    """Let rules see `event` once the service that recorded it is through; a task shows them those of other rooms."""
    if event.subject_type != Ticket._meta.label_lower or context.current().is_backfill:
        return
    running = cascade.current()
    if running is not None and firing.is_own(event.kind):
        running.waiting.append((event, running.chain))
    elif any(event.kind in rule.event_kinds for rule in _triggers()):
        chain = list(running.chain) if running else []
        FiringEvent.objects.create(event=event, ticket_id=event.subject_id, chain=chain)
        queue.nudge("rules", _wake)


def finish(running: Cascade) -> None:
    """Show the waiting events to the rules, in order, with those that the rules' own actions add."""
    rules = _triggers()
    while running.waiting:
        event, chain = running.waiting.popleft()
        wanted = [rule for rule in rules if event.kind in rule.event_kinds]
        if len(chain) >= CHAIN_MOST and wanted:
            log.warning("rule_chain_cut", ticket=event.subject_id, kind=event.kind, chain=list(chain))
            continue
        for rule in wanted:
            if rule.pk not in chain and (rule.pk, event.subject_id) not in running.fired:
                with running.led_by(rule.pk, chain):
                    if fire(rule, event.subject_id, at=event.occurred_at, event=event):
                        running.fired.add((rule.pk, event.subject_id))
                        running.changed.add(event.subject_id)


def work_off(*, size: int = BATCH) -> int:
    """Show rules the events of other rooms that wait for them, each under its ticket's lock; return how many."""
    due = FiringEvent.objects.filter(due_at__lte=now()).order_by("due_at", "pk")
    rows = queue.claim(due, lease=LEASE, size=size)
    for row in rows:
        _work_off(row.pk)
    return len(rows)


@transaction.atomic
def _work_off(pk: int) -> None:
    row = FiringEvent.objects.select_related("event", "ticket").filter(pk=pk).first()
    if row is None:
        return
    lock(row.ticket)
    if FiringEvent.objects.filter(pk=pk).delete()[0]:  # nobody else did it while we waited
        with cascade.begun() as running:
            running.waiting.append((row.event, tuple(row.chain)))


def run_scheduled(*, at: dt.datetime | None = None, most: int = FIRED_MOST) -> int:
    """Let every rule on time look at up to WALKED_MOST tickets and act on up to `most`; return how often one did."""
    rules = AutomationRule.objects.filter(kind=AutomationRule.Kind.SCHEDULED, is_active=True)
    return sum(run_rule(rule, at=at, most=most) for rule in rules)


def run_rule(rule: AutomationRule, *, at: dt.datetime | None = None, most: int = FIRED_MOST) -> int:
    """Let one rule on time act on up to `most` tickets, and return on how many it did.

    Each ticket is left alone once the rule has acted on it, until it changes. The next look goes on behind the last
    ticket, so that none is forgotten behind many for which only part of the conditions holds.
    """
    at = at or now()
    fired = walked = 0
    after = rule.walked_to
    while fired < most and walked < WALKED_MOST:
        numbers = list(_candidates(rule, at, after)[:BATCH])
        for number in numbers:
            after, walked = number, walked + 1
            fired += _run_on(rule, number, at)
            if fired >= most:
                break
        else:
            if len(numbers) < BATCH:
                after = 0
                break
    AutomationRule.objects.filter(pk=rule.pk).exclude(walked_to=after).update(walked_to=after)
    return fired


def _candidates(rule: AutomationRule, at: dt.datetime, after: int) -> QuerySet[Ticket, int]:
    acted = RuleRun.objects.filter(rule=rule, ticket=OuterRef("pk"), version=OuterRef("version"))
    rows = Ticket.objects.filter(narrowed(rule.conditions, at=at), pk__gt=after).exclude(Exists(acted))
    return rows.order_by("pk").values_list("pk", flat=True)


def _run_on(rule: AutomationRule, number: int, at: dt.datetime) -> bool:
    with transaction.atomic(), cascade.begun() as running, running.led_by(rule.pk, ()):
        ticket = lock(Ticket(pk=number))
        if RuleRun.objects.filter(rule=rule, ticket=number, version=ticket.version).exists():
            return False
        running.fired.add((rule.pk, number))
        return fire(rule, number, at=at)


def fire(rule: AutomationRule, number: int, *, at: dt.datetime, event: Event | None = None) -> bool:
    """Act on a ticket if the rule's conditions hold, note it, and tell whether they did.

    What a service refuses is noted too, and none of the rule's actions is done then: a rule that cannot act
    stops neither the person who caused it nor the rules after it.
    """
    ticket = readable(Ticket.objects.filter(pk=number), fields_used(rule.conditions)).get()
    if not evaluate(rule.conditions, facts_of(ticket, at=at, event=event), spans=spans()).holds:
        return False
    is_machine = event is not None and bool(event.data.get("is_automatic"))
    who = Doing(Rule(rule.name), at=at, is_answer_to_machine=is_machine)
    deeds, refusal = [], ""
    try:
        with transaction.atomic(), cascade.begun():
            deeds = actions.perform(rule.actions, ticket, who)
    except PortalError as error:
        refusal = error.message[:300]
        log.info("rule_refused", rule=rule.pk, ticket=number, code=error.code)
    RuleRun.objects.create(
        rule=rule,
        ticket=ticket,
        name=rule.name,
        version=Ticket.objects.values_list("version", flat=True).get(pk=number),
        event=event.pk if event else None,
        deeds=deeds,
        refusal=refusal,
        at=now(),
    )
    return True


def _triggers() -> list[AutomationRule]:
    return list(AutomationRule.objects.filter(kind=AutomationRule.Kind.TRIGGER, is_active=True))


def _wake() -> None:
    from tickets.tasks import work_off_events

    work_off_events.delay()
