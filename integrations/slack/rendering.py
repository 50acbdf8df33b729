"""Making a message out of a delivery: what it says is looked up when it is sent, so it is never out of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from integrations.models import Delivery
from integrations.slack import blocks
from integrations.slack.blocks import Message, TicketFacts
from integrations.slack.digest import metrics_of
from integrations.slack.facts import facts_of, hours_taken, is_within_sla, moment_words
from sla.vocabulary import Metric
from tickets import models as tickets
from tickets.models import Ticket

Payload = dict[str, Any]
Drawer = Callable[[Ticket, Payload], Message]


def _facts(ticket: Ticket) -> TicketFacts:
    return facts_of(ticket)


def _critical(ticket: Ticket, _: Payload) -> Message:
    return blocks.critical_ticket(_facts(ticket))


def _sla(ticket: Ticket, payload: Payload) -> Message:
    return blocks.sla_notice(
        _facts(ticket),
        metric=Metric(payload["metric"]).label,
        percent=int(payload["percent"]),
        due=moment_words(payload["due_at"]),
        escalation=payload.get("escalation", ""),
    )


def _escalation(ticket: Ticket, payload: Payload) -> Message:
    """Draw an escalation step, whose delivery the ladder of escalations has made."""
    return blocks.sla_notice(
        _facts(ticket),
        metric=payload.get("metric") or "a promise",
        percent=payload["used_us"] * 100 // payload["target_us"] if payload.get("target_us") else 0,
        due=moment_words(payload["due_at"]),
        escalation=payload.get("step") or "Escalated",
    )


def _solved(ticket: Ticket, payload: Payload) -> Message:
    return blocks.resolved(
        _facts(ticket), by=payload.get("by") or "-", hours=hours_taken(ticket), is_within_sla=is_within_sla(ticket)
    )


def _customer(ticket: Ticket, _: Payload) -> Message:
    return blocks.ticket_card(
        facts_of(ticket, is_internal=False), heading="Your ticket", mark="blue", is_internal=False
    )


# Notices that can open a thread: its head is drawn from them, and drawn again whenever the ticket changes.
HEADS: dict[str, Drawer] = {
    "slack_critical": _critical,
    "slack_sla": _sla,
    "sla_escalation": _escalation,
    "slack_solved": _solved,
    "slack_customer": _customer,
    "slack_customer_solved": _customer,
}
TICKET_TEMPLATES = frozenset({*HEADS, "slack_update", "slack_note", "slack_message"})


def payload_of(delivery: Delivery) -> Payload:
    """Return what the notice needs besides the ticket's rows."""
    event, payload = delivery.event, dict(delivery.payload)
    if event is not None and delivery.template == "slack_solved":
        payload["by"] = event.actor_label
    if event is not None and delivery.template == "sla_escalation":
        payload |= _step_words(event.data.get("run"))
    return payload


def reply_of(delivery: Delivery, ticket: Ticket, payload: Payload) -> Message | None:
    """Return what goes into a thread that is there already; None where its head says all."""
    if delivery.template in ("slack_critical", "slack_sla", "sla_escalation", "slack_solved"):
        return HEADS[delivery.template](ticket, payload)
    if delivery.template == "slack_customer_solved":
        return blocks.note("Your ticket is solved. Answer it in the portal if it is not.")
    if delivery.template == "slack_note":
        return blocks.note(payload["line"])
    if delivery.template == "slack_message":
        return _message(payload)
    return None


def alone(delivery: Delivery) -> Message:
    """Return a message that belongs to no thread."""
    payload = delivery.payload
    if delivery.template == "slack_metrics":
        since, until = (dt.datetime.fromisoformat(payload[name]) for name in ("since", "until"))
        return blocks.team_metrics(metrics_of(payload["period"], since, until))
    return blocks.alert(**payload)


def _message(payload: Payload) -> Message | None:
    message = tickets.Message.objects.public().select_related("author").filter(pk=payload["message"]).first()
    if message is None:
        return None
    deed = "wrote" if message.kind == tickets.Message.Kind.CUSTOMER_MESSAGE else "answered the customer"
    return blocks.note(f"{message.author or 'Somebody'} {deed}:", body=message.body)


def _step_words(run_id: int | None) -> Payload:
    from sla.models import StepRun

    run = StepRun.objects.select_related("step", "event__clock").filter(pk=run_id or 0).first()
    if run is None:
        return {}
    return {"metric": run.event.clock.get_metric_display(), "step": run.step.get_action_display()}
