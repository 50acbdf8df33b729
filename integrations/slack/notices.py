"""Which events Slack is told of, and where. Runs in the event's own transaction and only writes deliveries."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from django.conf import settings

from accounts.models import Tier
from common import context
from common.journal import Event
from common.time import now
from integrations import registry
from integrations.models import Delivery
from integrations.services import queue_delivery
from integrations.slack.channels import circuit_of, purpose
from integrations.slack.models import Purpose, SlackThread
from sla.events import BREACHED, ESCALATION_REACHED, WARNING_REACHED
from sla.models import Storm
from tickets import events
from tickets.models import Ticket
from tickets.vocabulary import Channel, Priority

KIND = "slack"
HEADS = (events.STATUS_CHANGED, events.CLOSED, events.CANCELLED, events.ASSIGNED, events.TEAM_CHANGED, events.MERGED)
WRITTEN = (events.CUSTOMER_MESSAGE_POSTED, events.PUBLIC_REPLY_POSTED)
SLA_LEVELS = (WARNING_REACHED, BREACHED, ESCALATION_REACHED)


def is_quiet() -> bool:
    """Tell whether nobody is told now: Slack is off, or the past of a ticket is being filled in."""
    return context.current().is_backfill or not registry.is_on(KIND)


def tell(template: str, destination: str, event: Event, **payload: Any) -> None:
    """Queue a notice about the event's ticket. Those of one ticket and destination stay in order."""
    delivery = queue_delivery(
        kind=KIND,
        template=template,
        destination=destination,
        event=event,
        payload=payload,
        stream=f"ticket:{event.subject_id}",
    )
    if delivery is not None:
        hold_for_batch(delivery)


def hold_for_batch(delivery: Delivery) -> None:
    """Where notices are batched, let this one wait for the others of its interval. Critical tickets never wait."""
    if settings.SLACK_BATCH_NOTIFICATIONS and delivery.template not in ("slack_critical", "slack_answer"):
        seconds = settings.SLACK_BATCH_INTERVAL_SECONDS
        following = math.ceil(now().timestamp() / seconds) * seconds
        delivery.due_at = dt.datetime.fromtimestamp(following, dt.UTC)
        delivery.save(update_fields=["due_at"])


def opened(event: Event) -> None:
    if is_quiet():
        return
    ticket = _ticket(event)
    if ticket.priority == Priority.P1_CRITICAL:
        tell("slack_critical", purpose(Purpose.CRITICAL), event)
    if channel := _own_channel(ticket):
        tell("slack_customer", channel, event)


def priority_changed(event: Event) -> None:
    if is_quiet():
        return
    if event.data["priority"]["to"] == Priority.P1_CRITICAL:
        tell("slack_critical", purpose(Purpose.CRITICAL), event)
    _redraw(event)


def solved(event: Event) -> None:
    if is_quiet():
        return
    tell("slack_solved", purpose(Purpose.GENERAL), event)
    if channel := _own_channel(_ticket(event)):
        tell("slack_customer_solved", channel, event)
    _tell_threads("slack_note", event, line=f"{event.actor_label} solved the ticket.")


def reopened(event: Event) -> None:
    if not is_quiet():
        _tell_threads("slack_note", event, line=f"{event.actor_label} opened the ticket again.")


def changed(event: Event) -> None:
    """Let the heads of the ticket's threads show how it stands now."""
    if not is_quiet():
        _redraw(event)


def written(event: Event) -> None:
    """Repeat what customer and agents write in the threads of the support team. A customer's channel is read by
    colleagues who may not see the ticket: nothing that was written goes there. Nor does what came from Slack."""
    if not is_quiet() and event.channel != Channel.SLACK and not event.data["is_automatic"]:
        _tell_threads("slack_message", event, is_internal=True, message=event.data["message"])


def level_reached(event: Event) -> None:
    """Tell of a promise that runs out; in a storm one notice tells them all."""
    if is_quiet() or Storm.objects.filter(ended_at=None).exists():
        return
    facts = {name: event.data[name] for name in ("metric", "percent", "due_at")}
    tell("slack_sla", purpose(Purpose.SLA), event, **facts)


def storm_began(event: Event) -> None:
    if not is_quiet():
        send_alert(
            title="Many promises break at once",
            message=f"{event.data['breaches']} deadlines passed within {event.data['minutes']} minutes. "
            "This notice stands for those of every ticket.",
            to=Purpose.SLA,
            url=f"{settings.SITE_URL}/admin/",
            mark="red",
            event=event,
        )


def send_alert(
    *,
    title: str,
    message: str,
    to: str = Purpose.ALERTS,
    url: str = "",
    mark: str = "amber",
    event: Event | None = None,
) -> Delivery | None:
    """Queue words of one's own for the channel of a purpose. mark: red, amber, green or blue."""
    payload = {"title": title, "message": message, "url": url, "mark": mark}
    return queue_delivery(
        kind=KIND, template="slack_alert", destination=purpose(to), event=event, payload=payload, stream=""
    )


def _ticket(event: Event) -> Ticket:
    """Return the event's ticket, which is at hand in the transaction that records it."""
    subject = event.subject
    if not isinstance(subject, Ticket):
        raise TypeError(f"{event.kind} is about no ticket")
    return subject


def _own_channel(ticket: Ticket) -> str:
    """Return the channel of the ticket's organization; "" where it has none or its tier has no Slack."""
    organization = ticket.organization
    return organization.slack_channel_id if organization and organization.tier == Tier.ENTERPRISE else ""


def _redraw(event: Event) -> None:
    _tell_threads("slack_update", event)


def _tell_threads(template: str, event: Event, *, is_internal: bool = False, **payload: Any) -> None:
    """Tell every channel that has a thread of the ticket, or is about to.

    is_internal: leave out the channels of customers.
    """
    threads = SlackThread.objects.filter(ticket=event.subject_id).values_list("destination", flat=True)
    for destination in dict.fromkeys([*threads, *_coming(_ticket(event))]):
        is_customers = not destination.startswith("purpose:")
        if is_customers and is_internal:
            continue
        tell("slack_update" if is_customers else template, destination, event, **({} if is_customers else payload))


def _coming(ticket: Ticket) -> list[str]:
    """Return the destinations at which a notice about the ticket is waiting. Named one by one: so they are steps in
    the index, however many deliveries wait."""
    possible = [*map(purpose, Purpose.values), *filter(None, [_own_channel(ticket)])]
    waiting = Delivery.objects.pending().filter(circuit__in=[circuit_of(one) for one in possible])
    waiting = waiting.filter(destination__in=possible, stream=f"ticket:{ticket.pk}").exclude(stream="")
    return list(waiting.order_by("id").values_list("destination", flat=True))
